// SPDX-License-Identifier: GPL-2.0-only
/* How a run went: whatever is joined, it adds up to what was counted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"
#include "bpf/exitstat.h"
#include "model/course.h"
#include "model/run.h"
#include "unit.h"

static struct snapshot snap;
static struct run run;
static struct course course;

static int begin(void **state)
{
	(void)state;
	course = (struct course){ 0 };
	snap = (struct snapshot){ 0 };
	sample_run(&run, &snap);
	run.ns = 0;
	sample_reason(sample_vcpu(sample_vm(&snap, 1, 100, "a"), 0), EXITSTAT_ISA_VMX, 10);
	return 0;
}

static int end(void **state)
{
	(void)state;
	course_free(&course);
	snapshot_free(&snap);
	return 0;
}

static struct reason_stat *reason(void)
{
	return &snap.vms[0].vcpus[0].reasons[0];
}

static void moment(uint64_t ns)
{
	run.ns += ns;
	assert_int_equal(course_add(&course, &run), 0);
}

static struct course_cell sum_of(const struct course_reason *of, uint64_t bands[COURSE_BANDS])
{
	struct course_cell sum = { 0 };

	memset(bands, 0, COURSE_BANDS * sizeof(*bands));
	for (size_t i = 0; i < course.nbins; i++) {
		const struct course_cell *cell = &of->cells[i];

		sum.count += cell->count;
		sum.sum_ns += cell->sum_ns;
		for (size_t j = 0; j < cell->nbands; j++) {
			assert_true(!j || cell->bands[j - 1].index < cell->bands[j].index);
			assert_true(cell->bands[j].count > 0);
			bands[cell->bands[j].index] += cell->bands[j].count;
		}
	}
	return sum;
}

/* All bins together are what the run has. */
static void check_sums(void)
{
	uint64_t bands[COURSE_BANDS], vm_count = 0, vm_ns = 0;
	const struct reason_stat *r = reason();
	struct course_cell sum = sum_of(course.reasons[0], bands);

	assert_int_equal(sum.count, r->count);
	assert_int_equal(sum.sum_ns, r->sum_ns);
	for (size_t i = 0; i < r->nbuckets; i++)
		bands[r->buckets[i].index / COURSE_BAND] -= r->buckets[i].count;
	for (size_t i = 0; i < COURSE_BANDS; i++)
		assert_int_equal(bands[i], 0);
	for (size_t i = 0; i < course.nbins; i++) {
		vm_count += course.vms[0]->count[i];
		vm_ns += course.vms[0]->ns[i];
		assert_true(course.end_ns[i] > (i ? course.end_ns[i - 1] : course.start_ns));
	}
	assert_int_equal(vm_count, r->count);
	assert_int_equal(vm_ns, r->sum_ns);
	assert_int_equal(course.end_ns[course.nbins - 1], run.ns);
}

/* Each number of moments, over several turns of joining. */
static void test_sums(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (size_t n = 1; n <= 5 * COURSE_BINS + 3; n++) {
		sample_exits(reason(), 1 + next_random(&random) % 5000000,
			     next_random(&random) % 90);
		moment(NS_OF(1));
		assert_true(course.nbins <= COURSE_BINS);
		assert_true(n < COURSE_BINS || course.nbins > COURSE_BINS / 2);
		assert_int_equal(course.nmoments, n);
		check_sums();
	}
	/* All of them are of the same length, but the last. */
	for (size_t i = 0; i + 1 < course.nbins; i++)
		assert_int_equal(course.end_ns[i] - (i ? course.end_ns[i - 1] : 0),
				 NS_OF(course.each));
	while (course.nbins > 1) {
		assert_int_equal(course_join(&course), 0);
		check_sums();
	}
}

/* What was there before it begins is not told of. */
static void test_begin(void **state)
{
	uint64_t bands[COURSE_BANDS];
	struct course_cell sum;

	(void)state;
	sample_exits(reason(), 1000, 70);
	snap.losses.unpaired = 5;
	run.ns = NS_OF(3);
	assert_int_equal(course_begin(&course, &run), 0);
	assert_int_equal(course.nbins, 0);
	assert_int_equal(course.start_ns, NS_OF(3));
	sample_exits(reason(), 1000, 4);
	sample_exits(reason(), 90000, 2);
	snap.losses.missed = 2;
	moment(NS_OF(2));
	sum = sum_of(course.reasons[0], bands);
	assert_int_equal(sum.count, 6);
	assert_int_equal(sum.sum_ns, 4 * 1000 + 2 * 90000);
	assert_int_equal(bands[exitstat_bucket(1000) / COURSE_BAND], 4);
	assert_int_equal(bands[exitstat_bucket(90000) / COURSE_BAND], 2);
	assert_int_equal(course.vms[0]->count[0], 6);
	assert_int_equal(course.lost[0], 2);
	assert_int_equal(course.end_ns[0], NS_OF(5));
}

