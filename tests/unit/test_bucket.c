// SPDX-License-Identifier: GPL-2.0-only
/* The histogram of bpf/exitstat.h. */
#include "bpf/exitstat.h"
#include "unit.h"

#define LAST (EXITSTAT_HIST_BUCKETS - 1)

static void test_inverse_at_every_boundary(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= LAST; i++) {
		uint64_t low = exitstat_bucket_low(i);

		assert_int_equal(exitstat_bucket(low), i);
		if (!i)
			continue;
		assert_int_equal(exitstat_bucket(low - 1), i - 1);
		assert_true(low > exitstat_bucket_low(i - 1));
	}
}

static void test_small_values_have_a_bucket_each(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= 16; i++) {
		assert_int_equal(exitstat_bucket(i), i);
		assert_int_equal(exitstat_bucket_low(i), i);
	}
	assert_int_equal(exitstat_bucket(17), 16);
	assert_int_equal(exitstat_bucket(18), 17);
}

static void test_powers_of_two(void **state)
{
	(void)state;
	for (uint32_t shift = 4; shift < 64; shift++) {
		uint32_t first = (shift - 2) * 8;
		uint64_t value = 1ull << shift;

		assert_int_equal(exitstat_bucket(value), first);
		assert_int_equal(exitstat_bucket(value - 1), first - 1);
		assert_int_equal(exitstat_bucket(value + 1), first);
		assert_int_equal(exitstat_bucket_low(first), value);
	}
}

static void test_last_bucket_takes_the_largest_value(void **state)
{
	(void)state;
	assert_int_equal(exitstat_bucket(UINT64_MAX), LAST);
	assert_int_equal(exitstat_bucket(UINT64_MAX - 1), LAST);
	assert_int_equal(exitstat_bucket_low(LAST), 15ull << 60);
	assert_int_equal(exitstat_bucket((15ull << 60) - 1), LAST - 1);
}

static void test_no_bucket_is_wider_than_an_eighth(void **state)
{
	(void)state;
	for (uint32_t i = 16; i <= LAST; i++) {
		uint64_t low = exitstat_bucket_low(i);
		uint64_t width = i < LAST ? exitstat_bucket_low(i + 1) - low : -low;

		assert_true(width >= 1);
		assert_true(width <= low / 8);
	}
}

static void test_random_values_lie_in_their_bucket(void **state)
{
	uint64_t random = 42;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		uint64_t value = next_random(&random) >> (i % 64);
		uint32_t bucket = exitstat_bucket(value);

		assert_true(bucket <= LAST);
		assert_true(exitstat_bucket_low(bucket) <= value);
		if (bucket < LAST)
			assert_true(value < exitstat_bucket_low(bucket + 1));
	}
}

UNIT_TESTS(bucket)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inverse_at_every_boundary),
		cmocka_unit_test(test_small_values_have_a_bucket_each),
		cmocka_unit_test(test_powers_of_two),
		cmocka_unit_test(test_last_bucket_takes_the_largest_value),
		cmocka_unit_test(test_no_bucket_is_wider_than_an_eighth),
		cmocka_unit_test(test_random_values_lie_in_their_bucket),
	};

	RUN_GROUP(tally, "bucket", tests);
}
