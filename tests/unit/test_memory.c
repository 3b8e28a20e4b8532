// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation fails in turn, ours and the JSON library's: what is wanted comes of it
 * whole, or one line that says that memory is out, status 1.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "allocations.h"
#include "bpf/exitstat.h"
#include "cmd/audit.h"
#include "cmd/command.h"
#include "cmd/sinks.h"
#include "cmd/trace.h"
#include "doc/frames.h"
#include "doc/guest_symbols.h"
#include "doc/recording_write.h"
#include "doc/seal.h"
#include "frames_sample.h"
#include "guest/options.h"
#include "guest/watch.h"
#include "guest_sample.h"
#include "pair_sample.h"
#include "unit.h"

#define WRONG "0x4ffffffc 0x00: eax=0x4ffffffc ebx=0x00000000 ecx=0x00000000 edx=0xffffbef5\n"

static struct snapshot snap;
static char folder[] = "/dev/shm/exitstat-unit-XXXXXX" /* where fsync() is free */, host_file[64],
	    guest_file[64], asked_file[64], text_file[64], wide_file[64], wrong_file[64],
	    odd_file[64], result_file[64], said_file[64], frames_file[64], recorded_file[64];

static char *path(char *to, const char *name)
{
	snprintf(to, sizeof(host_file), "%s/%s", folder, name);
	return to;
}

static void write_text(const char *name, const char *text, bool wide)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	if (wide)
		fputs("\xff\xfe", file);
	for (const char *p = text; *p; p++) {
		fputc(*p, file);
		if (wide)
			fputc('\0', file);
	}
	fclose(file);
}

static void ask_as_text(char *text)
{
	static const uint32_t questions[][2] = {
		{ LEAF_WHO, 0 },	  { LEAF_WHO, 1 },   { 0x4ffffffd, PAIR_HLT },
		{ 0x4ffffffa, PAIR_HLT }, { 0x4fffffff, 0 },
	};
	struct cpuid_regs regs;

	for (size_t i = 0; i < COUNT(questions); i++) {
		pair_ask(&regs, questions[i][0], questions[i][1]);
		sprintf(text + strlen(text),
			"   0x%08x 0x%02x: eax=0x%08x ebx=0x%08x ecx=0x%08x edx=0x%08x\n",
			questions[i][0], questions[i][1], regs.eax, regs.ebx, regs.ecx, regs.edx);
	}
}

/* A short life, without answers and with: those of a few questions, which text has. */
static void write_pair(const char *host_name, const char *guest_name, char *text)
{
	json_t *host, *guest;

	pair_begin()->takes_answers = text;
	pair_snapshot();
	pair_exits(PAIR_HLT, 700000, 3);
	pair_wait(1000000);
	if (text)
		ask_as_text(text);
	else
		pair_reading();
	pair_exits(PAIR_HLT, 700000, 3);
	pair_snapshot();
	host = pair_host();
	assert_int_equal(json_dump_file(host, host_name, 0), 0);
	json_decref(host);
	if (text) {
		write_text(guest_name, text, false);
	} else {
		guest = pair_guest();
		assert_int_equal(json_dump_file(guest, guest_name, 0), 0);
		json_decref(guest);
	}
	pair_end();
}

static int write_files(void **state)
{
	char text[2048] = "";

	(void)state;
	assert_non_null(mkdtemp(folder));
	write_pair(path(host_file, "host.json"), path(guest_file, "guest.json"), NULL);
	write_pair(path(asked_file, "asked.json"), path(text_file, "guest.txt"), text);
	write_text(path(wide_file, "wide.txt"), text, true);
	write_text(path(wrong_file, "wrong.txt"), WRONG, false);
	write_text(path(odd_file, "odd.txt"), "{code}\n", false);
	path(result_file, "result.json");
	path(said_file, "said");
	path(frames_file, "frames.json");
	path(recorded_file, "recorded");
	sample_snapshot(&snap);
	return 0;
}

static int remove_files(void **state)
{
	const char *const names[] = { host_file, guest_file,  asked_file,   text_file,
				      wide_file, wrong_file,  odd_file,	    result_file,
				      said_file, frames_file, recorded_file };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(names[i]);
	snapshot_free(&snap);
	return rmdir(folder);
}

