// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/audit.h"
#include "cmd/trace.h"
#include "unit.h"
#include "base/version.h"

#define MAX_ARGS 16

/* PARSE("-i", "2"): as if called with these arguments. */
#define PARSE(options, err, ...) parse(options, err, (char *[]){ __VA_ARGS__, NULL })

static int parse(struct trace_options *options, struct error *err, char **args)
{
	static char *argv[MAX_ARGS + 1];
	int argc = 0;

	argv[argc++] = "exitstat-bpf";
	for (; *args; args++) {
		assert_true(argc < MAX_ARGS);
		argv[argc++] = *args;
	}
	argv[argc] = NULL;
	memset(err, 0x5a, sizeof(*err));
	return trace_options_parse(options, argc, argv, err);
}

static void test_defaults(void **state)
{
	char *argv[] = { "exitstat-bpf", NULL };
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(trace_options_parse(&o, 1, argv, &err), 0);
	assert_int_equal(o.host.session.interval_ns, NS_OF(1));
	assert_int_equal(o.host.session.duration_ns, 0);
	assert_int_equal(o.host.session.tracer.max_vcpus, 4096);
	assert_false(o.host.session.tracer.at_once);
	assert_int_equal(o.host.session.tracer.npids + o.host.session.tracer.nvcpus + o.nfilters,
			 0);
	assert_int_equal(o.tables.by, BY_VM);
	assert_false(o.histograms);
	assert_false(o.host.session.tracer.verbose);
	assert_null(o.host.json);
	assert_null(o.host.session.command);
	trace_options_free(&o);
}

static void check_all(struct trace_options *o)
{
	assert_int_equal(o->host.session.interval_ns, 2500000000);
	assert_int_equal(o->host.session.duration_ns, NS_OF(60));
	assert_int_equal(o->host.session.tracer.npids, 1);
	assert_int_equal(o->host.session.tracer.pids[0], 4711);
	assert_int_equal(o->host.session.tracer.nvcpus, 1);
	assert_int_equal(o->host.session.tracer.vcpus[0], 0);
	assert_int_equal(o->nfilters, 1);
	assert_true(reason_filter_matches(&o->filters[0], 1, 10));
	assert_true(o->host.session.tracer.verbose);
	trace_options_free(o);
	assert_null(o->host.session.tracer.pids);
}

static void test_short_options(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "-i", "2.5", "-d", "60", "-p", "4711", "-c", "0", "-r",
			       "cpuid", "-v"),
			 0);
	check_all(&o);
	assert_int_equal(PARSE(&o, &err, "-i2.5", "-d60", "-p4711", "-c0", "-r0xa", "-v"), 0);
	check_all(&o);
}

static void test_long_options(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "--interval", "2.5", "--duration", "60", "--pid", "4711",
			       "--vcpu", "0", "--reason", "cpuid", "--verbose"),
			 0);
	check_all(&o);
	assert_int_equal(PARSE(&o, &err, "--interval=2.5", "--duration=60", "--pid=4711",
			       "--vcpu=0", "--reason=cpuid", "--verbose"),
			 0);
	check_all(&o);
	assert_int_equal(PARSE(&o, &err, "--json", "f.json", "--histogram", "--self", "--max-vcpus",
			       "65536"),
			 0);
	assert_string_equal(o.host.json, "f.json");
	assert_true(o.histograms);
	assert_true(o.host.session.tracer.self);
	assert_int_equal(o.host.session.tracer.max_vcpus, 65536);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--json=-", "--max-vcpus=1"), 0);
	assert_string_equal(o.host.json, "-");
	assert_int_equal(o.host.session.tracer.max_vcpus, 1);
	assert_true(o.host.session.tracer.at_once);
	trace_options_free(&o);
}

static void test_by(void **state)
{
	static char *const names[] = { "vm", "vcpu", "reason", "level" };
	struct trace_options o;
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		assert_int_equal(PARSE(&o, &err, "--by", names[i]), 0);
		assert_int_equal(o.tables.by, i);
		trace_options_free(&o);
	}
}

