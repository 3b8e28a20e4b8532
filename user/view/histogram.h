/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_VIEW_HISTOGRAM_H
#define EXITSTAT_VIEW_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/snapshot.h"

/* A reason's distribution, buckets joined until they fit a screen. */
struct bars {
	uint32_t join; /* so many buckets are one */
	uint32_t first, last;
	uint64_t count[EXITSTAT_HIST_BUCKETS];
	uint64_t most; /* of one, at least 1 */
};

/* False: none of its exits is timed, and there are no bars. */
bool bars_make(struct bars *bars, const struct reason_stat *reason);
/* Where it begins and ends; "" after the last there is. */
void bars_limits(const struct bars *bars, uint32_t bar, char low[32], char high[32]);

void draw_histogram(FILE *out, const struct reason_stat *reason);

#endif
