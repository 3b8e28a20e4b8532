// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "model/run.h"
#include "unit.h"

#define VMX EXITSTAT_ISA_VMX
#define SVM EXITSTAT_ISA_SVM

static void assert_same_reason(const struct reason_stat *a, const struct reason_stat *b)
{
	assert_int_equal(a->isa, b->isa);
	assert_int_equal(a->reason, b->reason);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->timed, b->timed);
	assert_int_equal(a->sum_ns, b->sum_ns);
	assert_int_equal(a->min_ns, b->min_ns);
	assert_int_equal(a->max_ns, b->max_ns);
	assert_int_equal(a->nbuckets, b->nbuckets);
	for (size_t i = 0; i < a->nbuckets; i++) {
		assert_int_equal(a->buckets[i].index, b->buckets[i].index);
		assert_int_equal(a->buckets[i].count, b->buckets[i].count);
	}
}

static void assert_same_vm(const struct vm_stat *a, const struct vm_stat *b)
{
	assert_int_equal(a->serial, b->serial);
	assert_int_equal(a->pid, b->pid);
	assert_int_equal(a->ended, b->ended);
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->nvcpus, b->nvcpus);
	for (size_t i = 0; i < a->nvcpus; i++) {
		assert_int_equal(a->vcpus[i].id, b->vcpus[i].id);
		assert_int_equal(a->vcpus[i].nreasons, b->vcpus[i].nreasons);
		for (size_t j = 0; j < a->vcpus[i].nreasons; j++)
			assert_same_reason(&a->vcpus[i].reasons[j], &b->vcpus[i].reasons[j]);
	}
}

static void assert_same_snapshot(const struct snapshot *a, const struct snapshot *b)
{
	assert_int_equal(a->losses.map_full, b->losses.map_full);
	assert_int_equal(a->losses.unpaired, b->losses.unpaired);
	assert_int_equal(a->losses.missed, b->losses.missed);
	assert_int_equal(a->nvms, b->nvms);
	for (size_t i = 0; i < a->nvms; i++)
		assert_same_vm(&a->vms[i], &b->vms[i]);
}

/* --- copy, subtract ---------------------------------------------------------- */

static void test_copy_is_equal_and_on_its_own(void **state)
{
	struct snapshot original, same, copy;

	(void)state;
	sample_snapshot(&original);
	sample_snapshot(&same);
	assert_int_equal(snapshot_copy(&copy, &original), 0);
	snapshot_free(&original);
	assert_int_equal(original.nvms, 0);
	assert_same_snapshot(&copy, &same);
	snapshot_free(&copy);
	snapshot_free(&same);
}

static void test_copy_of_nothing(void **state)
{
	struct snapshot nothing = { 0 }, copy;

	(void)state;
	assert_int_equal(snapshot_copy(&copy, &nothing), 0);
	assert_int_equal(copy.nvms, 0);
	snapshot_free(&copy);
}

static void test_growth_of_nothing_is_empty(void **state)
{
	struct snapshot now, growth;

	(void)state;
	sample_snapshot(&now);
	assert_int_equal(snapshot_subtract(&growth, &now, &now), 0);
	assert_int_equal(growth.nvms, 2);
	assert_int_equal(growth.losses.map_full, 0);
	for (size_t i = 0; i < growth.nvms; i++)
		for (size_t j = 0; j < growth.vms[i].nvcpus; j++)
			assert_int_equal(growth.vms[i].vcpus[j].nreasons, 0);
	snapshot_free(&growth);
	snapshot_free(&now);
}

static void test_growth_of_a_reason(void **state)
{
	struct snapshot before, now, growth;
	struct reason_stat *r;

	(void)state;
	sample_snapshot(&before);
	sample_snapshot(&now);
	now.losses = (struct losses){ .map_full = 11, .unpaired = 22, .missed = 33 };
	r = &now.vms[0].vcpus[0].reasons[0];
	sample_exits(r, 1000, 5);
	sample_exits(r, 70, 2);
	sample_in_flight(r);
	assert_int_equal(snapshot_subtract(&growth, &now, &before), 0);
	assert_int_equal(growth.losses.map_full, 10);
	assert_int_equal(growth.losses.unpaired, 20);
	assert_int_equal(growth.losses.missed, 30);
	assert_int_equal(growth.vms[0].vcpus[0].nreasons, 1);
	r = &growth.vms[0].vcpus[0].reasons[0];
	assert_int_equal(r->reason, 10);
	assert_int_equal(r->count, 8);
	assert_int_equal(r->timed, 7);
	assert_int_equal(r->sum_ns, 5140);
	assert_int_equal(r->nbuckets, 2);
	assert_int_equal(r->buckets[0].index, exitstat_bucket(70));
	assert_int_equal(r->buckets[0].count, 2);
	assert_int_equal(r->buckets[1].index, exitstat_bucket(1000));
	assert_int_equal(r->buckets[1].count, 5);
	snapshot_free(&growth);
	snapshot_free(&before);
	snapshot_free(&now);
}

