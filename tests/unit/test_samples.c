// SPDX-License-Identifier: GPL-2.0-only
/* Whether two rows of samples differ by more than their noise. */
#include <math.h>
#include <stdlib.h>

#include "model/samples.h"
#include "unit.h"

#define N 240

static uint64_t seed = 1;

/* Of the normal distribution (Box and Muller, 1958). */
static double normal(void)
{
	double u = ((double)(next_random(&seed) >> 11) + 1) / 9007199254740993.0;
	double v = (double)(next_random(&seed) >> 11) / 9007199254740992.0;

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* So noisy around a mean, of 2 each, and each like the one before. */
static void make(struct sample *samples, size_t n, double mean, double noise, double alike)
{
	double z = normal();

	for (size_t i = 0; i < n; i++) {
		z = alike * z + sqrt(1 - alike * alike) * normal();
		samples[i] = (struct sample){ 2 * mean * (1 + noise * z), 2 };
	}
}

static double compare(const struct sample *a, const struct sample *b, size_t n)
{
	struct estimate x = samples_estimate(a, n), y = samples_estimate(b, n);

	return estimates_compare(&x, &y);
}

/* As tables of Student's t have them, both sides: one estimate is known exactly. */
static void test_student(void **state)
{
	static const struct {
		double t, freedom, probability;
	} known[] = {
		{ 0, 7, 1 },
		{ 12.706, 1, 0.05 },
		{ 4.303, 2, 0.05 },
		{ 2.228, 10, 0.05 },
		{ 3.169, 10, 0.01 },
		{ 4.587, 10, 0.001 },
		{ 2.042, 30, 0.05 },
		{ 3.646, 30, 0.001 },
		{ 1.980, 120, 0.05 },
		{ 1.96, 1000000, 0.05 },
		{ 3.291, 1000000, 0.001 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		const struct estimate a = { known[i].t, 1, known[i].freedom };
		const struct estimate b = { 0, 0, 1e9 };
		double found = estimates_compare(&a, &b);

		if (fabs(found - known[i].probability) > 0.005 * known[i].probability)
			fail_msg("t %g with %g: %g", known[i].t, known[i].freedom, found);
	}
}

static void test_unknown(void **state)
{
	const struct estimate none = { 0 }, a = { 5, 0, 9 }, b = { 6, 0, 9 }, c = { 6, 1, 9 };
	struct sample samples[N];
	struct estimate few;

	(void)state;
	assert_true(estimates_compare(&none, &c) == 1);
	assert_true(estimates_compare(&c, &none) == 1);
	/* Without any noise nothing of what differs is noise. */
	assert_true(estimates_compare(&a, &b) == 0);
	assert_true(estimates_compare(&a, &a) == 1);
	make(samples, N, 100, 0.1, 0);
	few = samples_estimate(samples, SAMPLES_LEAST - 1);
	assert_true(few.freedom == 0 && few.value > 80 && few.value < 120);
	few = samples_estimate(samples, SAMPLES_LEAST);
	assert_true(few.freedom > 0 && few.variance > 0);
	few = samples_estimate(samples, 0);
	assert_true(few.freedom == 0 && few.value == 0);
	/* Nearly all of one sample: the others tell nothing of it. */
	samples[3].of = samples[3].sum = 1e9;
	few = samples_estimate(samples, N);
	assert_true(few.freedom == 0);
}

/* A ratio is of all, not the mean of ratios. */
static void test_ratio(void **state)
{
	struct sample samples[20];
	struct estimate estimate;

	(void)state;
	for (size_t i = 0; i < COUNT(samples); i++)
		samples[i] = i % 2 ? (struct sample){ 30, 10 } : (struct sample){ 1, 1 };
	estimate = samples_estimate(samples, COUNT(samples));
	assert_true(fabs(estimate.value - 31.0 / 11) < 1e-12);
}

static void test_adjusted(void **state)
{
	/* Benjamini and Hochberg: p * n / rank, and none more than one that is larger. */
	double p[] = { 0.04, 0.001, 0.03, 0.2, 0.02 };
	static const double expected[] = { 0.05, 0.005, 0.05, 0.2, 0.05 };

	(void)state;
	assert_int_equal(probabilities_adjust(p, COUNT(p)), 0);
	for (size_t i = 0; i < COUNT(p); i++)
		assert_true(fabs(p[i] - expected[i]) < 1e-12);
	assert_int_equal(probabilities_adjust(NULL, 0), 0);
}

/* How many of so many pairs are below that probability. */
static size_t below(double probability, size_t pairs, size_t n, double change, double alike)
{
	struct sample a[N], b[N];
	size_t found = 0;

	for (size_t i = 0; i < pairs; i++) {
		make(a, n, 100, 0.08, alike);
		make(b, n, 100 * change, 0.08, alike);
		found += compare(a, b, n) <= probability;
	}
	return found;
}

/* Of 4000 pairs that do not differ 4 may be below 0.001, also if samples are like each other. */
static void test_false_alarms(void **state)
{
	size_t white = below(0.001, 4000, 30, 1, 0), alike = below(0.001, 4000, 30, 1, 0.3);
	size_t longer = below(0.001, 4000, N, 1, 0.7);

	(void)state;
	print_message("below 0.001 of 4000: %zu, alike %zu, alike and many %zu\n", white, alike,
		      longer);
	assert_true(white <= 4 && alike <= 8 && longer <= 8);
}

static void test_power(void **state)
{
	size_t short_ones = below(0.0001, 1000, 30, 1.2, 0),
	       longer = below(1e-4, 1000, N, 1.1, 0.3);

	(void)state;
	print_message("found of 1000: %zu of 20 %%, %zu of 10 %% in longer ones\n", short_ones,
		      longer);
	assert_true(short_ones >= 950 && longer >= 950);
}

UNIT_TESTS(samples)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_student),	     cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_ratio),	     cmocka_unit_test(test_adjusted),
		cmocka_unit_test(test_false_alarms), cmocka_unit_test(test_power),
	};

	RUN_GROUP(tally, "samples", tests);
}
