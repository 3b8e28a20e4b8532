// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "bpf/exitstat.h"
#include "unit.h"
#include "view/groups.h"

#define VMX EXITSTAT_ISA_VMX
#define SVM EXITSTAT_ISA_SVM

static void make(struct view *view, const struct snapshot *snap, enum group_by by)
{
	struct run run;

	sample_run(&run, snap);
	assert_int_equal(view_make(view, &run, by), 0);
}

static void test_by_vm(void **state)
{
	struct snapshot snap;
	struct view view;

	(void)state;
	sample_snapshot(&snap);
	make(&view, &snap, BY_VM);
	assert_int_equal(view.ngroups, 2);
	assert_string_equal(view.groups[0].title, "web1 (pid 100)");
	assert_string_equal(view.groups[1].title, "db (pid 200, ended)");
	assert_int_equal(view.groups[0].count, 100);
	assert_int_equal(view.groups[0].sum_ns, 60 * 1000 + 30 * 5000000ull + 9 * 2000);
	assert_int_equal(view.groups[0].nrows, 2);
	/* Most time first; both vCPUs' CPUID are one row. */
	assert_int_equal(view.groups[0].rows[0].reason, 12);
	assert_int_equal(view.groups[0].rows[0].count, 31);
	assert_int_equal(view.groups[0].rows[0].timed, 30);
	assert_int_equal(view.groups[0].rows[1].reason, 10);
	assert_int_equal(view.groups[0].rows[1].count, 69);
	assert_int_equal(view.groups[0].rows[1].min_ns, 1000);
	assert_int_equal(view.groups[0].rows[1].max_ns, 2000);
	assert_int_equal(view.groups[0].rows[1].nbuckets, 2);
	assert_int_equal(view.groups[1].count, 8);
	view_free(&view);
	snapshot_free(&snap);
}

static void test_by_vcpu(void **state)
{
	struct snapshot snap;
	struct view view;

	(void)state;
	sample_snapshot(&snap);
	make(&view, &snap, BY_VCPU);
	assert_int_equal(view.ngroups, 3);
	assert_string_equal(view.groups[0].title, "web1 (pid 100), vCPU 0");
	assert_string_equal(view.groups[1].title, "web1 (pid 100), vCPU 1");
	assert_string_equal(view.groups[2].title, "db (pid 200, ended), vCPU 0");
	assert_int_equal(view.groups[0].count, 91);
	assert_int_equal(view.groups[1].count, 9);
	assert_int_equal(view.groups[1].nrows, 1);
	assert_int_equal(view.groups[2].count, 8);
	view_free(&view);
	snapshot_free(&snap);
}

static void test_by_reason(void **state)
{
	struct snapshot snap;
	struct view view;

	(void)state;
	sample_snapshot(&snap);
	sample_exits(sample_reason(&snap.vms[1].vcpus[0], VMX, 10), 4000, 1);
	make(&view, &snap, BY_REASON);
	assert_int_equal(view.ngroups, 1);
	assert_string_equal(view.groups[0].title, "all VMs (2)");
	assert_int_equal(view.groups[0].count, 109);
	assert_int_equal(view.groups[0].nrows, 4);
	assert_int_equal(view.groups[0].rows[0].reason, 12);
	assert_int_equal(view.groups[0].rows[1].reason, 10);
	assert_int_equal(view.groups[0].rows[1].count, 70);
	assert_int_equal(view.groups[0].rows[1].max_ns, 4000);
	assert_int_equal(view.groups[0].rows[2].reason, 48);
	assert_int_equal(view.groups[0].rows[3].reason, 0x80000021);
	view_free(&view);
	snapshot_free(&snap);
}

static void test_nothing_and_empty_groups(void **state)
{
	static const enum group_by all[] = { BY_VM, BY_VCPU, BY_REASON };
	struct snapshot snap = { 0 };
	struct view view;

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		make(&view, &snap, all[i]);
		assert_int_equal(view.ngroups, 0);
		view_free(&view);
	}
	/* VMs and vCPUs without an exit before, between and behind the others. */
	sample_vcpu(sample_vm(&snap, 1, 1, "idle"), 0);
	sample_vm(&snap, 2, 2, "bare");
	sample_vcpu(sample_vm(&snap, 3, 3, "busy"), 0);
	sample_exits(sample_reason(sample_vcpu(&snap.vms[2], 1), VMX, 1), 10, 1);
	sample_vcpu(&snap.vms[2], 2);
	sample_vcpu(sample_vm(&snap, 4, 4, "idle"), 0);
	for (size_t i = 0; i < COUNT(all); i++) {
		make(&view, &snap, all[i]);
		assert_int_equal(view.ngroups, 1);
		assert_int_equal(view.groups[0].count, 1);
		if (all[i] == BY_VCPU)
			assert_string_equal(view.groups[0].title, "busy (pid 3), vCPU 1");
		view_free(&view);
	}
	snapshot_free(&snap);
}

