// SPDX-License-Identifier: GPL-2.0-only
/* What people see: figures, and the tables and histograms of view/. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "base/figures.h"
#include "view/histogram.h"
#include "model/reasons.h"
#include "view/tables.h"
#include "shown.h"
#include "unit.h"

#define VMX EXITSTAT_ISA_VMX

static char *summary(const struct run *run, enum group_by by, bool histograms)
{
	struct output output;

	assert_int_equal(render_summary(output_begin(&output), run, by, histograms), 0);
	return output_end(&output);
}

/* --- summary ----------------------------------------------------------------- */

static void check_row(const char *text, const char *reason, const char *const *expected)
{
	char words[16][64];
	int n;

	words_of(text, reason, words, &n);
	assert_int_equal(n, 11);
	for (int i = 1; i < n; i++)
		assert_string_equal(words[i], expected[i - 1]);
}

static void test_summary_has_the_numbers(void **state)
{
	static const char *const header[] = { "COUNT", "SHARE", "TIME", "TIME%", "BUSY",
					      "MIN",   "AVG",	"P50",	"P99",	 "MAX" };
	static const char *const hlt[] = { "31",     "31.00%", "150ms",	 "99.95%", "-",
					   "5.00ms", "5.00ms", "5.00ms", "5.00ms", "5.00ms" };
	static const char *const cpuid[] = { "69",     "69.00%", "78.0us", "0.05%",  "78.0us",
					     "1.00us", "1.13us", "1.00us", "1.98us", "2.00us" };
	static const char *const failed[] = { "1", "12.50%", "0ns", "0.00%", "0ns",
					      "-", "-",	     "-",   "-",     "-" };
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	text = summary(&run, BY_VM, false);
	assert_non_null(strstr(text, "web1 (pid 100): 100 exits, 150ms in 2.0 s\n"));
	assert_non_null(strstr(text, "db (pid 200, ended): 8 exits, 21.0us in 2.0 s\n"));
	assert_non_null(strstr(text, "1 us = 2600.000 TSC cycles\n"));
	assert_non_null(strstr(text, SAMPLE_LOSSES));
	assert_non_null(strstr(text, "with --max-vcpus"));
	assert_null(strstr(text, "no VM exits"));
	check_row(text, "REASON", header);
	check_row(text, "HLT", hlt);
	check_row(text, "CPUID", cpuid);
	check_row(text, "INVALID_STATE+FAILED_ENTRY", failed);
	free(text);
	snapshot_free(&snap);
}

static void test_shares_sum_to_the_whole(void **state)
{
	struct snapshot snap = { 0 };
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0);
	double share = 0, time = 0;
	struct run run;
	uint64_t random = 31;
	char *text;

	(void)state;
	for (uint32_t i = 0; i < 30; i++)
		sample_exits(sample_reason(vcpu, VMX, i), next_random(&random) % 100000,
			     next_random(&random) % 1000 + 1);
	sample_run(&run, &snap);
	text = summary(&run, BY_REASON, false);
	for (uint32_t i = 0; i < 30; i++) {
		char name[REASON_NAME_LEN], words[16][64];
		int n;

		reason_name(name, VMX, i);
		words_of(text, name, words, &n);
		assert_int_equal(n, 11);
		share += strtod(words[2], NULL);
		time += strtod(words[4], NULL);
	}
	assert_true(share > 99.8 && share < 100.2);
	assert_true(time > 99.8 && time < 100.2);
	free(text);
	snapshot_free(&snap);
}

static void test_summary_of_nothing(void **state)
{
	struct snapshot snap = { 0 };
	struct run run;
	char *text;

	(void)state;
	sample_run(&run, &snap);
	text = summary(&run, BY_REASON, true);
	assert_non_null(strstr(text, "no VM exits seen in 2.0 s\n"));
	assert_non_null(strstr(text, "losses: 0 not counted (map full), 0 not timed (unpaired), "
				     "0 missed\n"));
	assert_null(strstr(text, "--max-vcpus"));
	assert_null(strstr(text, "REASON"));
	free(text);
}

static void test_filter_that_matches_nothing(void **state)
{
	struct reason_filter filter;
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	assert_int_equal(reason_filter_parse(&filter, "NPF"), 0);
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	run.filters = &filter;
	run.nfilters = 1;
	text = summary(&run, BY_VM, false);
	assert_non_null(strstr(text, "no VM exits seen"));
	assert_non_null(strstr(text, SAMPLE_LOSSES));
	free(text);
	snapshot_free(&snap);
}

