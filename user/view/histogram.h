/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_VIEW_HISTOGRAM_H
#define EXITSTAT_VIEW_HISTOGRAM_H

#include <stddef.h>
#include <stdio.h>

#include "model/snapshot.h"

/* "873ns", "1.25us", "14.0ms", "2.50s", "3h12m", "90d08h": at most 7 characters to a year. */
void duration(char *text, size_t size, uint64_t ns);

/* A reason's distribution as bars, buckets joined until they fit a screen. */
void draw_histogram(FILE *out, const struct reason_stat *reason);

#endif
