/* SPDX-License-Identifier: GPL-2.0-only */
/* What diff compares of a reason. */
#ifndef EXITSTAT_DIFF_METRICS_H
#define EXITSTAT_DIFF_METRICS_H

#include <stdbool.h>
#include <stddef.h>

enum metric {
	METRIC_COUNT, /* exits a second */
	METRIC_TIME,  /* ns a second */
	METRIC_SHARE, /* of the time of all reasons, of 1 */
	METRIC_AVG,   /* these are of an exit, in ns */
	METRIC_P50,
	METRIC_P90,
	METRIC_P99,
	METRIC_MAX, /* of one exit: nothing says how far it is off by chance */
	METRICS,
};

/* "count", "time" and so on. */
const char *metric_name(enum metric metric);
/* False: none is called so. */
bool metric_find(const char *name, enum metric *metric);

/* Of those that are percentiles: 0.5 and so on; of others 0. */
double metric_quantile(enum metric metric);

#define METRIC_TEXT_LEN 32

/* A value for people: "1010", "1.25us", "12.34%"; a second where it is of one: "14.0ms". */
void metric_text(char text[METRIC_TEXT_LEN], enum metric metric, double value);

#endif