static void test_columns_are_in_line(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text, *line, *rest;
	size_t width = 0;

	(void)state;
	sample_snapshot(&snap);
	sample_exits(sample_reason(&snap.vms[0].vcpus[0], VMX, 0x8400ff30), UINT32_MAX, 12345678);
	sample_run(&run, &snap);
	text = rest = summary(&run, BY_REASON, false);
	while ((line = strsep(&rest, "\n")) && line[0]) {
		if (!strncmp(line, "all VMs", 7))
			continue;
		if (width)
			assert_int_equal(strlen(line), width);
		width = strlen(line);
	}
	assert_true(width > 80);
	free(text);
	snapshot_free(&snap);
}

static void test_measured_tsc_is_said(void **state)
{
	struct host host = sample_host;
	struct snapshot snap = { 0 };
	struct run run;
	char *text;

	(void)state;
	host.tsc_measured = true;
	host.tsc_khz = 2599998;
	sample_run(&run, &snap);
	run.host = &host;
	text = summary(&run, BY_VM, false);
	assert_non_null(strstr(text, "1 us = 2599.998 TSC cycles (measured)\n"));
	free(text);
}

static void test_own_cost(void **state)
{
	const struct self self = {
		2,
		{ { "typed_exit", 4000, 1200000 }, { "typed_entry", 4000, 800000 } },
		35000000,
	};
	struct snapshot snap = { 0 };
	struct run run;
	char *text;

	(void)state;
	sample_run(&run, &snap);
	text = summary(&run, BY_VM, false);
	assert_null(strstr(text, "self:"));
	free(text);
	run.self = &self;
	text = summary(&run, BY_VM, false);
	assert_non_null(strstr(text, "self: 2.00ms in BPF programs, 500ns an exit, 0.10% of a CPU; "
				     "35.0ms in this process\n"));
	assert_non_null(strstr(text, "typed_exit            4000 runs,    300ns each\n"));
	assert_non_null(strstr(text, "typed_entry           4000 runs,    200ns each\n"));
	free(text);
}

static void test_own_cost_before_any_exit(void **state)
{
	const struct self self = { 1, { { "typed_exit", 0, 0 } }, 1 };
	struct snapshot snap = { 0 };
	struct run run;
	char *text;

	(void)state;
	sample_run(&run, &snap);
	run.self = &self;
	text = summary(&run, BY_VM, false);
	assert_non_null(strstr(text, "typed_exit               0 runs,      0ns each\n"));
	free(text);
}

/* --- histograms -------------------------------------------------------------- */

static char *histogram(const struct reason_stat *r)
{
	struct output output;

	draw_histogram(output_begin(&output), r);
	return output_end(&output);
}

static struct reason_stat cpuid(void)
{
	return (struct reason_stat){ .isa = VMX, .reason = 10, .min_ns = UINT64_MAX };
}

static int bar_length(const char *text, const char *low)
{
	const char *line = strstr(text, low);

	assert_non_null(line);
	line = strchr(line, '|');
	assert_non_null(line);
	return (int)strspn(line + 1, "#");
}

static void test_histogram_bars(void **state)
{
	struct reason_stat r = cpuid();
	char *text;

	(void)state;
	text = histogram(&r);
	assert_string_equal(text, "");
	free(text);
	sample_exits(&r, 1024, 100);
	sample_exits(&r, 1152, 50);
	sample_exits(&r, 1408, 1);
	text = histogram(&r);
	assert_non_null(strstr(text, "\nCPUID\n"));
	assert_int_equal(bar_length(text, "1.02us - 1.15us"), 40);
	assert_int_equal(bar_length(text, "1.15us - 1.28us"), 20);
	assert_int_equal(bar_length(text, "1.28us - 1.41us"), 0);
	assert_int_equal(bar_length(text, "1.41us - 1.54us"), 0);
	/* The name's line, an empty one before it, and one for each bucket. */
	assert_int_equal(count_lines(text), 2 + 4);
	free(text);
	reason_free(&r);
}

