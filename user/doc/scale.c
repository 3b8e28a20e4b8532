// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bpf/exitstat.h"
#include "doc/scale.h"

uint64_t scale_cycles(uint64_t ns, uint32_t khz)
{
	uint64_t cycles = ns_to_cycles(ns, khz);

	return cycles < INT64_MAX ? cycles : INT64_MAX;
}

bool scale_ns(uint64_t cycles, uint32_t khz, uint64_t *ns)
{
	*ns = cycles_to_ns(cycles, khz);
	return scale_cycles(*ns, khz) == cycles;
}

uint64_t scale_begin(uint32_t bucket, uint32_t khz)
{
	/* The last bucket ends at 2^64 ns, beyond any clock: say the last value. */
	return bucket < EXITSTAT_HIST_BUCKETS ? scale_cycles(exitstat_bucket_low(bucket), khz)
					      : INT64_MAX;
}

uint32_t scale_bucket(uint32_t bucket, uint32_t khz)
{
	uint64_t begin = scale_begin(bucket, khz);

	while (bucket + 1 < EXITSTAT_HIST_BUCKETS && scale_begin(bucket + 1, khz) == begin)
		bucket++;
	return bucket;
}

bool scale_find(uint64_t begin, uint32_t khz, uint32_t *bucket)
{
	*bucket = exitstat_bucket(cycles_to_ns(begin, khz));
	/* The least ns of that cycle need not be where a bucket begins. */
	if (scale_begin(*bucket, khz) < begin)
		++*bucket;
	if (*bucket >= EXITSTAT_HIST_BUCKETS || scale_begin(*bucket, khz) != begin)
		return false;
	*bucket = scale_bucket(*bucket, khz);
	return true;
}

int scale_histogram(struct reason_stat *scaled, const struct reason_stat *reason, uint32_t khz)
{
	*scaled = *reason;
	scaled->nbuckets = 0;
	scaled->buckets = calloc(reason->nbuckets + 1, sizeof(*scaled->buckets));
	if (!scaled->buckets)
		return -ENOMEM;
	for_each_bucket(b, reason) {
		struct bucket *last = &scaled->buckets[scaled->nbuckets];
		uint32_t index = scale_bucket(b->index, khz);

		if (!scaled->nbuckets || last[-1].index != index) {
			scaled->nbuckets++;
			*last = (struct bucket){ .index = index };
			last++;
		}
		last[-1].count += b->count;
	}
	return 0;
}
