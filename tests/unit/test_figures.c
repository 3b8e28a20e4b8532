// SPDX-License-Identifier: GPL-2.0-only
/* Durations and shares, as people read them. */
#include <stdio.h>
#include <string.h>

#include "base/figures.h"
#include "unit.h"

static void test_duration(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "0ns" },
		{ 999, "999ns" },
		{ 1000, "1.00us" },
		{ 1250, "1.25us" },
		{ 9990, "9.99us" },
		{ 10000, "10.0us" },
		{ 99900, "99.9us" },
		{ 100000, "100us" },
		{ 999000, "999us" },
		{ 1000000, "1.00ms" },
		{ 14000000, "14.0ms" },
		{ 999000000, "999ms" },
		{ NS_OF(1), "1.00s" },
		{ 2500000000, "2.50s" },
		{ NS_OF(60), "60.0s" },
		{ NS_OF(5999), "5999s" },
		{ NS_OF(6000), "1h40m" },
		{ NS_OF(3600 * 3 + 12 * 60), "3h12m" },
		{ NS_OF(3600 * 100 + 60), "100h01m" },
		{ NS_OF(3600 * 999 + 59 * 60), "999h59m" },
		{ NS_OF(3600 * 1000), "41d16h" },
		{ NS_OF(86400 * 365), "365d00h" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		duration(text, sizeof(text), cases[i].ns);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_percent(void **state)
{
	char text[32];

	(void)state;
	percent(text, sizeof(text), 1, 3);
	assert_string_equal(text, "33.33%");
	percent(text, sizeof(text), UINT64_MAX, UINT64_MAX);
	assert_string_equal(text, "100.00%");
	percent(text, sizeof(text), 0, 1);
	assert_string_equal(text, "0.00%");
	percent(text, sizeof(text), 0, 0);
	assert_string_equal(text, "-");
}

static void test_duration_fits_its_column(void **state)
{
	uint64_t random = 23;
	char text[32], tiny[3];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t ns = next_random(&random) >> (13 + i % 51);

		duration(text, sizeof(text), ns);
		if (ns < NS_OF(86400ull * 366))
			assert_true(strlen(text) <= 7);
	}
	duration(text, sizeof(text), UINT64_MAX);
	assert_string_equal(text, "213503d23h");
	duration(tiny, sizeof(tiny), UINT64_MAX);
	assert_string_equal(tiny, "21");
}

UNIT_TESTS(figures)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_percent),
		cmocka_unit_test(test_duration_fits_its_column),
	};

	RUN_GROUP(tally, "figures", tests);
}