static void test_repeated_options_add_up(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "-p", "1", "-p", "2147483647", "--pid=3", "-c7", "-c",
			       "2147483647", "-rhlt", "-r", "400", "-rNPF"),
			 0);
	assert_int_equal(o.host.session.tracer.npids, 3);
	assert_int_equal(o.host.session.tracer.pids[0], 1);
	assert_int_equal(o.host.session.tracer.pids[1], 2147483647);
	assert_int_equal(o.host.session.tracer.pids[2], 3);
	assert_int_equal(o.host.session.tracer.nvcpus, 2);
	assert_int_equal(o.host.session.tracer.vcpus[0], 7);
	assert_int_equal(o.host.session.tracer.vcpus[1], 2147483647);
	assert_int_equal(o.nfilters, 3);
	assert_true(o.filters[1].is_number);
	assert_true(o.filters[2].on_svm);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "-i", "1", "-i", "2", "--json=a", "--json=b"), 0);
	assert_int_equal(o.host.session.interval_ns, NS_OF(2));
	assert_string_equal(o.host.json, "b");
	trace_options_free(&o);
}

/* Refused as wrong usage, in one line that names what is wrong. */
static void assert_refused(const char *naming, char **args)
{
	struct trace_options o;
	struct error err;

	if (!parse(&o, &err, args))
		fail_msg("%s is taken", naming);
	assert_int_equal(err.status, STATUS_USAGE);
	assert_non_null(memchr(err.text, '\0', sizeof(err.text)));
	if (!strstr(err.text, naming))
		fail_msg("'%s' does not name '%s'", err.text, naming);
	for (const char *p = err.text; *p; p++)
		assert_true((unsigned char)*p >= ' ' && *p != 0x7f);
	assert_null(o.host.session.tracer.pids);
	assert_null(o.filters);
}

#define REFUSED(naming, ...) assert_refused(naming, (char *[]){ __VA_ARGS__, NULL })

static void test_wrong_values(void **state)
{
	static char *const seconds[] = { "",	"0",   "0.009",	  "-1",	 "1s",
					 "1e3", "nan", "1000001", "0x1", "1.0000000000" };
	static char *const numbers[] = { "", "-1", "1.0", "a", "2147483648", "0x", " 1", "1 " };
	static char *const others[] = { "", "VM", "vms", "vcpu ", "1" };

	(void)state;
	for (size_t i = 0; i < COUNT(seconds); i++) {
		REFUSED("--interval", "-i", seconds[i]);
		REFUSED("--duration", "--duration", seconds[i]);
	}
	for (size_t i = 0; i < COUNT(numbers); i++) {
		REFUSED("--pid", "-p", numbers[i]);
		REFUSED("--vcpu", "-p", "1", "-c", numbers[i]);
		REFUSED("--max-vcpus", "--max-vcpus", numbers[i]);
	}
	for (size_t i = 0; i < COUNT(others); i++)
		REFUSED("--by", "--by", others[i]);
	REFUSED("--pid", "-p", "0");
	REFUSED("--max-vcpus", "--max-vcpus", "0");
	REFUSED("--max-vcpus", "--max-vcpus", "65537");
	REFUSED("--reason", "-r", "");
	REFUSED("--reason", "-r", "CPUIDS");
	REFUSED("--reason", "-r", "4294967296");
	REFUSED("--json", "--json", "");
	REFUSED("--json", "--json=");
}

static void test_control_characters_stay_out_of_the_message(void **state)
{
	char long_text[3000];

	(void)state;
	REFUSED("--by", "--by", "v\nm");
	REFUSED("--reason", "-r", "\x1b[31mCPUID\r");
	REFUSED("argument", "a\nb");
	REFUSED("option", "--a\nb");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	REFUSED("--by", "--by", long_text);
}

