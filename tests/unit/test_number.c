// SPDX-License-Identifier: GPL-2.0-only
#include "base/number.h"
#include "unit.h"

static void test_u64_takes_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "10", 10 },
		{ "010", 10 }, /* decimal, not octal */
		{ "0x0", 0 },
		{ "0x10", 16 },
		{ "0Xff", 255 },
		{ "0xFf", 255 },
		{ "18446744073709551615", UINT64_MAX },
		{ "0xffffffffffffffff", UINT64_MAX },
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		value = ~good[i].value;
		if (parse_u64(good[i].text, 0, UINT64_MAX, &value))
			fail_msg("'%s' is refused", good[i].text);
		assert_int_equal(value, good[i].value);
	}
}

static void test_u64_refuses_the_rest(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"-",
		"+",
		"-1",
		"+1",
		" 1",
		"1 ",
		"\t1",
		"1\n",
		"1a",
		"a",
		"ff",
		"x1",
		"0x",
		"0X",
		"0xg",
		"0x1g",
		"0x 1",
		"0x-1",
		"0x+1",
		"0x0x1",
		"0X0X1",
		"0x0x",
		"1.0",
		"1e3",
		"1,000",
		"0b1",
		"1_000",
		"nan",
		"inf",
		"0x0X",
		"18446744073709551616",
		"99999999999999999999999",
		"0x10000000000000000",
		"\xd9\xa1", /* an Arabic 1 */
	};
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!parse_u64(bad[i], 0, UINT64_MAX, &value))
			fail_msg("'%s' is taken for %lu", bad[i], value);
}

static void test_u64_bounds(void **state)
{
	uint64_t value;

	(void)state;
	assert_int_equal(parse_u64("4", 5, 7, &value), -1);
	assert_int_equal(parse_u64("5", 5, 7, &value), 0);
	assert_int_equal(parse_u64("7", 5, 7, &value), 0);
	assert_int_equal(parse_u64("8", 5, 7, &value), -1);
	assert_int_equal(parse_u64("0x8", 5, 7, &value), -1);
	assert_int_equal(parse_u64("18446744073709551615", 0, UINT64_MAX - 1, &value), -1);
}

static void test_seconds_takes_decimals(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {
		{ "0", 0 },
		{ "0.0", 0 },
		{ "1", NS_OF(1) },
		{ "1.5", 1500000000 },
		{ "0.25", 250000000 },
		{ "0.000000001", 1 },
		{ "12.345678901", 12345678901 },
		{ "007", NS_OF(7) },
		{ "1000000000", NS_OF(1000000000) },
		{ "999999999.999999999", 999999999999999999 },
	};
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		ns = ~good[i].ns;
		if (parse_seconds(good[i].text, 0, UINT64_MAX, &ns))
			fail_msg("'%s' is refused", good[i].text);
		assert_int_equal(ns, good[i].ns);
	}
}

static void test_seconds_refuses_the_rest(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"1.",
		".5",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1. 5",
		"1 .5",
		"1.-5",
		"1.5 ",
		"1.5.5",
		"1..5",
		"1e3",
		"1.5e3",
		"nan",
		"inf",
		"0x1",
		"0X1",
		"0x1.8",
		"1.0x5",
		"1s",
		"1.5s",
		"1,5",
		"a",
		"1.a",
		"0.0000000001",
		"1.0000000000",
		"1000000001",
		"99999999999999999999",
		"1000000000000000000000000000000",
	};
	uint64_t ns;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!parse_seconds(bad[i], 0, UINT64_MAX, &ns))
			fail_msg("'%s' is taken for %lu ns", bad[i], ns);
}

static void test_seconds_bounds(void **state)
{
	uint64_t ns;

	(void)state;
	assert_int_equal(parse_seconds("0.009999999", 10000000, NS_OF(5), &ns), -1);
	assert_int_equal(parse_seconds("0.01", 10000000, NS_OF(5), &ns), 0);
	assert_int_equal(parse_seconds("5", 10000000, NS_OF(5), &ns), 0);
	assert_int_equal(parse_seconds("5.000000001", 10000000, NS_OF(5), &ns), -1);
}

UNIT_TESTS(number)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64_takes_numbers),
		cmocka_unit_test(test_u64_refuses_the_rest),
		cmocka_unit_test(test_u64_bounds),
		cmocka_unit_test(test_seconds_takes_decimals),
		cmocka_unit_test(test_seconds_refuses_the_rest),
		cmocka_unit_test(test_seconds_bounds),
	};

	RUN_GROUP(tally, "number", tests);
}
