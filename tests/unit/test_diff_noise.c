// SPDX-License-Identifier: GPL-2.0-only
/*
 * What diff names of pairs of runs that do not differ, or differ by what is known: made-up
 * guests of some reasons, each with noise of its own, part of which lasts for some intervals.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "bpf/exitstat.h"
#include "diff/difference.h"
#include "unit.h"

#define PAIRS	  1000
#define CHANGED	  200
#define INTERVALS 30
#define REASONS	  6
#define BUCKETS	  14

static uint64_t seed = 1;

static double uniform(void)
{
	return ((double)(next_random(&seed) >> 11) + 1) / 9007199254740993.0;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

/* As many as come by chance where so many are expected (of many the normal distribution's). */
static uint64_t poisson(double expected)
{
	double limit = exp(-expected), product = uniform();
	uint64_t n = 0;

	if (expected > 30)
		return (uint64_t)fmax(0, expected + sqrt(expected) * normal() + 0.5);
	for (; product > limit; n++)
		product *= uniform();
	return n;
}

/* What is changed of one reason: 1 is nothing. */
struct changes {
	double count, time;
};

/* The guest: each reason comes so often, and takes so long. */
static const struct {
	uint32_t reason;
	double count, ns;
} guest[REASONS] = {
	{ 10, 3000, 1500 }, { 12, 300, 400000 }, { 30, 800, 60000 },
	{ 31, 1500, 2500 }, { 48, 40, 9000 },	 { 1, 250, 4000 },
};

/* Log-normal times: the buckets' shares. */
static void add_times(struct reason_stat *r, double ns, double count)
{
	double shares[BUCKETS], all = 0;

	for (size_t i = 0; i < BUCKETS; i++) {
		double sigmas = ((double)i - 4) / 2.5;

		shares[i] = exp(-sigmas * sigmas / 2);
		all += shares[i];
	}
	for (size_t i = 0; i < BUCKETS; i++) {
		uint64_t n = poisson(count * shares[i] / all);
		double at = ns * exp(((double)i - 4) / 2.5 * 0.5);

		if (n)
			sample_exits(r, (uint64_t)at, n);
	}
}

/* Half of the noise lasts: a state of the guest that changes by and by. */
static void make_interval(struct snapshot *snap, double *states, const struct changes *changes)
{
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(snap, 1, 100, "web1"), 0);

	for (size_t i = 0; i < REASONS; i++) {
		bool changed = changes && i == 2;
		double count = guest[i].count * (changed ? changes->count : 1);
		double ns = guest[i].ns * (changed ? changes->time : 1);

		states[i] = 0.3 * states[i] + sqrt(1 - 0.09) * normal();
		count *= exp(0.05 * states[i]);
		ns *= exp(0.04 * normal());
		add_times(sample_reason(vcpu, EXITSTAT_ISA_VMX, guest[i].reason), ns, count);
	}
}

/* A run, kept until it is compared. */
struct kept {
	struct snapshot intervals[INTERVALS];
};

static void make(struct kept *kept, const struct changes *changes)
{
	double states[REASONS];

	for (size_t i = 0; i < REASONS; i++)
		states[i] = normal();
	for (size_t i = 0; i < INTERVALS; i++) {
		kept->intervals[i] = (struct snapshot){ 0 };
		make_interval(&kept->intervals[i], states, changes);
	}
}

static void drop(struct kept *kept)
{
	for (size_t i = 0; i < INTERVALS; i++)
		snapshot_free(&kept->intervals[i]);
}

static const struct side_options options;

static void feed(struct side *side, const struct kept *kept,
		 int (*add)(struct side *side, const struct run *run))
{
	struct run run = { .ns = NS_PER_SEC };

	for (size_t i = 0; i < INTERVALS; i++) {
		run.snap = &kept->intervals[i];
		assert_int_equal(add(side, &run), 0);
	}
}

static void compare(struct difference *difference, struct side sides[2], const struct kept *a,
		    const struct kept *b)
{
	const struct kept *kept[2] = { a, b };

	for (size_t i = 0; i < 2; i++) {
		side_init(&sides[i], &options);
		feed(&sides[i], kept[i], side_add);
	}
	assert_int_equal(difference_begin(difference, &sides[0], &sides[1]), 0);
	for (size_t i = 0; i < 2; i++)
		feed(&sides[i], kept[i], side_add_interval);
	assert_int_equal(difference_judge(difference, DIFFERENCE_LEAST), 0);
}