static void test_growth_has_what_is_new(void **state)
{
	struct snapshot before, now, growth;

	(void)state;
	sample_snapshot(&before);
	sample_snapshot(&now);
	sample_exits(sample_reason(&now.vms[0].vcpus[1], VMX, 0x80000021), 50, 1);
	/* The same number on the other ISA is another reason. */
	sample_exits(sample_reason(&now.vms[0].vcpus[1], SVM, 10), 60, 2);
	sample_exits(sample_reason(sample_vcpu(&now.vms[1], 7), VMX, 1), 70, 3);
	sample_exits(sample_reason(sample_vcpu(sample_vm(&now, 9, 100, "web1"), 0), VMX, 10), 80,
		     4);
	assert_int_equal(snapshot_subtract(&growth, &now, &before), 0);
	assert_int_equal(growth.nvms, 3);
	assert_int_equal(growth.vms[0].vcpus[0].nreasons, 0);
	assert_int_equal(growth.vms[0].vcpus[1].nreasons, 2);
	assert_same_reason(&growth.vms[0].vcpus[1].reasons[0], &now.vms[0].vcpus[1].reasons[1]);
	assert_same_reason(&growth.vms[0].vcpus[1].reasons[1], &now.vms[0].vcpus[1].reasons[2]);
	assert_int_equal(growth.vms[1].vcpus[0].nreasons, 0);
	assert_int_equal(growth.vms[1].vcpus[1].id, 7);
	assert_same_reason(&growth.vms[1].vcpus[1].reasons[0], &now.vms[1].vcpus[1].reasons[0]);
	assert_same_vm(&growth.vms[2], &now.vms[2]);
	snapshot_free(&growth);
	snapshot_free(&before);
	snapshot_free(&now);
}

static void test_growth_leaves_out_what_vanished(void **state)
{
	struct snapshot before, now, growth;

	(void)state;
	sample_snapshot(&before);
	sample_snapshot(&now);
	sample_exits(sample_reason(&before.vms[0].vcpus[0], VMX, 77), 50, 1);
	sample_exits(sample_reason(sample_vcpu(&before.vms[0], 5), VMX, 1), 70, 3);
	sample_exits(sample_reason(sample_vcpu(sample_vm(&before, 9, 9, "gone"), 0), VMX, 1), 8, 4);
	assert_int_equal(snapshot_subtract(&growth, &now, &before), 0);
	assert_int_equal(growth.nvms, 2);
	assert_int_equal(growth.vms[0].nvcpus, 2);
	assert_int_equal(growth.vms[0].vcpus[0].nreasons, 0);
	assert_null(snapshot_find_vm(&growth, 9));
	snapshot_free(&growth);
	snapshot_free(&before);
	snapshot_free(&now);
}

static void test_growth_without_an_entry_is_not_timed(void **state)
{
	struct snapshot before, now, growth;
	const struct reason_stat *r;

	(void)state;
	sample_snapshot(&before);
	sample_snapshot(&now);
	sample_in_flight(&now.vms[0].vcpus[0].reasons[0]);
	assert_int_equal(snapshot_subtract(&growth, &now, &before), 0);
	r = &growth.vms[0].vcpus[0].reasons[0];
	assert_int_equal(r->count, 1);
	assert_int_equal(r->timed, 0);
	assert_int_equal(r->sum_ns, 0);
	assert_int_equal(r->nbuckets, 0);
	assert_int_equal(r->min_ns, UINT64_MAX);
	assert_int_equal(r->max_ns, 0);
	assert_int_equal(reason_percentile(r, 50), 0);
	snapshot_free(&growth);
	snapshot_free(&before);
	snapshot_free(&now);
}

/* Of an interval in which these times were added to 100 and 100000 ns. */
static void interval_min_max(const uint64_t *times, size_t n, uint64_t *min, uint64_t *max)
{
	struct snapshot before = { 0 }, now = { 0 }, growth;
	struct reason_stat *r;

	r = sample_reason(sample_vcpu(sample_vm(&before, 1, 1, "a"), 0), VMX, 1);
	sample_exits(r, 100, 1);
	sample_exits(r, 100000, 1);
	assert_int_equal(snapshot_copy(&now, &before), 0);
	for (size_t i = 0; i < n; i++)
		sample_exits(&now.vms[0].vcpus[0].reasons[0], times[i], 1);
	assert_int_equal(snapshot_subtract(&growth, &now, &before), 0);
	*min = growth.vms[0].vcpus[0].reasons[0].min_ns;
	*max = growth.vms[0].vcpus[0].reasons[0].max_ns;
	snapshot_free(&growth);
	snapshot_free(&before);
	snapshot_free(&now);
}

