// SPDX-License-Identifier: GPL-2.0-only
/* Columns that were chosen, in tables and as comma-separated values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/csv.h"
#include "cmd/sinks.h"
#include "cmd/table_options.h"
#include "model/split.h"
#include "shown.h"
#include "unit.h"
#include "view/csv.h"
#include "view/tables.h"

static struct snapshot snap;
static struct run run;

static int begin(void **state)
{
	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	return 0;
}

static int end(void **state)
{
	(void)state;
	snapshot_free(&snap);
	return 0;
}

static void choose(struct table_options *options, const char *list)
{
	struct error err;

	*options = (struct table_options){ 0 };
	assert_int_equal(table_options_columns(options, list, &err), 0);
	table_options_apply(options, &run);
}

static char *csv(enum group_by by, bool header)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	assert_int_equal(csv_print(file, &run, by, header), 0);
	fclose(file);
	return text;
}

static void test_chosen(void **state)
{
	struct table_options options;
	char *text;

	(void)state;
	choose(&options, "max,exits/s,kvm");
	text = shown_summary(&run, BY_VM);
	has_text(text, "REASON                          MAX   EXITS/S      KVM\n"
		       "HLT                          5.00ms        16        -\n");
	free(text);
	/* One table has all. */
	run.parts = PARTS_ALL;
	text = shown_summary(&run, BY_VM);
	has_text(text, "HLT                          5.00ms        16    150ms\n");
	assert_null(strstr(text, "VMM"));
	free(text);
	run.parts = 0;
	table_options_free(&options);
}

/* The level is not among the chosen, but it is needed. */
static void test_nested(void **state)
{
	struct table_options options;
	char *text;

	(void)state;
	snap.vms[0].vcpus[0].reasons[0].level = EXITSTAT_L2;
	choose(&options, "count");
	text = shown_summary(&run, BY_VM);
	has_text(text, "REASON                     LEVEL      COUNT\n");
	has_text(text, "CPUID                         L2         60\n");
	free(text);
	table_options_free(&options);
	choose(&options, "count,level");
	text = shown_summary(&run, BY_VM);
	has_text(text, "REASON                     LEVEL      COUNT\n");
	free(text);
	table_options_free(&options);
	snap.vms[0].vcpus[0].reasons[0].level = EXITSTAT_L1;
}

static void test_live(void **state)
{
	struct table_options options;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	choose(&options, "count,p50");
	assert_int_equal(render_lines(file, &run, BY_VM, true), 0);
	assert_int_equal(render_live(file, &run, &snap, BY_VM, (struct screen){ 24, 80 }), 0);
	assert_int_equal(render_live(file, &run, &snap, BY_VM, (struct screen){ 24, 40 }), 0);
	fclose(file);
	has_text(text, "  REASON                          COUNT      P50\n");
	has_text(text, "\nREASON                          COUNT      P50\n");
	has_text(text, "\nREASON                          COUNT\n");
	has_text(text, "... 1 more columns: enlarge the terminal\n");
	free(text);
	table_options_free(&options);
}

static void test_csv(void **state)
{
	struct table_options none = { 0 };
	char *text;

	(void)state;
	table_options_apply(&none, &run);
	text = csv(BY_VM, true);
	has_text(text, "start,seconds,vm,pid,vcpu,reason,level,count,exits_per_s,share,time_ns,"
		       "time_share,busy_ns,busy_share,min_ns,avg_ns,p50_ns,p99_ns,max_ns\r\n"
		       "2023-11-14T22:13:20.000001Z,2.000000,web1,100,,HLT,1,31,15.500,0.310000,"
		       "150000000,0.999480,,,5000000,5000000,5000000,5000000,5000000\r\n");
	has_text(text,
		 ",db,200,,INVALID_STATE+FAILED_ENTRY,1,1,0.500,0.125000,0,0.000000,0,0.000000,"
		 ",,,,\r\n");
	free(text);
	run.parts = PARTS_ALL;
	text = csv(BY_VCPU, true);
	has_text(text, ",max_ns,kvm_ns,vmm_ns,polled_ns,blocked_ns,runnable_ns\r\n");
	has_text(text, ",web1,100,1,CPUID,1,9,");
	free(text);
	run.parts = 0;
	text = csv(BY_REASON, false);
	has_text(text, ",2.000000,,,,CPUID,1,69,");
	assert_null(strstr(text, "start"));
	free(text);
}

