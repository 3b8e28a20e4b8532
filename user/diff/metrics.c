// SPDX-License-Identifier: GPL-2.0-only
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/figures.h"
#include "diff/metrics.h"

/* A file that was made up can have more. */
#define MOST_NS 1.8e19

static const struct {
	const char *name;
	double quantile;
} metrics[METRICS] = {
	[METRIC_COUNT] = { "count", 0 }, [METRIC_TIME] = { "time", 0 },
	[METRIC_SHARE] = { "share", 0 }, [METRIC_AVG] = { "avg", 0 },
	[METRIC_P50] = { "p50", 0.5 },	 [METRIC_P90] = { "p90", 0.9 },
	[METRIC_P99] = { "p99", 0.99 },	 [METRIC_MAX] = { "max", 0 },
};

const char *metric_name(enum metric metric)
{
	return metrics[metric].name;
}

bool metric_find(const char *name, enum metric *metric)
{
	for (*metric = 0; *metric < METRICS; ++*metric)
		if (!strcmp(name, metrics[*metric].name))
			return true;
	return false;
}

double metric_quantile(enum metric metric)
{
	return metrics[metric].quantile;
}

void metric_text(char text[METRIC_TEXT_LEN], enum metric metric, double value)
{
	if (metric == METRIC_COUNT)
		snprintf(text, METRIC_TEXT_LEN, "%.*f",
			 value < 10    ? 2
			 : value < 100 ? 1
				       : 0,
			 value);
	else if (metric == METRIC_SHARE)
		snprintf(text, METRIC_TEXT_LEN, "%.2f%%", 100 * value);
	else
		duration(text, METRIC_TEXT_LEN,
			 value < MOST_NS ? (uint64_t)(value + 0.5) : UINT64_MAX);
}
