// SPDX-License-Identifier: GPL-2.0-only
/* What was new while exits were under way is a run of its own. */
#include <jansson.h>

#include "bpf/exitstat.h"
#include "doc/host_read.h"
#include "doc/host_write.h"
#include "model/settle.h"
#include "model/split.h"
#include "unit.h"

static void check_reads(const struct snapshot *snap, bool reads)
{
	struct host_document doc;
	struct error err;
	struct run run;
	json_t *root;

	sample_run(&run, snap);
	run.kinds = SAMPLE_KINDS;
	run.parts = PARTS_ALL;
	root = export_json(&run);
	assert_non_null(root);
	if (!host_read(&doc, "doc", root, &err)) {
		host_document_free(&doc);
		assert_true(reads);
	} else if (reads) {
		fail_msg("%s", err.text);
	}
	json_decref(root);
}

static void test_under_way(void **state)
{
	struct snapshot before = { 0 }, now = { 0 }, growth;
	struct snapshot *both[] = { &before, &now };

	(void)state;
	for (size_t i = 0; i < COUNT(both); i++) {
		struct vcpu_stat *vcpu = sample_vcpu(sample_vm(both[i], 1, 1, "a"), 0);
		struct reason_stat *r = sample_reason(vcpu, EXITSTAT_ISA_VMX, 10);

		sample_exits(r, 1000, 5);
		/* It is back by now, and its parts came early. */
		if (!i)
			sample_in_flight(r);
		else
			sample_exits(r, 500, 1);
		if (i)
			r->part_ns[EXITSTAT_BLOCKED] = 700;
	}
	assert_int_equal(snapshot_subtract(&growth, &now, &before), 0);
	assert_int_equal(growth.vms[0].vcpus[0].reasons[0].count, 0);
	assert_int_equal(growth.vms[0].vcpus[0].reasons[0].timed, 1);
	check_reads(&growth, false);
	assert_int_equal(snapshot_settle(&growth), 1);
	assert_int_equal(growth.vms[0].vcpus[0].reasons[0].count, 1);
	assert_int_equal(growth.vms[0].vcpus[0].reasons[0].part_ns[EXITSTAT_BLOCKED], 500);
	check_reads(&growth, true);
	assert_int_equal(snapshot_settle(&growth), 0);
	snapshot_free(&growth);
	snapshot_free(&before);
	snapshot_free(&now);
}

static void test_keys(void **state)
{
	const struct detail key = {
		.kind = EXITSTAT_CPUID, .count = 3, .accesses = 3, .sum_ns = 99
	};
	struct snapshot snap = { 0 };
	struct reason_stat *r;

	(void)state;
	r = sample_reason(sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0), EXITSTAT_ISA_VMX, 10);
	sample_exits(r, 40, 2);
	assert_non_null(details_add(&r->details, &key));
	assert_int_equal(snapshot_settle(&snap), 1);
	assert_int_equal(r->count, 3);
	assert_int_equal(r->details.list[0].sum_ns, 80);
	check_reads(&snap, true);
	snapshot_free(&snap);
}

UNIT_TESTS(settle)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_under_way),
		cmocka_unit_test(test_keys),
	};

	RUN_GROUP(tally, "settle", tests);
}