static void test_csv_chosen(void **state)
{
	struct table_options options;
	char *text;

	(void)state;
	choose(&options, "p99,reason,count");
	text = csv(BY_REASON, true);
	has_text(text, "start,seconds,vm,pid,vcpu,reason,p99_ns,count\r\n"
		       "2023-11-14T22:13:20.000001Z,2.000000,,,,HLT,5000000,31\r\n");
	free(text);
	table_options_free(&options);
}

/* Intervals and what is left after them are the whole. */
static void test_csv_sink(void **state)
{
	struct snapshot half, growth;
	struct run interval = run;
	struct csv_sink sink;
	struct error err;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	struct table_options options;

	(void)state;
	choose(&options, "count");
	interval = run;
	assert_int_equal(snapshot_copy(&half, &snap), 0);
	half.vms[0].vcpus[0].reasons[0].count -= 40;
	assert_int_equal(snapshot_copy(&growth, &half), 0);
	interval.snap = &growth;
	interval.ns = NS_OF(1);
	sink = csv_sink(file, BY_REASON);
	assert_int_equal(sink.sink.interval(&sink.sink, &interval, &half), 0);
	assert_int_equal(sink.sink.end(&sink.sink, &run, &err), 0);
	fclose(file);
	has_text(text,
		 "start,seconds,vm,pid,vcpu,reason,count\r\n2023-11-14T22:13:20.000001Z,1.000000");
	has_text(text, ",CPUID,29\r\n");
	has_text(text, "2023-11-14T22:13:21.000001Z,1.000000,,,,CPUID,40\r\n");
	assert_null(strstr(strstr(text, ",CPUID,40"), "HLT"));
	free(text);
	csv_sink_free(&sink);
	snapshot_free(&half);
	snapshot_free(&growth);
	table_options_free(&options);
}

static void test_csv_text(void **state)
{
	static const struct {
		const char *text, *field;
	} cases[] = {
		{ "", "" },	      { "web 1", "web 1" },
		{ "a,b", "\"a,b\"" }, { "a\"b", "\"a\"\"b\"" },
		{ "a\r\nb", "a??b" }, { "\033[1m", "?[1m" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = NULL;
		size_t size;
		FILE *file = open_memstream(&text, &size);

		csv_text(file, cases[i].text);
		fclose(file);
		assert_string_equal(text, cases[i].field);
		free(text);
	}
}

static void test_need_split(void **state)
{
	struct table_options options;
	const char *column;

	(void)state;
	choose(&options, "count,p50,vmm");
	assert_string_equal(table_options_need_split(&options, &column), "--columns");
	assert_string_equal(column, "VMM");
	table_options_free(&options);
	choose(&options, "count,p50,busy");
	assert_null(table_options_need_split(&options, &column));
	table_options_free(&options);
}

UNIT_TESTS(columns)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_chosen, begin, end),
		cmocka_unit_test_setup_teardown(test_nested, begin, end),
		cmocka_unit_test_setup_teardown(test_live, begin, end),
		cmocka_unit_test_setup_teardown(test_csv, begin, end),
		cmocka_unit_test_setup_teardown(test_csv_chosen, begin, end),
		cmocka_unit_test_setup_teardown(test_csv_sink, begin, end),
		cmocka_unit_test(test_csv_text),
		cmocka_unit_test_setup_teardown(test_need_split, begin, end),
	};

	RUN_GROUP(tally, "columns", tests);
}