static void test_unknown_options(void **state)
{
	(void)state;
	REFUSED("--bogus", "--bogus");
	REFUSED("--bogus", "-v", "--bogus", "-v");
	REFUSED("--bogus=1", "-p", "1", "--bogus=1");
	REFUSED("-z", "-z");
	REFUSED("-z", "-p", "1", "-z", "-v");
	REFUSED("-vz", "-p", "1", "-vz");
	REFUSED("-zv", "-v", "-zv", "-v");
	REFUSED("--v", "-v", "--v"); /* --vcpu or --verbose? */
	REFUSED("--verbose=1", "--verbose=1");
	REFUSED("--histogram=x", "-v", "--histogram=x", "-i", "1");
}

static void test_missing_values(void **state)
{
	(void)state;
	REFUSED("-i", "-i");
	REFUSED("-p", "-v", "-p");
	REFUSED("--json", "-v", "--json");
	REFUSED("--by", "-i", "1", "--by");
	REFUSED("-vr", "-p", "1", "-vr");
}

static void test_stray_arguments(void **state)
{
	(void)state;
	REFUSED("ls", "ls");
	REFUSED("ls", "-v", "ls", "-v");
	REFUSED("ls", "-v", "ls", "--", "true");
	REFUSED("-'", "-", "--", "true");
	REFUSED("''", "");
	/* This -- is a file's name, so what follows is no command. */
	REFUSED("ls", "--json", "--", "ls");
}

static void test_command(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "-v", "--json", "f", "--", "cmd", "--json", "x", "-i",
			       "--help", "--", "z"),
			 0);
	assert_string_equal(o.host.json, "f");
	assert_true(o.host.session.tracer.verbose);
	assert_int_equal(o.host.session.interval_ns, NS_OF(1));
	assert_string_equal(o.host.session.command[0], "cmd");
	assert_string_equal(o.host.session.command[1], "--json");
	assert_string_equal(o.host.session.command[4], "--help");
	assert_string_equal(o.host.session.command[5], "--");
	assert_string_equal(o.host.session.command[6], "z");
	assert_null(o.host.session.command[7]);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--"), 0);
	assert_null(o.host.session.command);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--", "-v"), 0);
	assert_false(o.host.session.tracer.verbose);
	assert_string_equal(o.host.session.command[0], "-v");
	trace_options_free(&o);
}