/* --- each in turn ------------------------------------------------------------------------- */

/* A status, or -1 with err. Whatever it has made it frees. */
typedef int (*job)(struct error *err);

struct outcome {
	int status;
	struct error err;
};

/* What it prints goes to a file. */
static struct outcome run_quietly(job run)
{
	int out = dup(STDOUT_FILENO), file = open(said_file, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	struct outcome outcome = { 0 };

	unlink(result_file);
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	outcome.status = run(&outcome.err);
	if (outcome.status < 0)
		outcome.status = outcome.err.status;
	fflush(stdout);
	dup2(out, STDOUT_FILENO);
	close(out);
	close(file);
	return outcome;
}

static bool is_same(const struct outcome *a, const struct outcome *b)
{
	return a->status == b->status && !strcmp(a->err.text, b->err.text);
}

static bool says_memory(const struct outcome *outcome)
{
	return outcome->status == STATUS_FAILED && strstr(outcome->err.text, "memory") &&
	       !strchr(outcome->err.text, '\n');
}

/* A file is as it is without faults, but for the time, or not there at all. */
static void expect_no_half(const json_t *whole)
{
	json_t *doc = json_load_file(result_file, 0, NULL);
	struct seal_fault fault;

	if (!doc)
		assert_int_equal(access(result_file, F_OK), -1);
	else if (json_object_get(whole, "seal"))
		assert_int_equal(seal_check(doc, &fault), SEAL_WHOLE);
	else
		assert_true(json_equal(doc, whole));
	json_decref(doc);
}

/* Its nth allocation, or that and all after it: how many there were. */
static size_t fails_at(const char *what, job run, size_t nth, bool all_later,
		       const struct outcome *whole, const json_t *result, size_t *failures)
{
	struct outcome outcome;
	size_t wishes;

	allocations_fail(nth, all_later);
	outcome = run_quietly(run);
	wishes = allocations_end();
	expect_no_half(result);
	if (is_same(&outcome, whole))
		return wishes;
	++*failures;
	if (!says_memory(&outcome))
		fail_msg("%s, allocation %zu fails: status %d, '%s'", what, nth, outcome.status,
			 outcome.err.text);
	return wishes;
}

static void each_fails(const char *what, job run, int expected)
{
	const struct outcome whole = run_quietly(run);
	json_t *result = json_load_file(result_file, 0, NULL);
	size_t wishes = 0, failures = 0;

	if (whole.status != expected)
		fail_msg("%s: status %d, '%s'", what, whole.status, whole.err.text);
	for (int all_later = 0; all_later < 2; all_later++)
		for (size_t nth = 1; nth == 1 || wishes >= nth - 1; nth++)
			wishes = fails_at(what, run, nth, all_later, &whole, result, &failures);
	print_message("%s: %zu allocations\n", what, wishes);
	assert_true(failures > wishes / 2);
	json_decref(result);
}

/* --- what is done ---------------------------------------------------------------------------- */

static int compare(char *host, char *guest, struct error *err)
{
	char *argv[] = { "compare", "--json", result_file, "--vm", "web1", host, guest, NULL };

	return compare_command.run(COUNT(argv) - 1, argv, err);
}

static int compare_documents(struct error *err)
{
	return compare(host_file, guest_file, err);
}

static int compare_text(struct error *err)
{
	return compare(asked_file, text_file, err);
}

static int compare_wide_text(struct error *err)
{
	return compare(asked_file, wide_file, err);
}

static int compare_wrong_text(struct error *err)
{
	return compare(host_file, wrong_file, err);
}

static int compare_what_is_neither(struct error *err)
{
	return compare(asked_file, odd_file, err);
}

static void test_compare(void **state)
{
	(void)state;
	each_fails("compare documents", compare_documents, STATUS_OK);
	each_fails("compare text", compare_text, STATUS_OK);
	each_fails("compare UTF-16", compare_wide_text, STATUS_OK);
	each_fails("compare a wrong text", compare_wrong_text, STATUS_FAILED);
	each_fails("compare what is neither", compare_what_is_neither, STATUS_CANNOT);
}

static int guest(char **args, struct error *err)
{
	struct source source = { .ask = fake_ask };
	struct guest_options options;
	char *argv[9] = { "exitstat-guest" };
	int argc = 1, ret;

	while (*args)
		argv[argc++] = *args++;
	ret = guest_options_parse(&options, argc, argv, err);
	if (ret)
		return ret;
	ret = watch(&options, &source, err);
	guest_options_free(&options);
	return ret;
}

static int guest_watch(struct error *err)
{
	fake_reset(2);
	return guest((char *[]){ "-r", "hlt", "-rcpuid", "-w0.01", "-n2", "-j", result_file, NULL },
		     err);
}

static int guest_all(struct error *err)
{
	fake_reset(1);
	return guest((char *[]){ "-a", "--json", result_file, NULL }, err);
}

static int guest_restarts(struct error *err)
{
	fake_reset(1);
	fake_host.restart_at = 165;
	return guest((char *[]){ "-w0.01", NULL }, err);
}

static void test_guest(void **state)
{
	(void)state;
	each_fails("exitstat-guest -w", guest_watch, STATUS_OK);
	each_fails("exitstat-guest", guest_all, STATUS_OK);
	each_fails("exitstat-guest, counters start again", guest_restarts, STATUS_FAILED);
}

/* An interval and the end of a run. */
static int show_run(struct sink *sink, const struct series *series, struct error *err)
{
	struct run run;

	sample_run(&run, &snap);
	run.series = series;
	if (sink->begin && sink->begin(sink, err))
		return -1;
	if (sink->interval && sink->interval(sink, &run, &snap))
		return fail(err, STATUS_FAILED, "out of memory for an interval");
	return sink->end(sink, &run, err);
}

static int show(struct sink *sink, struct error *err)
{
	const struct point when = { .start_ns = 5 };
	struct snapshot growth = { 0 };
	struct series series = { 0 };
	int ret = -1;

	if (series_add(&series, &when, &snap, true) ||
	    snapshot_subtract(&growth, &snap, &series.points[0].snap))
		fail(err, STATUS_FAILED, "out of memory");
	else
		ret = show_run(sink, &series, err);
	snapshot_free(&growth);
	series_free(&series);
	return ret;
}

static int show_json(struct error *err)
{
	struct json_sink sink = json_sink(result_file);

	return show(&sink.sink, err);
}

static int show_terminal(struct error *err)
{
	struct text_sink sink = terminal_sink(stdout, BY_VCPU, true);

	return show(&sink.sink, err);
}

static int show_lines(struct error *err)
{
	struct text_sink sink = lines_sink(stdout, BY_REASON, true);

	return show(&sink.sink, err);
}

static void test_trace(void **state)
{
	(void)state;
	each_fails("--json", show_json, STATUS_OK);
	each_fails("the terminal", show_terminal, STATUS_OK);
	each_fails("lines", show_lines, STATUS_OK);
}

static int list_reasons(struct error *err)
{
	char *argv[] = { "explain", "--isa", "vmx", NULL };

	return explain_command.run(COUNT(argv) - 1, argv, err);
}

static void test_explain(void **state)
{
	(void)state;
	each_fails("explain", list_reasons, STATUS_OK);
}

static int report(char **args, struct error *err)
{
	int argc = 0;

	while (args[argc])
		argc++;
	return report_command.run(argc, args, err);
}

static int report_all(struct error *err)
{
	return report((char *[]){ "report", "-p", "100", "-c1", "-rcpuid", "--json", result_file,
				  recorded_file, NULL },
		      err);
}

static int report_part(struct error *err)
{
	return report((char *[]){ "report", "--from", "2", "--to=4", "--columns", "p99,count",
				  frames_file, NULL },
		      err);
}

/* What it says to stderr goes the way of its output. */
static int report_csv(struct error *err)
{
	int aside = dup(STDERR_FILENO), status;

	dup2(STDOUT_FILENO, STDERR_FILENO);
	status = report((char *[]){ "report", "--csv", "--per=2", "--by=vcpu", "--sort=p50",
				    recorded_file, NULL },
			err);
	dup2(aside, STDERR_FILENO);
	close(aside);
	return status;
}

static void test_report(void **state)
{
	(void)state;
	write_frames(frames_file, 5);
	write_recorded(recorded_file, 5);
	each_fails("report --json", report_all, STATUS_OK);
	each_fails("report --from --to", report_part, STATUS_OK);
	each_fails("report --csv", report_csv, STATUS_OK);
}

static int diff(struct error *err)
{
	char part[sizeof(frames_file) + 8];
	char *argv[] = { "diff",    "--json",	 result_file,
			 "--by=vm", "--fail-if", "web1:CPUID.count>1",
			 "-rcpuid", "-rhlt",	 recorded_file,
			 part,	    NULL };

	snprintf(part, sizeof(part), "%s@1..4", frames_file);
	return diff_command.run(COUNT(argv) - 1, argv, err);
}

static void test_diff(void **state)
{
	(void)state;
	write_frames(frames_file, 5);
	write_recorded(recorded_file, 11);
	each_fails("diff", diff, STATUS_FAILED);
}

static int parse_trace(struct error *err)
{
	char *argv[] = { "exitstat-bpf",
			 "-r",
			 "hlt",
			 "-r10",
			 "-p1",
			 "-p",
			 "2",
			 "-c0",
			 "-c1",
			 "--detail=rip",
			 "--guest-symbols",
			 "a=b",
			 "--guest-symbols",
			 "c=d",
			 NULL };
	struct trace_options options;
	int ret = trace_options_parse(&options, COUNT(argv) - 1, argv, err);

	if (!ret)
		trace_options_free(&options);
	return ret;
}

static int parse_audit(struct error *err)
{
	char *argv[] = { "audit", "-p1", "-p", "2", "--", "true", NULL };
	struct audit_options options;
	int ret = audit_options_parse(&options, COUNT(argv) - 1, argv, err);

	if (!ret)
		audit_options_free(&options);
	return ret;
}

/* Of text and of ELF, where the tests run. */
static int read_symbols(struct error *err)
{
	struct guests_symbols guests = { 0 };
	int ret = guest_symbols_read(&guests, "web1=tests/fuzz/corpus/symbols/kallsyms.txt", err);

	ret = ret ?: guest_symbols_read(&guests, "7=tests/fuzz/corpus/symbols/small.elf", err);
	guests_symbols_free(&guests);
	return ret;
}

/* Written, and read again. */
static int record(struct error *err)
{
	struct recording *recording;
	struct frames *frames;
	const struct run *back;
	struct run run;
	int ret;

	sample_run(&run, &snap);
	if (recording_create(&recording, result_file, err))
		return -1;
	ret = recording_add(recording, &run, false, err)
		      ?: recording_add(recording, &run, true, err);
	recording_close(recording, NULL);
	ret = ret ?: frames_open(&frames, result_file, err);
	unlink(result_file);
	if (ret)
		return ret;
	while ((ret = frames_next(frames, &back, err)) == 1)
		;
	frames_close(frames);
	return ret;
}

static void test_recording(void **state)
{
	(void)state;
	each_fails("a recording", record, STATUS_OK);
}

static void test_symbols(void **state)
{
	(void)state;
	each_fails("a guest's symbols", read_symbols, STATUS_OK);
}

static void test_options(void **state)
{
	(void)state;
	each_fails("options of trace", parse_trace, STATUS_OK);
	each_fails("options of audit", parse_audit, STATUS_OK);
}

UNIT_TESTS(memory)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),	  cmocka_unit_test(test_guest),
		cmocka_unit_test(test_trace),	  cmocka_unit_test(test_explain),
		cmocka_unit_test(test_symbols),	  cmocka_unit_test(test_options),
		cmocka_unit_test(test_recording), cmocka_unit_test(test_report),
		cmocka_unit_test(test_diff),
	};

	tally_add(tally, COUNT(tests),
		  cmocka_run_group_tests_name("memory", tests, write_files, remove_files));
}
