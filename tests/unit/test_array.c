// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "unit.h"

struct numbers {
	size_t n;
	uint64_t *of;
};

static void append(struct numbers *numbers, uint64_t value)
{
	uint64_t *element = array_append(&numbers->of, &numbers->n, sizeof(*element));

	assert_non_null(element);
	assert_ptr_equal(element, &numbers->of[numbers->n - 1]);
	assert_int_equal(*element, 0);
	*element = value;
}

static void assert_counts_up(const struct numbers *numbers)
{
	for (size_t i = 0; i < numbers->n; i++)
		assert_int_equal(numbers->of[i], i);
}

/* The sanitizer sees to it that there is room. */
static void test_growth(void **state)
{
	struct numbers numbers = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		append(&numbers, i);
	assert_int_equal(numbers.n, 1000);
	assert_counts_up(&numbers);
	free(numbers.of);
}

static void test_room_is_made_at_powers_of_two(void **state)
{
	static const size_t full[] = { 1, 2, 4, 8, 16, 32, 64 };
	struct numbers numbers = { 0 };
	size_t next = 0;

	(void)state;
	for (uint64_t i = 0; i < 64; i++) {
		const uint64_t *before = numbers.of;

		append(&numbers, i);
		/* Where it was not full, it has not moved. */
		if (numbers.n - 1 == (next ? full[next - 1] : 0))
			next++;
		else
			assert_ptr_equal(numbers.of, before);
	}
	assert_int_equal(next, COUNT(full));
	free(numbers.of);
}

/* Elements may be taken away at the end, so that n is again what it was when it grew. */
static void test_growth_after_shrinking(void **state)
{
	struct numbers numbers = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 9; i++)
		append(&numbers, i);
	for (size_t n = 9; n-- > 0;) {
		numbers.n = n;
		for (uint64_t i = n; i < 20; i++)
			append(&numbers, i);
		assert_counts_up(&numbers);
	}
	free(numbers.of);
}

static void test_copy_can_grow(void **state)
{
	struct numbers numbers = { 0 }, copy;

	(void)state;
	for (uint64_t i = 0; i < 5; i++)
		append(&numbers, i);
	copy = (struct numbers){ 5, array_copy(numbers.of, 5, sizeof(*numbers.of)) };
	assert_non_null(copy.of);
	for (uint64_t i = 5; i < 40; i++)
		append(&copy, i);
	assert_counts_up(&copy);
	assert_int_equal(numbers.n, 5);
	assert_null(array_copy(numbers.of, 0, sizeof(*numbers.of)));
	assert_null(array_copy(NULL, 0, sizeof(*numbers.of)));
	free(numbers.of);
	free(copy.of);
}

static int ascending(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void test_sort(void **state)
{
	uint64_t numbers[] = { 3, 0, 2, 1 };

	(void)state;
	array_sort(NULL, 0, sizeof(*numbers), ascending);
	array_sort(numbers, 1, sizeof(*numbers), ascending);
	assert_int_equal(numbers[0], 3);
	array_sort(numbers, COUNT(numbers), sizeof(*numbers), ascending);
	assert_counts_up(&(struct numbers){ COUNT(numbers), numbers });
}

UNIT_TESTS(array)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_room_is_made_at_powers_of_two),
		cmocka_unit_test(test_growth_after_shrinking),
		cmocka_unit_test(test_copy_can_grow),
		cmocka_unit_test(test_sort),
	};

	RUN_GROUP(tally, "array", tests);
}