static void forget(struct difference *difference, struct side sides[2])
{
	difference_free(difference);
	side_close(&sides[0]);
	side_close(&sides[1]);
}

static size_t count_named(const struct difference *difference)
{
	size_t n = 0;

	for (size_t i = 0; i < difference->nrows; i++)
		for (enum metric metric = 0; metric < METRICS; metric++)
			n += difference->rows[i].changes[metric].judgement == IS_CHANGE;
	return n;
}

static const struct difference_row *row_of(const struct difference *difference, uint32_t reason)
{
	for (size_t i = 0; i < difference->nrows; i++)
		if (!difference->rows[i].like.is_total &&
		    difference->rows[i].like.all.reason == reason)
			return &difference->rows[i];
	fail_msg("no reason %u", reason);
	return NULL;
}

/* Each run with the one after it. */
static void test_same(void **state)
{
	struct kept before, now;
	struct difference difference;
	struct side sides[2];
	size_t alarms = 0;

	(void)state;
	make(&before, NULL);
	for (size_t i = 0; i < PAIRS; i++) {
		make(&now, NULL);
		compare(&difference, sides, &before, &now);
		alarms += count_named(&difference) > 0;
		forget(&difference, sides);
		drop(&before);
		before = now;
	}
	drop(&before);
	print_message("%zu false alarms in %d pairs\n", alarms, PAIRS);
	assert_true(alarms <= PAIRS / 500);
}

/* How many intervals of a run have an exit that seldom comes, all but as a clock has it come. */
static void make_few(struct kept *kept, size_t n)
{
	for (size_t i = 0; i < INTERVALS; i++) {
		struct snapshot *snap = &kept->intervals[i];
		struct vcpu_stat *vcpu = sample_vcpu(sample_vm(snap, 1, 100, "web1"), 0);

		if ((i + 1) * n / INTERVALS != i * n / INTERVALS)
			sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, 1), 400, 1);
	}
}

/* Two such runs: whether their number is named. */
static bool few_are_named(size_t a, size_t b)
{
	struct kept runs[2] = { 0 };
	struct difference difference;
	struct side sides[2];
	bool named;

	make_few(&runs[0], a);
	make_few(&runs[1], b);
	compare(&difference, sides, &runs[0], &runs[1]);
	named = row_of(&difference, 1)->changes[METRIC_COUNT].judgement == IS_CHANGE;
	forget(&difference, sides);
	drop(&runs[0]);
	drop(&runs[1]);
	return named;
}

/* What fell between an alarm and a tick, in runs of one guest. */
static void test_few(void **state)
{
	(void)state;
	assert_false(few_are_named(12, 1));
	assert_false(few_are_named(1, 12));
	assert_false(few_are_named(0, 12));
	assert_false(few_are_named(3, 16));
	assert_true(few_are_named(0, 30));
	assert_true(few_are_named(30, 0));
	assert_true(few_are_named(2, 30));
}

/* How often that metric of the reason is named; whatever else is, which follows from it, may. */
static size_t count_found(const struct changes *changes, enum metric metric)
{
	struct difference difference;
	struct side sides[2];
	struct kept a, b;
	size_t found = 0;

	for (size_t i = 0; i < CHANGED; i++) {
		make(&a, NULL);
		make(&b, changes);
		compare(&difference, sides, &a, &b);
		found += row_of(&difference, guest[2].reason)->changes[metric].judgement ==
			 IS_CHANGE;
		forget(&difference, sides);
		drop(&a);
		drop(&b);
	}
	print_message("%s: found in %zu of %d pairs\n", metric_name(metric), found, CHANGED);
	return found;
}

static void test_changed(void **state)
{
	const struct changes more = { 1.2, 1 }, slower = { 1, 1.2 }, less = { 0.8, 1 };

	(void)state;
	assert_true(count_found(&more, METRIC_COUNT) >= CHANGED * 95 / 100);
	assert_true(count_found(&less, METRIC_COUNT) >= CHANGED * 95 / 100);
	assert_true(count_found(&slower, METRIC_AVG) >= CHANGED * 95 / 100);
	assert_true(count_found(&slower, METRIC_P50) >= CHANGED * 95 / 100);
	/* Of a hundredth of the exits less is known. */
	assert_true(count_found(&slower, METRIC_P99) >= CHANGED * 85 / 100);
}

UNIT_TESTS(diff_noise)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_changed),
	};

	RUN_GROUP(tally, "diff_noise", tests);
}