/* Of any width, all exits are in it and it fits a screen and a half. */
static void test_histogram_of_any_width(void **state)
{
	(void)state;
	for (uint32_t first = 0; first < EXITSTAT_HIST_BUCKETS; first += 5) {
		for (uint32_t width = 1; first + width <= EXITSTAT_HIST_BUCKETS; width += 7) {
			struct reason_stat r = cpuid();
			unsigned long total = 0;
			char *text, *line, *rest;

			for (uint32_t i = first; i<first + width; i += width> 1 ? width - 1 : 1)
				sample_exits(&r, exitstat_bucket_low(i), 1ull << 32);
			text = rest = histogram(&r);
			assert_true(count_lines(text) <= 2 + 64);
			while ((line = strsep(&rest, "\n")))
				if (strchr(line, '|')) {
					assert_true(strspn(strchr(line, '|') + 1, "#") <= 40);
					total += strtoul(strchr(line, '|') - 11, NULL, 10);
				}
			assert_int_equal(total, r.timed);
			free(text);
			reason_free(&r);
		}
	}
}

static void test_summary_with_histograms(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	text = summary(&run, BY_VM, true);
	assert_non_null(strstr(text, "\nHLT\n"));
	assert_non_null(strstr(text, "\nEPT_VIOLATION\n"));
	assert_non_null(strstr(text, "|########################################\n"));
	assert_null(strstr(text, "\nINVALID_STATE+FAILED_ENTRY\n"));
	free(text);
	snapshot_free(&snap);
}

/* --- hostile numbers --------------------------------------------------------- */

static void test_hostile_numbers(void **state)
{
	struct host host = { .tsc_khz = UINT32_MAX };
	struct snapshot snap = { .losses = { UINT64_MAX, UINT64_MAX, UINT64_MAX, 0 } };
	struct output output;
	struct run run;
	struct vm_stat *vm;
	char name[10000];
	char *text;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	vm = sample_vm(&snap, UINT64_MAX, UINT32_MAX, name);
	sample_exits(sample_reason(sample_vcpu(vm, UINT32_MAX), VMX, UINT32_MAX), UINT64_MAX, 1);
	sample_exits(sample_reason(&vm->vcpus[0], UINT32_MAX, UINT32_MAX), 0, 1ull << 62);
	vm->vcpus[0].reasons[0].count = UINT64_MAX;
	sample_run(&run, &snap);
	run.host = &host;
	run.ns = UINT64_MAX;
	for (int by = BY_VM; by <= BY_REASON; by++) {
		text = summary(&run, (enum group_by)by, true);
		assert_non_null(strstr(text, "18446744073709551615 missed\n"));
		free(text);
		assert_int_equal(render_live(output_begin(&output), &run, &snap, by,
					     (struct screen){ 24, 80 }),
				 0);
		free(output_end(&output));
		assert_int_equal(render_lines(output_begin(&output), &run, by, true), 0);
		free(output_end(&output));
	}
	run.ns = 0;
	run.end.tv_sec = INT64_MAX;
	assert_int_equal(render_lines(output_begin(&output), &run, BY_VM, false), 0);
	text = output_end(&output);
	assert_memory_equal(text, "-  ", 3);
	free(text);
	snapshot_free(&snap);
}

static void test_a_clock_that_was_set(void **state)
{
	struct snapshot snap = { 0 };
	struct run run;
	char *text;

	(void)state;
	sample_run(&run, &snap);
	text = summary(&run, BY_VM, false);
	assert_null(strstr(text, "clock: "));
	free(text);
	run.clock_set_ns = -86400500000000;
	text = summary(&run, BY_VM, false);
	assert_non_null(
		strstr(text, "clock: the time of day was set while tracing, by -86400.500 s;"));
	free(text);
}

UNIT_TESTS(render)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary_has_the_numbers),
		cmocka_unit_test(test_shares_sum_to_the_whole),
		cmocka_unit_test(test_summary_of_nothing),
		cmocka_unit_test(test_filter_that_matches_nothing),
		cmocka_unit_test(test_columns_are_in_line),
		cmocka_unit_test(test_measured_tsc_is_said),
		cmocka_unit_test(test_own_cost),
		cmocka_unit_test(test_own_cost_before_any_exit),
		cmocka_unit_test(test_histogram_bars),
		cmocka_unit_test(test_histogram_of_any_width),
		cmocka_unit_test(test_summary_with_histograms),
		cmocka_unit_test(test_hostile_numbers),
		cmocka_unit_test(test_a_clock_that_was_set),
	};

	RUN_GROUP(tally, "render", tests);
}