/* A reason, a VM and a level that come later are by themselves, and nothing before. */
static void test_new_ones(void **state)
{
	struct reason_stat *of_l2;

	(void)state;
	sample_exits(reason(), 1000, 1);
	moment(NS_OF(1));
	of_l2 = sample_reason(&snap.vms[0].vcpus[0], EXITSTAT_ISA_VMX, 10);
	of_l2->level = EXITSTAT_L2;
	sample_exits(of_l2, 1000, 5);
	sample_exits(sample_reason(sample_vcpu(sample_vm(&snap, 9, 200, "b"), 0), EXITSTAT_ISA_VMX,
				   12),
		     500000, 3);
	moment(NS_OF(1));
	assert_int_equal(course.nreasons, 3);
	assert_int_equal(course.nvms, 2);
	assert_int_equal(course.reasons[1]->level, EXITSTAT_L2);
	assert_int_equal(course.reasons[1]->cells[0].count, 0);
	assert_int_equal(course.reasons[1]->cells[1].count, 5);
	assert_int_equal(course.reasons[0]->cells[1].count, 0);
	assert_int_equal(course.vms[1]->serial, 9);
	assert_int_equal(course.vms[1]->count[1], 3);
	assert_int_equal(course.vms[0]->count[1], 5);
}

static void test_filters(void **state)
{
	struct reason_filter filter;

	(void)state;
	assert_int_equal(reason_filter_parse(&filter, "HLT"), 0);
	run.filters = &filter;
	run.nfilters = 1;
	sample_exits(reason(), 1000, 7);
	sample_exits(sample_reason(&snap.vms[0].vcpus[0], EXITSTAT_ISA_VMX, 12), 1000, 2);
	moment(NS_OF(1));
	assert_int_equal(course.nreasons, 1);
	assert_int_equal(course.reasons[0]->reason, 12);
	assert_int_equal(course.vms[0]->count[0], 2);
}

/* A document's snapshots have times, but no histograms: that is said. */
static void test_no_bands(void **state)
{
	(void)state;
	reason()->count = 4;
	moment(NS_OF(1));
	assert_false(course.no_bands);
	reason()->sum_ns = 70;
	moment(NS_OF(1));
	assert_true(course.no_bands);
}

/* Of no run: it is not taken for 2^64 exits. */
static void test_fewer(void **state)
{
	(void)state;
	sample_exits(reason(), 1000, 9);
	moment(NS_OF(1));
	reason()->count = 3;
	reason()->sum_ns = 5;
	reason()->buckets[0].count = 1;
	moment(NS_OF(1));
	assert_int_equal(course.reasons[0]->cells[1].count, 0);
	assert_int_equal(course.reasons[0]->cells[1].sum_ns, 0);
	assert_int_equal(course.vms[0]->count[1], 0);
}

/* However many there are in a file: none is lost. */
static void test_others(void **state)
{
	uint64_t sum = 0;

	(void)state;
	for (uint32_t code = 100; code < 100 + 2 * COURSE_REASONS; code++)
		sample_exits(sample_reason(&snap.vms[0].vcpus[0], EXITSTAT_ISA_VMX, code), 1000, 1);
	for (uint64_t serial = 10; serial < 10 + COURSE_VMS + 7; serial++)
		sample_vm(&snap, serial, 1, "x");
	sample_exits(sample_reason(sample_vcpu(&snap.vms[snap.nvms - 1], 0), EXITSTAT_ISA_VMX, 10),
		     5, 3);
	moment(NS_OF(1));
	assert_int_equal(course.nreasons, COURSE_REASONS);
	assert_true(course.reasons[COURSE_REASONS - 1]->others);
	assert_false(course.reasons[COURSE_REASONS - 2]->others);
	for (size_t i = 0; i < course.nreasons; i++)
		sum += course.reasons[i]->cells[0].count;
	assert_int_equal(sum, 2 * COURSE_REASONS + 3);
	assert_int_equal(course.nvms, COURSE_VMS);
	assert_true(course.vms[COURSE_VMS - 1]->others);
	assert_int_equal(course.vms[COURSE_VMS - 1]->count[0], 3);
}

static int make(void)
{
	int ret = course_begin(&course, &run);

	run.ns += NS_OF(1);
	sample_exits(reason(), 1000, 1);
	ret = ret ?: course_add(&course, &run);
	ret = ret ?: course_add(&course, &run);
	return ret ?: course_join(&course);
}

static void test_no_memory(void **state)
{
	size_t wishes, i = 1;
	int ret;

	(void)state;
	do {
		allocations_fail(i, false);
		ret = make();
		wishes = allocations_end();
		assert_int_equal(ret, wishes >= i ? -ENOMEM : 0);
		course_free(&course);
	} while (wishes >= i++);
	assert_true(i > 5);
}

UNIT_TESTS(course)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sums, begin, end),
		cmocka_unit_test_setup_teardown(test_begin, begin, end),
		cmocka_unit_test_setup_teardown(test_new_ones, begin, end),
		cmocka_unit_test_setup_teardown(test_filters, begin, end),
		cmocka_unit_test_setup_teardown(test_no_bands, begin, end),
		cmocka_unit_test_setup_teardown(test_fewer, begin, end),
		cmocka_unit_test_setup_teardown(test_others, begin, end),
		cmocka_unit_test_setup_teardown(test_no_memory, begin, end),
	};

	RUN_GROUP(tally, "how a run went", tests);
}
