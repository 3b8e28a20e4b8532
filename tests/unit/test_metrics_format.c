// SPDX-License-Identifier: GPL-2.0-only
/* In which format metrics are wanted, by what a request says. */
#include "metrics/format.h"
#include "unit.h"

static void test_format(void **state)
{
	static const struct {
		const char *accept;
		enum metrics_format format;
	} cases[] = {
		{ NULL, METRICS_PROMETHEUS },
		{ "", METRICS_PROMETHEUS },
		{ ",", METRICS_PROMETHEUS },
		{ "*/*", METRICS_PROMETHEUS },
		{ "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", METRICS_PROMETHEUS },
		{ "application/openmetrics-text", METRICS_OPENMETRICS },
		{ "application/openmetrics-text;version=1.0.0", METRICS_OPENMETRICS },
		{ "Application/OpenMetrics-Text ; Version=1.0.0", METRICS_OPENMETRICS },
		{ "application/openmetrics-text; version=\"1.0.0\"; charset=utf-8",
		  METRICS_OPENMETRICS },
		{ "application/openmetrics-text;version=0.0.1", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;version=2.0.0", METRICS_PROMETHEUS },
		/* Debian 12's Prometheus, and older ones. */
		{ "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version="
		  "0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  METRICS_OPENMETRICS },
		{ "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  METRICS_PROMETHEUS },
		{ "text/plain", METRICS_PROMETHEUS },
		{ "text/plain,application/openmetrics-text", METRICS_OPENMETRICS },
		{ "text/plain,application/openmetrics-text;q=0.9", METRICS_PROMETHEUS },
		{ "text/plain;q=0.3,application/openmetrics-text;q=0.4", METRICS_OPENMETRICS },
		{ "text/*;q=0.3,application/*;q=0.4", METRICS_OPENMETRICS },
		{ "application/openmetrics-text;q=0", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=0.000", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=1.000", METRICS_OPENMETRICS },
		{ "application/openmetrics-text;q=2", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=-1", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=0.5000", METRICS_PROMETHEUS },
		{ "application/openmetrics-text;q=", METRICS_OPENMETRICS },
		{ "application/*;q=0.9, application/openmetrics-text;q=0, */*",
		  METRICS_PROMETHEUS },
		{ "application/openmetrics-textx", METRICS_PROMETHEUS },
		{ "application/protobuf", METRICS_PROMETHEUS },
		{ ";;;,;q=1,;version=", METRICS_PROMETHEUS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (format_choose(cases[i].accept) != cases[i].format)
			fail_msg("wrong format for '%s'", cases[i].accept);
	assert_string_equal(format_type(METRICS_OPENMETRICS),
			    "application/openmetrics-text; version=1.0.0; charset=utf-8");
	assert_string_equal(format_type(METRICS_PROMETHEUS),
			    "text/plain; version=0.0.4; charset=utf-8");
}

/* Whatever a client sends, it ends. */
static void test_any_accept(void **state)
{
	static const char some[] = "application/openmetrics-text;q=0.5,version=1.0.0*/ \t\"";
	uint64_t random = 4;
	char text[400];

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t len = next_random(&random) % (sizeof(text) - 1);

		for (size_t i = 0; i < len; i++)
			text[i] =
				next_random(&random) % 8
					? some[(i + next_random(&random) % 3) % (sizeof(some) - 1)]
					: (char)(next_random(&random) % 255 + 1);
		text[len] = '\0';
		assert_true(format_choose(text) < METRICS_FORMATS);
	}
}

UNIT_TESTS(metrics_format)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_any_accept),
	};

	RUN_GROUP(tally, "metrics_format", tests);
}
