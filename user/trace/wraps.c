// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "trace/wraps.h"

#define ONCE (1ULL << 32)

int wraps_count(struct wraps *wraps, uint32_t bucket, uint32_t low, uint64_t *count)
{
	uint64_t *high = &wraps->high[bucket / 64], bit = 1ULL << bucket % 64;
	bool was_high = *high & bit, is_high = low >> 31;

	if (was_high && !is_high) {
		if (!wraps->times)
			wraps->times = calloc(EXITSTAT_HIST_BUCKETS, sizeof(*wraps->times));
		if (!wraps->times)
			return -ENOMEM;
		wraps->times[bucket]++;
	}
	if (was_high != is_high)
		*high ^= bit;
	*count = low + (wraps->times ? wraps->times[bucket] * ONCE : 0);
	return 0;
}

/* What has no time for another reason is less than that. */
uint64_t wraps_missed(uint64_t count, uint64_t timed)
{
	return count > timed ? (count - timed) / ONCE * ONCE : 0;
}

void wraps_reset(struct wraps *wraps)
{
	free(wraps->times);
	*wraps = (struct wraps){ 0 };
}