static void test_filters(void **state)
{
	struct reason_filter filters[2];
	struct snapshot snap;
	struct run run;
	struct view view;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	assert_int_equal(reason_filter_parse(&filters[0], "cpuid"), 0);
	/* Matches by code, whatever the flags above it. */
	assert_int_equal(reason_filter_parse(&filters[1], "33"), 0);
	run.filters = filters;
	run.nfilters = 1;
	assert_int_equal(view_make(&view, &run, BY_VM), 0);
	assert_int_equal(view.ngroups, 1);
	assert_int_equal(view.groups[0].nrows, 1);
	assert_int_equal(view.groups[0].rows[0].reason, 10);
	assert_int_equal(view.groups[0].count, 69);
	assert_int_equal(view.groups[0].sum_ns, 60 * 1000 + 9 * 2000);
	view_free(&view);
	run.nfilters = 2;
	assert_int_equal(view_make(&view, &run, BY_VM), 0);
	assert_int_equal(view.ngroups, 2);
	assert_int_equal(view.groups[1].nrows, 1);
	assert_int_equal(view.groups[1].rows[0].reason, 0x80000021);
	view_free(&view);
	assert_int_equal(reason_filter_parse(&filters[0], "npf"), 0);
	run.nfilters = 1;
	assert_int_equal(view_make(&view, &run, BY_REASON), 0);
	assert_int_equal(view.ngroups, 0);
	view_free(&view);
	snapshot_free(&snap);
}

static void test_order_of_rows(void **state)
{
	struct snapshot snap = { 0 };
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0);
	static const uint32_t expected[] = { 6, 5, 4, 2, 3, 7, 1 };
	struct view view;

	(void)state;
	sample_in_flight(sample_reason(vcpu, VMX, 1));
	sample_exits(sample_reason(vcpu, VMX, 3), 10, 2);
	sample_exits(sample_reason(vcpu, VMX, 2), 10, 2);
	sample_exits(sample_reason(vcpu, VMX, 4), 5, 4);
	sample_exits(sample_reason(vcpu, VMX, 5), 1ull << 40, 1);
	sample_exits(sample_reason(vcpu, VMX, 6), 1ull << 50, 1);
	sample_in_flight(sample_reason(vcpu, VMX, 7));
	sample_in_flight(&vcpu->reasons[6]);
	make(&view, &snap, BY_VM);
	assert_int_equal(view.groups[0].nrows, COUNT(expected));
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_int_equal(view.groups[0].rows[i].reason, expected[i]);
	view_free(&view);
	snapshot_free(&snap);
}

static void test_two_isas_are_not_merged(void **state)
{
	struct snapshot snap = { 0 };
	struct view view;

	(void)state;
	sample_exits(sample_reason(sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0), VMX, 0x7b), 10, 1);
	sample_exits(sample_reason(sample_vcpu(sample_vm(&snap, 2, 2, "b"), 0), SVM, 0x7b), 20, 2);
	make(&view, &snap, BY_REASON);
	assert_int_equal(view.groups[0].nrows, 2);
	assert_int_equal(view.groups[0].rows[0].isa, SVM);
	assert_int_equal(view.groups[0].rows[1].isa, VMX);
	view_free(&view);
	snapshot_free(&snap);
}

static void test_hostile_name_does_not_overflow_the_title(void **state)
{
	struct snapshot snap = { 0 };
	char name[5000];
	struct view view;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	sample_exits(sample_reason(sample_vcpu(sample_vm(&snap, 1, 1, name), 0), VMX, 1), 10, 1);
	make(&view, &snap, BY_VCPU);
	assert_int_equal(strlen(view.groups[0].title), sizeof(view.groups[0].title) - 1);
	view_free(&view);
	snapshot_free(&snap);
}

UNIT_TESTS(view)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_vm),
		cmocka_unit_test(test_by_vcpu),
		cmocka_unit_test(test_by_reason),
		cmocka_unit_test(test_nothing_and_empty_groups),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_order_of_rows),
		cmocka_unit_test(test_two_isas_are_not_merged),
		cmocka_unit_test(test_hostile_name_does_not_overflow_the_title),
	};

	RUN_GROUP(tally, "view", tests);
}
