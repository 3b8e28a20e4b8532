// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "bpf/exitstat.h"
#include "model/distribution.h"
#include "model/run.h"
#include "unit.h"

static void test_of_nothing(void **state)
{
	struct distribution none = { 0 };

	(void)state;
	assert_int_equal(none.count, 0);
	assert_int_equal(distribution_percentile(&none, 50), 0);
}

static void test_sums(void **state)
{
	struct distribution distribution = { 0 };

	(void)state;
	distribution_add(&distribution, 7);
	distribution_add(&distribution, 3);
	distribution_add(&distribution, 2000);
	assert_int_equal(distribution.count, 3);
	assert_int_equal(distribution.sum, 2010);
	assert_int_equal(distribution.min, 3);
	assert_int_equal(distribution.max, 2000);
	assert_int_equal(distribution_percentile(&distribution, 1), 3);
	assert_int_equal(distribution_percentile(&distribution, 50), 7);
	/* The middle of 1920 to 2047. */
	assert_int_equal(distribution_percentile(&distribution, 100), 1983);
}

static void test_percentiles_lie_between_least_and_most(void **state)
{
	struct distribution one = { 0 };

	(void)state;
	distribution_add(&one, 1920);
	assert_int_equal(distribution_percentile(&one, 50), 1920);
	one = (struct distribution){ 0 };
	distribution_add(&one, 2047);
	assert_int_equal(distribution_percentile(&one, 50), 2047);
	one = (struct distribution){ 0 };
	distribution_add(&one, UINT64_MAX);
	assert_int_equal(distribution_percentile(&one, 50), UINT64_MAX);
}

/* The same values one by one, and as a reason has them: the same percentiles. */
static void test_agrees_with_a_reason(void **state)
{
	struct distribution distribution = { 0 };
	struct reason_stat reason;
	uint64_t random = 5;

	(void)state;
	reason_init(&reason, EXITSTAT_ISA_VMX, 10);
	for (int i = 0; i < 2000; i++) {
		uint64_t value = next_random(&random) >> (next_random(&random) % 60);

		distribution_add(&distribution, value);
		sample_exits(&reason, value, 1);
	}
	for (int percent = 0; percent <= 100; percent++)
		assert_int_equal(distribution_percentile(&distribution, percent),
				 reason_percentile(&reason, percent));
	reason_free(&reason);
}

UNIT_TESTS(distribution)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_nothing),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_percentiles_lie_between_least_and_most),
		cmocka_unit_test(test_agrees_with_a_reason),
	};

	RUN_GROUP(tally, "distribution", tests);
}
