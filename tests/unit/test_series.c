// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "doc/host_write.h"
#include "base/process.h"
#include "model/series.h"
#include "unit.h"

static void add_sample(struct series *series, uint64_t ns, bool keep)
{
	struct point when = { .time = { 1700000000, 5000 }, .start_ns = ns, .took_ns = 7 };
	struct snapshot snap;

	sample_snapshot(&snap);
	assert_int_equal(series_add(series, &when, &snap, keep), 0);
	snapshot_free(&snap);
}

static void test_a_point_has_counts_and_no_histogram(void **state)
{
	struct series series = { 0 };
	const struct vcpu_stat *vcpu;

	(void)state;
	add_sample(&series, 1000, false);
	assert_int_equal(series.npoints, 1);
	assert_int_equal(series.points[0].start_ns, 1000);
	assert_int_equal(series.points[0].snap.losses.missed, 3);
	vcpu = &series.points[0].snap.vms[0].vcpus[0];
	assert_int_equal(vcpu->reasons[0].count, 60);
	assert_int_equal(vcpu->reasons[0].sum_ns, 60000);
	assert_int_equal(vcpu->reasons[0].nbuckets, 0);
	series_free(&series);
	assert_int_equal(series.npoints, 0);
}

/* However long a run, memory has an end; what is left is evenly spread. */
static void test_long_runs_are_thinned(void **state)
{
	struct series series = { 0 };
	uint64_t gap;

	(void)state;
	for (uint64_t ns = 0; ns < 100000; ns++)
		add_sample(&series, ns, false);
	add_sample(&series, 100001, true);
	assert_true(series.nnumbers <= SERIES_MAX_NUMBERS + 10);
	assert_true(series.npoints > SERIES_MAX_NUMBERS / 30);
	assert_int_equal(series.points[0].start_ns, 0);
	assert_int_equal(series.points[series.npoints - 1].start_ns, 100001);
	gap = series.points[1].start_ns;
	for (size_t i = 2; i + 1 < series.npoints; i++)
		assert_int_equal(series.points[i].start_ns, i * gap);
	series_free(&series);
}

static json_t *member(json_t *value, const char *key)
{
	value = json_object_get(value, key);
	assert_non_null(value);
	return value;
}

static void test_document(void **state)
{
	struct series series = { 0 };
	struct snapshot snap;
	struct run run;
	json_t *doc, *point, *vm;

	(void)state;
	sample_snapshot(&snap);
	snap.vms[1].whole = true;
	add_sample(&series, 1000, false);
	add_sample(&series, 2000, true);
	snapshot_free(&series.points[0].snap);
	sample_run(&run, &snap);
	run.series = &series;
	doc = export_json(&run);
	assert_non_null(doc);
	assert_true(json_is_false(member(json_array_get(member(doc, "vms"), 0), "whole")));
	assert_true(json_is_true(member(json_array_get(member(doc, "vms"), 1), "whole")));
	assert_int_equal(json_array_size(member(doc, "seal")), 3);
	assert_int_equal(json_array_size(member(doc, "snapshots")), 2);
	point = json_array_get(member(doc, "snapshots"), 0);
	assert_int_equal(json_array_size(member(point, "vms")), 0);
	point = json_array_get(member(doc, "snapshots"), 1);
	assert_int_equal(json_integer_value(member(point, "monotonic_ns")), 2000);
	assert_string_equal(json_string_value(member(point, "time")),
			    "2023-11-14T22:13:20.000005Z");
	vm = json_array_get(member(point, "vms"), 1);
	assert_int_equal(json_integer_value(member(vm, "vm")), 1);
	assert_int_equal(json_integer_value(member(vm, "pid")), 200);
	assert_int_equal(json_integer_value(member(vm, "count")), 8);
	json_decref(doc);
	series_free(&series);
	snapshot_free(&snap);
}

static void test_no_document_has_more_than_was_asked_for(void **state)
{
	struct snapshot snap;
	struct run run;
	json_t *doc;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	doc = export_json(&run);
	assert_int_equal(json_object_size(doc), 7);
	assert_int_equal(json_object_size(json_array_get(member(doc, "vms"), 0)), 3);
	json_decref(doc);
	snapshot_free(&snap);
}

static void test_process_start(void **state)
{
	uint64_t before = process_ticks_now(), start;
	pid_t pid;

	(void)state;
	assert_true(process_start_ticks((uint32_t)getpid()) <= before);
	assert_true(process_start_ticks((uint32_t)getpid()) > 0);
	while (process_ticks_now() == before)
		usleep(1000);
	pid = start_fake_qemu("a) b (c");
	start = process_start_ticks((uint32_t)pid);
	end_fake_qemu(pid);
	assert_true(start > before && start <= process_ticks_now());
	assert_int_equal(process_start_ticks(0x7ffffff0), 0);
}

UNIT_TESTS(series)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_point_has_counts_and_no_histogram),
		cmocka_unit_test(test_long_runs_are_thinned),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_no_document_has_more_than_was_asked_for),
		cmocka_unit_test(test_process_start),
	};

	RUN_GROUP(tally, "series", tests);
}