/* What it prints to stdout before it exits with 0; "" if it does not. */
static void output_of(char *text, size_t size, char **args)
{
	struct trace_options o;
	struct error err;
	int ends[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		parse(&o, &err, args);
		_exit(99);
	}
	close(ends[1]);
	while ((n = read(ends[0], text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	close(ends[0]);
	text[len] = '\0';
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		text[0] = '\0';
}

static void test_snapshots(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "--snapshots", "--json", "f", "--", "true"), 0);
	assert_true(o.snapshots);
	trace_options_free(&o);
	REFUSED("--json", "--snapshots");
	REFUSED("--json", "--snapshots", "--", "true");
	REFUSED("--vcpu", "--snapshots", "--json", "f", "-c", "0");
	REFUSED("--reason", "--json", "f", "-r", "10", "--snapshots");
}

static void test_detail(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "-i", "1"), 0);
	assert_int_equal(o.host.session.tracer.kinds, 0);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--detail"), 0);
	assert_int_equal(o.host.session.tracer.kinds, (1u << EXITSTAT_RIP) - 1);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--detail=msr,io,msr"), 0);
	assert_int_equal(o.host.session.tracer.kinds, 1u << EXITSTAT_MSR | 1u << EXITSTAT_IO);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--sort", "P99"), 0);
	assert_true(o.tables.sort);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--sort=vmm", "--split"), 0);
	assert_true(o.tables.sort && o.host.session.tracer.split);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--slowest=32"), 0);
	assert_int_equal(o.host.session.tracer.nslowest, 32);
	assert_true(o.host.session.tracer.split);
	assert_int_equal(o.host.session.tracer.kinds, (1u << EXITSTAT_RIP) - 1);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--slowest", "1", "--detail=io"), 0);
	assert_int_equal(o.host.session.tracer.kinds, 1u << EXITSTAT_IO);
	trace_options_free(&o);
	REFUSED("--slowest", "--slowest", "0");
	REFUSED("--slowest", "--slowest", "33");
	assert_int_equal(PARSE(&o, &err, "--columns", "avg", "--columns=p99,Count,exits/s"), 0);
	assert_int_equal(o.tables.ncolumns, 3);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--columns=runnable", "--split"), 0);
	trace_options_free(&o);
	REFUSED("--columns RUNNABLE: needs --split", "--columns", "count,runnable");
	REFUSED("--columns", "--columns", "count,p98");
	REFUSED("--columns", "--columns", "count,count");
	REFUSED("--columns", "--columns", "");
	REFUSED("--columns", "--columns", "count,");
	assert_int_equal(PARSE(&o, &err, "--csv", "--json", "f"), 0);
	assert_true(o.csv);
	trace_options_free(&o);
	REFUSED("no place for --histogram", "--csv", "--histogram");
	REFUSED("no place for --explain", "--csv", "--explain");
	REFUSED("both go to stdout", "--csv", "--json=-");
	REFUSED("needs --split", "--sort", "vmm");
	REFUSED("--sort", "--sort", "nothing");
	REFUSED("--sort", "--sort", "");
	REFUSED("--detail", "--detail=");
	REFUSED("--detail", "--detail=io,");
	assert_int_equal(PARSE(&o, &err, "--detail=rip,io"), 0);
	assert_int_equal(o.host.session.tracer.kinds, 1u << EXITSTAT_IO | 1u << EXITSTAT_RIP);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--detail=rip", "--guest-symbols", "a=b",
			       "--guest-symbols", "7=c=d"),
			 0);
	assert_int_equal(o.nsymbols, 2);
	assert_string_equal(o.symbols[1], "7=c=d");
	trace_options_free(&o);
	REFUSED("--guest-symbols", "--guest-symbols", "a=b");
	REFUSED("--guest-symbols", "--detail", "--guest-symbols", "a=b");
	REFUSED("--guest-symbols", "--detail=rip", "--guest-symbols", "ab");
	REFUSED("--guest-symbols", "--detail=rip", "--guest-symbols", "=b");
	REFUSED("--guest-symbols", "--detail=rip", "--guest-symbols", "a=");
	REFUSED("--detail", "--detail=none");
	REFUSED("--detail",
		"--detail=io,msr,mmio,fault,cpuid,hypercall,vector,io,msr,mmio,fault,"
		"cpuid,hypercall,vector,io,msr,mmio,fault,cpuid,hypercall,vector,io,msr");
}

static void test_explain(void **state)
{
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "-i", "1"), 0);
	assert_false(o.explain);
	trace_options_free(&o);
	assert_int_equal(PARSE(&o, &err, "--explain"), 0);
	assert_true(o.explain);
	assert_int_equal(o.host.session.tracer.kinds, 0);
	trace_options_free(&o);
	REFUSED("--explain", "--explain=io");
}

/* The whole terminal, unless something is asked for that only tables have. */
static void test_screen(void **state)
{
	static char *const tables[][3] = {
		{ "--by", "vcpu" }, { "--histogram" }, { "--explain" },	  { "--slowest", "3" },
		{ "--self" },	    { "-d", "1" },     { "--json", "f" }, { "--", "true" },
	};
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(PARSE(&o, &err, "-i", "2", "-p", "1", "-c", "0", "-r", "HLT", "--split",
			       "--detail", "--sort", "p99"),
			 0);
	assert_true(o.screen);
	assert_false(o.only_screen);
	trace_options_free(&o);
	for (size_t i = 0; i < COUNT(tables); i++) {
		assert_int_equal(parse(&o, &err, (char **)tables[i]), 0);
		assert_false(o.screen);
		trace_options_free(&o);
	}
	REFUSED("--replay", "--replay", "f");
}