static void test_min_and_max_of_an_interval(void **state)
{
	static const uint64_t inside[] = { 1000, 3000 }, outside[] = { 7, 1ull << 40 };
	static const uint64_t largest[] = { UINT64_MAX - 200000 };
	uint64_t min, max;

	(void)state;
	interval_min_max(inside, 2, &min, &max);
	assert_int_equal(min, exitstat_bucket_low(exitstat_bucket(1000)));
	assert_int_equal(max, exitstat_bucket_low(exitstat_bucket(3000) + 1) - 1);
	assert_true(min <= 1000 && max >= 3000);
	interval_min_max(outside, 2, &min, &max);
	assert_int_equal(min, 7);
	assert_int_equal(max, 1ull << 40);
	interval_min_max(largest, 1, &min, &max);
	assert_int_equal(min, exitstat_bucket_low(EXITSTAT_HIST_BUCKETS - 1));
	assert_int_equal(max, UINT64_MAX - 200000);
}

/* --- accumulate -------------------------------------------------------------- */

static struct reason_stat no_reason(void)
{
	return (struct reason_stat){ .isa = VMX, .reason = 1, .min_ns = UINT64_MAX };
}

/* a + b must be what one gets by counting both at once. */
static void check_sum(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
	struct reason_stat sum = no_reason(), other = no_reason(), both = no_reason();

	for (size_t i = 0; i < na; i++) {
		sample_exits(&sum, a[i], i + 1);
		sample_exits(&both, a[i], i + 1);
	}
	for (size_t i = 0; i < nb; i++) {
		sample_exits(&other, b[i], 10 * i + 1);
		sample_exits(&both, b[i], 10 * i + 1);
	}
	sample_in_flight(&other);
	sample_in_flight(&both);
	assert_int_equal(reason_accumulate(&sum, &other), 0);
	assert_same_reason(&sum, &both);
	reason_free(&sum);
	reason_free(&other);
	reason_free(&both);
}

static void test_accumulate(void **state)
{
	static const uint64_t low[] = { 1, 2, 3 }, high[] = { 1000, 2000 };
	static const uint64_t even[] = { 2, 4, 6, 8 }, odd[] = { 1, 3, 5, 7, 9 };
	static const uint64_t mixed[] = { 2, 3, 6, 1000, UINT64_MAX };

	(void)state;
	check_sum(low, 3, high, 2);
	check_sum(high, 2, low, 3);
	check_sum(even, 4, odd, 5);
	check_sum(even, 4, even, 4);
	check_sum(even, 4, mixed, 4);
	check_sum(mixed, 4, low, 3);
	check_sum(low, 0, high, 2);
	check_sum(low, 3, high, 0);
	check_sum(low, 0, high, 0);
}

static void test_accumulate_random(void **state)
{
	uint64_t a[200], b[200], random = 7;

	(void)state;
	for (int round = 0; round < 20; round++) {
		for (size_t i = 0; i < 200; i++) {
			a[i] = next_random(&random) >> (24 + next_random(&random) % 40);
			b[i] = next_random(&random) >> (24 + next_random(&random) % 40);
		}
		check_sum(a, 200, b, 200);
	}
}

/* --- percentile -------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The smallest value such that at least percent of all are not above it. */
static uint64_t true_percentile(uint64_t *values, size_t n, unsigned int percent)
{
	size_t rank = (n * percent + 99) / 100;

	qsort(values, n, sizeof(*values), by_value);
	return values[rank ? rank - 1 : 0];
}

static void check_percentiles(uint64_t *values, size_t n)
{
	static const unsigned int percents[] = { 1, 10, 25, 50, 75, 90, 95, 99, 100 };
	struct reason_stat r = no_reason();

	for (size_t i = 0; i < n; i++)
		sample_exits(&r, values[i], 1);
	for (size_t i = 0; i < COUNT(percents); i++) {
		uint64_t right = true_percentile(values, n, percents[i]);
		uint64_t ours = reason_percentile(&r, percents[i]);
		uint64_t off = ours > right ? ours - right : right - ours;

		/* 12.5 % is promised to users, 1/16 by stats.h. */
		if (off > right / 16)
			fail_msg("p%u of %zu: %lu, not %lu", percents[i], n, ours, right);
	}
	reason_free(&r);
}

static void test_percentile_of_random_data(void **state)
{
	uint64_t values[3000], random = 99;

	(void)state;
	for (int shape = 0; shape < 30; shape++) {
		for (size_t i = 0; i < COUNT(values); i++) {
			values[i] = next_random(&random) >> (8 + shape);
			if (shape % 3 == 1)
				values[i] >>= next_random(&random) % 32;
			if (shape % 3 == 2 && i % 2)
				values[i] = 12345;
		}
		check_percentiles(values, COUNT(values));
	}
}

