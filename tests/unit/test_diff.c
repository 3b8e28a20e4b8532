// SPDX-License-Identifier: GPL-2.0-only
/* exitstat-bpf diff: its files, its tables, what must not be. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bpf/exitstat.h"
#include "cmd/diff.h"
#include "doc/recording_write.h"
#include "frames_sample.h"
#include "model/samples.h"
#include "shown.h"
#include "unit.h"

#define DIFF(...) SHOW(&diff_command, __VA_ARGS__)

static char folder[64], before[4096];

static const char *const names[] = { "a.rec",	 "b.rec",    "few.rec", "plain.json",
				     "out.json", "out.html", "x@y" };

/* In each second so many CPUID, not always the same, that take so long; and HLT, the same. */
static void add_second(struct snapshot *snap, uint64_t second, uint64_t count, uint64_t ns)
{
	struct vcpu_stat *vcpu = &snap->vms[0].vcpus[0];

	sample_exits(&vcpu->reasons[0], ns + 100 * (second * 7 % 5), count + second * 3 % 7);
	sample_exits(&vcpu->reasons[0], 20 * ns, count / 50);
	sample_exits(&vcpu->reasons[1], 5000000, 10 + second % 2);
}

static void write_run(const char *name, uint64_t seconds, uint64_t count, uint64_t ns)
{
	struct snapshot snap = { 0 };
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, 100, "web1"), 0);
	struct recording *recording;
	struct error err;
	struct run run;

	sample_reason(vcpu, EXITSTAT_ISA_VMX, 10);
	sample_reason(vcpu, EXITSTAT_ISA_VMX, 12);
	assert_int_equal(recording_create(&recording, name, &err), 0);
	for (uint64_t i = 1; i <= seconds; i++) {
		add_second(&snap, i, count, ns);
		sample_run(&run, &snap);
		run.ns = NS_OF(i);
		run.end = clock_later(&run.start, run.ns);
		assert_int_equal(recording_add(recording, &run, i == seconds, &err), 0);
	}
	assert_int_equal(recording_close(recording, &err), 0);
	snapshot_free(&snap);
}

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/exitstat-unit-XXXXXX");
	assert_non_null(getcwd(before, sizeof(before)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	write_run("a.rec", 40, 1000, 10000);
	write_run("b.rec", 40, 1300, 10000);
	write_run("few.rec", 5, 1000, 10000);
	write_frames("plain.json", 12);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(names[i]);
	return chdir(before) || rmdir(folder);
}

static void test_same(void **state)
{
	(void)state;
	assert_int_equal(DIFF("a.rec", "a.rec"), 0);
	has_text(said, "A: a.rec, 40.0 s in 40 intervals: from 0.000 s to 40.000 s of 40.000 s\n");
	has_text(said, "\nREASON       EXITS/S      ->  CHANGE ");
	assert_null(strstr(said, " \n"));
	has_text(said, "nothing differs by more than the noise between intervals, and 5 %\n");
	assert_int_equal(DIFF("a.rec@0..20", "a.rec@20..40"), 0);
	has_text(said, "B: a.rec, 20.0 s in 20 intervals: from 20.000 s to 40.000 s of 40.000 s\n");
	has_text(said, "nothing differs");
}

static void test_changed(void **state)
{
	(void)state;
	assert_int_equal(DIFF("a.rec", "b.rec"), 0);
	has_text(said, "changed, by more than the noise between intervals, and 5 %:\n");
	has_text(said, "  CPUID, count: 1023 -> 1329, +29.9% (p ");
	has_text(said, "  CPUID, time: ");
	assert_null(strstr(said, "  CPUID, avg: "));
	assert_null(strstr(said, "  CPUID, p99: "));
	assert_null(strstr(said, "  HLT, count"));
	has_text(said, "+29.9%*");
	assert_int_equal(DIFF("a.rec", "b.rec", "-r", "cpuid", "--least", "40"), 0);
	has_text(said, "nothing differs by more than the noise between intervals, and 40 %\n");
	assert_int_equal(DIFF("a.rec", "b.rec", "-r", "hlt"), 0);
	assert_null(strstr(said, "CPUID"));
	assert_int_equal(DIFF("a.rec", "b.rec", "--by=vm"), 0);
	has_text(said, "\nweb1\nREASON");
	has_text(said, "  web1: CPUID, count: 1023 -> 1329");
	write_run("b.rec", 40, 1000, 13000);
	assert_int_equal(DIFF("a.rec", "b.rec"), 0);
	has_text(said, "  CPUID, p50: ");
	has_text(said, "  CPUID, avg: ");
	assert_null(strstr(said, "  CPUID, count: "));
	write_run("b.rec", 40, 1300, 10000);
}

/* Too few intervals, or no distributions: that is said, and nothing is named. */
static void test_not_judged(void **state)
{
	(void)state;
	assert_int_equal(DIFF("few.rec", "b.rec"), 0);
	has_text(said, "   not judged: it takes 10 intervals to know their noise\n");
	has_text(said, "+29.9%?");
	has_text(said, "not judged: whether anything differs by more than noise is not known\n");
	assert_int_equal(DIFF("plain.json@..6", "plain.json@6.."), 0);
	has_text(said, "A: plain.json, 6.0 s in 6 intervals");
	has_text(said, "its snapshots have counts and times only: percentiles are not judged\n");
	assert_null(strstr(said, "P99"));
	assert_int_equal(DIFF("plain.json", "a.rec"), 0);
	has_text(said, "EPT_VIOLATION");
	has_text(said, "  CPUID, count: 101 -> 1023, +912.9% (p ");
}

static void failed_if(int status, const char *condition, const char *word)
{
	char line[256];

	if (DIFF("a.rec", "b.rec", "--fail-if", (char *)condition) != status)
		fail_msg("%s: not status %d:\n%s", condition, status, said);
	snprintf(line, sizeof(line), "fail-if %s: %s: ", condition, word);
	has_text(said, line);
}

static void test_conditions(void **state)
{
	(void)state;
	failed_if(1, "CPUID.count>+20%", "FAILED");
	failed_if(0, "CPUID.count>+30%", "ok");
	failed_if(0, "CPUID.count<-20%", "ok");
	failed_if(1, "cpuid.count>+250", "FAILED");
	failed_if(0, "0xa.count>+350/s", "ok");
	failed_if(1, "CPUID.count>1300/s", "FAILED");
	failed_if(1, "CPUID.count<1400", "FAILED");
	failed_if(0, "CPUID.count>1400", "ok");
	failed_if(1, "total.count>+20%", "FAILED");
	failed_if(1, "CPUID.time>15ms", "FAILED");
	failed_if(1, "CPUID.time>15000us/s", "FAILED");
	failed_if(1, "CPUID.time>+2ms/s", "FAILED");
	failed_if(0, "CPUID.time>1s", "ok");
	failed_if(1, "HLT.share>50%", "FAILED");
	failed_if(0, "HLT.share<50%", "ok");
	failed_if(1, "CPUID.share>+2pp", "FAILED");
	failed_if(0, "CPUID.share>+90%", "ok");
	failed_if(1, "CPUID.avg<1ms", "FAILED");
	failed_if(0, "CPUID.p50>+1%", "ok");
	failed_if(1, "CPUID.p90>9.9us", "FAILED");
	failed_if(1, "CPUID.max>199000ns", "FAILED");
	failed_if(0, "CPUID.max>300us", "ok");
}

/* What is not there, or not known, is no success. */
static void test_conditions_fail(void **state)
{
	(void)state;
	assert_int_equal(DIFF("a.rec", "b.rec", "--fail-if", "IO_INSTRUCTION.count>1"), 1);
	has_text(said, "fail-if IO_INSTRUCTION.count>1: FAILED, as there is no such value\n");
	assert_int_equal(DIFF("a.rec", "b.rec", "--fail-if", "CPUID/L2.count>1"), 1);
	assert_int_equal(DIFF("few.rec", "b.rec", "--fail-if", "CPUID.count>+90%"), 1);
	has_text(said, "fail-if CPUID.count>+90%: FAILED, as it cannot be judged: CPUID, 1023 -> ");
	assert_int_equal(DIFF("few.rec", "b.rec", "--fail-if", "CPUID.count>2000"), 0);
	assert_int_equal(DIFF("a.rec", "b.rec", "--by", "vm", "--fail-if", "web2:CPUID.count>1"),
			 1);
	has_text(said, "no such value");
	assert_int_equal(DIFF("a.rec", "b.rec", "--by", "vm", "--fail-if", "web1:CPUID.count>+20%",
			      "--fail-if", "total.count<1"),
			 1);
	has_text(said, "fail-if web1:CPUID.count>+20%: FAILED: web1: CPUID, 1023 -> 1329\n");
	has_text(said, "fail-if total.count<1: ok: web1: all reasons, ");
}

static void test_json(void **state)
{
	json_t *doc, *row;

	(void)state;
	assert_int_equal(DIFF("a.rec", "b.rec", "--json", "out.json", "--fail-if",
			      "CPUID.count>+20%", "--fail-if", "NMI_WINDOW.p50>1us"),
			 1);
	doc = json_load_file("out.json", 0, NULL);
	assert_non_null(doc);
	assert_string_equal(json_string_value(json_object_get(doc, "schema")), "exitstat-diff/1");
	assert_true(json_is_true(json_object_get(doc, "failed")));
	assert_int_equal(json_array_size(json_object_get(doc, "conditions")), 2);
	assert_int_equal(json_array_size(json_object_get(doc, "rows")), 3);
	row = json_object_get(json_array_get(json_object_get(doc, "rows"), 2), "count");
	assert_string_equal(json_string_value(json_object_get(row, "judgement")), "changed");
	assert_true(fabs(json_real_value(json_object_get(row, "change")) - 0.299) < 0.001);
	json_decref(doc);
	assert_int_equal(DIFF("a.rec", "b.rec", "--json=-"), 0);
	doc = json_loads(said, 0, NULL);
	assert_non_null(doc);
	json_decref(doc);
	has_text(said_aside, "changed, by more");
}

/* A name with an @ is a file if there is one. */
static void test_names(void **state)
{
	(void)state;
	assert_int_equal(DIFF("a.rec@1..x", "b.rec"), -1);
	said_refused(STATUS_USAGE, "a.rec@1..x");
	write_run("x@y", 12, 1000, 10000);
	assert_int_equal(DIFF("x@y", "x@y@2..5"), 0);
	has_text(said, "A: x@y, 12.0 s");
	has_text(said, "B: x@y, 3.0 s");
	assert_int_equal(DIFF("none", "b.rec"), -1);
	said_refused(STATUS_CANNOT, "none");
	assert_int_equal(DIFF("a.rec@50..", "b.rec"), -1);
	said_refused(STATUS_CANNOT, "a.rec has nothing of that time");
}

/* Digits of a document, others of a recording: whatever is made of it, nobody crashes. */
static void change(const char *from, const char *to, uint64_t *seed)
{
	static char text[1 << 17];
	FILE *file = fopen(from, "r");
	size_t len, at;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_true(len > 100 && len < sizeof(text));
	for (size_t i = 0; i < 1 + next_random(seed) % 3; i++) {
		at = next_random(seed) % len;
		if (*text == '{')
			while (text[at] < '0' || text[at] > '9')
				at = next_random(seed) % len;
		text[at] = *text == '{' ? (char)('0' + next_random(seed) % 10)
					: (char)(text[at] ^ (1 << next_random(seed) % 8));
	}
	file = fopen(to, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void test_made_up_files(void **state)
{
	static const char *const files[] = { "plain.json", "few.rec" };
	uint64_t seed = 7;
	size_t taken = 0;

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		change(files[i % 2], "x@y", &seed);
		taken += !DIFF("x@y", "plain.json", "--by", "vm");
		DIFF("x@y@1..4", "x@y@4..", "--json", "out.json");
		SHOW(&report_command, "x@y", "--from", "2", "--by=level", "--histogram");
		SHOW(&report_command, "x@y", "--per=2", "--csv");
		SHOW(&report_command, "x@y", "--html", "out.html");
	}
	print_message("%zu of 400 files with changed bytes are shown\n", taken);
	assert_true(taken > 20 && taken < 380);
}

static void test_usage(void **state)
{
	static const struct {
		const char *why;
		char *args[4];
	} cases[] = {
		{ "give two files", { NULL } },
		{ "give two files", { "a.rec" } },
		{ "two files only", { "a", "b", "c" } },
		{ "read only once", { "-", "-" } },
		{ "a file's name", { "", "b" } },
		{ "a file's name", { "a", "@1..2" } },
		{ "--by 'level'", { "a", "b", "--by", "level" } },
		{ "--least '-1'", { "a", "b", "--least", "-1" } },
		{ "--least '1001'", { "a", "b", "--least", "1001" } },
		{ "--reason 'x'", { "a", "b", "-r", "x" } },
		{ "--json ''", { "a", "b", "--json=" } },
		{ "option '--no'", { "a", "b", "--no" } },
	};
	static char *const conditions[] = {
		"",
		"CPUID",
		"CPUID.count",
		"CPUID.count>",
		"CPUID.count>x",
		"CPUID.count>+",
		"CPUID.count>20%",
		"CPUID.count>1us",
		"CPUID.count=1",
		"CPUID.rate>1",
		"NOSUCH.count>1",
		".count>1",
		"CPUID.time>5",
		"CPUID.p99>+20",
		"CPUID.p99>1us/s",
		"CPUID.p99>-+1us",
		"CPUID.p99>1 us",
		"CPUID.p99>nan",
		"CPUID.p99>0x10us",
		"CPUID.p99>1e3us",
		"CPUID.p99>.5us",
		"CPUID.p99>5.us",
		"CPUID.max>+20%",
		"CPUID.max<-1us",
		"total.share>1%",
		"CPUID.share>1",
		"CPUID.share>1pp",
		"web1:CPUID.count>1",
		":CPUID.count>1",
		"CPUID/L3.count>1",
		"CPUID.p99>>1us",
		"CPUID.p99>+20%%",
		"CPUID.p99>1234567890123456us",
		"CPUID.p99>99999999999999.9999999999999999us",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *const *args = cases[i].args;

		assert_int_equal(DIFF(args[0], args[1], args[2], args[3]), -1);
		said_refused(STATUS_USAGE, cases[i].why);
	}
	for (size_t i = 0; i < COUNT(conditions); i++) {
		if (DIFF("a", "b", "--fail-if", conditions[i]) != -1 ||
		    said_error.status != STATUS_USAGE)
			fail_msg("'%s' is taken: %s", conditions[i], said_error.text);
		assert_non_null(strstr(said_error.text, "--fail-if"));
	}
}

/* A run of more intervals than there is room for: neighbours are one, and nothing is lost. */
static void test_many_intervals(void **state)
{
	static const struct side_options options;
	struct snapshot snap = { 0 };
	uint64_t count = 0, ns = 0;
	struct side side;
	struct run run = { .ns = NS_PER_SEC, .snap = &snap };

	(void)state;
	sample_exits(sample_reason(sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0), EXITSTAT_ISA_VMX,
				   10),
		     1000, 3);
	side_init(&side, &options);
	assert_int_equal(side_add(&side, &run), 0);
	for (size_t i = 0; i < 5 * SIDE_CELLS + 7; i++)
		assert_int_equal(side_add_interval(&side, &run), 0);
	assert_int_equal(side.joined, 8);
	assert_true(side.ncells <= SIDE_CELLS && side.ncells > SIDE_CELLS / 2);
	for (size_t i = 0; i < SIDE_CELLS; i++) {
		count += side.groups[0].rows[1].cells[i].count;
		ns += side.cell_ns[i];
	}
	assert_int_equal(count, 3 * (5 * SIDE_CELLS + 7));
	assert_int_equal(ns, NS_OF(5 * SIDE_CELLS + 7));
	side_close(&side);
	snapshot_free(&snap);
}

UNIT_TESTS(diff)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_same, begin, end),
		cmocka_unit_test_setup_teardown(test_changed, begin, end),
		cmocka_unit_test_setup_teardown(test_not_judged, begin, end),
		cmocka_unit_test_setup_teardown(test_conditions, begin, end),
		cmocka_unit_test_setup_teardown(test_conditions_fail, begin, end),
		cmocka_unit_test_setup_teardown(test_json, begin, end),
		cmocka_unit_test_setup_teardown(test_names, begin, end),
		cmocka_unit_test_setup_teardown(test_made_up_files, begin, end),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_many_intervals),
	};

	RUN_GROUP(tally, "diff", tests);
}