static int parse_top(struct trace_options *o, struct error *err, char **args)
{
	static char *argv[MAX_ARGS + 1] = { "exitstat-bpf top" };
	int argc = 1;

	for (; *args; args++)
		argv[argc++] = *args;
	argv[argc] = NULL;
	memset(err, 0x5a, sizeof(*err));
	return trace_options_parse_top(o, "Text.", argc, argv, err);
}

#define PARSE_TOP(...) parse_top(&o, &err, (char *[]){ __VA_ARGS__, NULL })

static void test_top(void **state)
{
	static char *const wrong[][5] = {
		{ "--by", "vm" },
		{ "--histogram" },
		{ "--self" },
		{ "--replay", "" },
		{ "--replay" },
		{ "--replay", "f", "--split" },
		{ "--replay", "f", "-p", "1" },
		{ "--replay", "f", "-c", "1" },
		{ "--replay", "f", "-d", "1" },
		{ "--replay", "f", "--", "true" },
		{ "f" },
	};
	struct trace_options o;
	struct error err;

	(void)state;
	assert_int_equal(
		PARSE_TOP("-d", "5", "--json", "f", "--detail=io", "--split", "--", "true"), 0);
	assert_true(o.screen && o.only_screen);
	assert_null(o.replay);
	assert_true(o.host.session.tracer.apicv);
	assert_string_equal(o.host.session.command[0], "true");
	trace_options_free(&o);
	/* By a column that the file may have. */
	assert_int_equal(PARSE_TOP("--replay", "f", "-i", "0.5", "-r", "HLT", "--sort", "vmm"), 0);
	assert_string_equal(o.replay, "f");
	assert_int_equal(o.nfilters, 1);
	trace_options_free(&o);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(parse_top(&o, &err, (char **)wrong[i]), -1);
		assert_int_equal(err.status, STATUS_USAGE);
	}
}

static void test_help_and_version(void **state)
{
	char text[8192], version[128];

	(void)state;
	output_of(text, sizeof(text), (char *[]){ "--help", NULL });
	assert_non_null(strstr(text, "--max-vcpus"));
	assert_non_null(strstr(text, "Exit status"));
	output_of(text, sizeof(text), (char *[]){ "-v", "-?", NULL });
	assert_non_null(strstr(text, "--max-vcpus"));
	output_of(text, sizeof(text), (char *[]){ "--usage", NULL });
	assert_non_null(strstr(text, "--max-vcpus"));
	snprintf(version, sizeof(version), "exitstat-bpf %s\n", exitstat_version);
	output_of(text, sizeof(text), (char *[]){ "-i", "1", "--version", NULL });
	assert_string_equal(text, version);
	output_of(text, sizeof(text), (char *[]){ "-V", NULL });
	assert_string_equal(text, version);
}

/* Whoever asks for help, in whatever form, must not get a trace instead. */
static void test_abbreviated_help_does_not_trace(void **state)
{
	static char *const forms[] = { "--hel", "--usag", "--versio", "-v?", "-vV" };
	char text[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(forms); i++) {
		output_of(text, sizeof(text), (char *[]){ forms[i], NULL });
		if (!text[0])
			REFUSED(forms[i], forms[i]);
	}
}

UNIT_TESTS(options)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_short_options),
		cmocka_unit_test(test_long_options),
		cmocka_unit_test(test_by),
		cmocka_unit_test(test_repeated_options_add_up),
		cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_control_characters_stay_out_of_the_message),
		cmocka_unit_test(test_unknown_options),
		cmocka_unit_test(test_missing_values),
		cmocka_unit_test(test_stray_arguments),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_snapshots),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_screen),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_abbreviated_help_does_not_trace),
	};

	RUN_GROUP(tally, "options", tests);
}