static void test_percentile_of_few(void **state)
{
	uint64_t values[210], random = 5;

	(void)state;
	for (size_t n = 1; n <= COUNT(values); n++) {
		for (size_t i = 0; i < n; i++)
			values[i] = next_random(&random) >> (next_random(&random) % 60);
		check_percentiles(values, n);
	}
}

static void test_percentile_of_none_and_one(void **state)
{
	static const uint64_t values[] = { 0, 1, 15, 16, 1000, 123456789, UINT64_MAX };
	struct reason_stat r = no_reason();

	(void)state;
	assert_int_equal(reason_percentile(&r, 50), 0);
	sample_in_flight(&r);
	assert_int_equal(reason_percentile(&r, 99), 0);
	for (size_t i = 0; i < COUNT(values); i++) {
		r = no_reason();
		sample_exits(&r, values[i], 1);
		assert_int_equal(reason_percentile(&r, 0), values[i]);
		assert_int_equal(reason_percentile(&r, 50), values[i]);
		assert_int_equal(reason_percentile(&r, 100), values[i]);
		reason_free(&r);
	}
}

static void test_percentile_stays_within_min_and_max(void **state)
{
	struct reason_stat r = no_reason();

	(void)state;
	sample_exits(&r, 1023, 100);
	sample_exits(&r, 960, 100);
	assert_int_equal(exitstat_bucket(960), exitstat_bucket(1023));
	assert_in_range(reason_percentile(&r, 1), 960, 1023);
	reason_free(&r);
	r = no_reason();
	sample_exits(&r, 961, 10);
	sample_exits(&r, 965, 10);
	assert_in_range(reason_percentile(&r, 99), 961, 965);
	reason_free(&r);
}

/* --- sort, find -------------------------------------------------------------- */

static void test_sort(void **state)
{
	struct snapshot snap = { 0 };
	struct vcpu_stat *vcpu;
	struct vm_stat *vm;

	(void)state;
	sample_vm(&snap, 1ull << 40, 1, "c");
	sample_vm(&snap, 2, 2, "b");
	vm = sample_vm(&snap, 1, 3, "a");
	sample_vcpu(vm, UINT32_MAX);
	sample_vcpu(vm, 3);
	vcpu = sample_vcpu(vm, 0);
	sample_reason(vcpu, SVM, 1);
	sample_reason(vcpu, VMX, 0xffffffff);
	sample_reason(vcpu, VMX, 2);
	sample_reason(vcpu, VMX, 1);
	snapshot_sort(&snap);
	assert_string_equal(snap.vms[0].name, "a");
	assert_string_equal(snap.vms[1].name, "b");
	assert_string_equal(snap.vms[2].name, "c");
	assert_int_equal(snap.vms[0].vcpus[0].id, 0);
	assert_int_equal(snap.vms[0].vcpus[1].id, 3);
	assert_int_equal(snap.vms[0].vcpus[2].id, UINT32_MAX);
	vcpu = &snap.vms[0].vcpus[0];
	assert_int_equal(vcpu->reasons[0].reason, 1);
	assert_int_equal(vcpu->reasons[0].isa, VMX);
	assert_int_equal(vcpu->reasons[1].reason, 2);
	assert_int_equal(vcpu->reasons[2].reason, 0xffffffff);
	assert_int_equal(vcpu->reasons[3].isa, SVM);
	snapshot_free(&snap);
}

static void test_find_vm(void **state)
{
	struct snapshot snap;

	(void)state;
	sample_snapshot(&snap);
	assert_ptr_equal(snapshot_find_vm(&snap, 2), &snap.vms[1]);
	assert_null(snapshot_find_vm(&snap, 3));
	snapshot_free(&snap);
}

UNIT_TESTS(stats)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_is_equal_and_on_its_own),
		cmocka_unit_test(test_copy_of_nothing),
		cmocka_unit_test(test_growth_of_nothing_is_empty),
		cmocka_unit_test(test_growth_of_a_reason),
		cmocka_unit_test(test_growth_has_what_is_new),
		cmocka_unit_test(test_growth_leaves_out_what_vanished),
		cmocka_unit_test(test_growth_without_an_entry_is_not_timed),
		cmocka_unit_test(test_min_and_max_of_an_interval),
		cmocka_unit_test(test_accumulate),
		cmocka_unit_test(test_accumulate_random),
		cmocka_unit_test(test_percentile_of_random_data),
		cmocka_unit_test(test_percentile_of_few),
		cmocka_unit_test(test_percentile_of_none_and_one),
		cmocka_unit_test(test_percentile_stays_within_min_and_max),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_find_vm),
	};

	RUN_GROUP(tally, "stats", tests);
}
