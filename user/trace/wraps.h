/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A record's buckets have 32 bits, which halves its memory, and begin at 0 again. Whoever reads
 * them before 2^31 more exits are in one (a vCPU that does nothing else takes ten minutes for
 * that at least) sees each time that they do.
 */
#ifndef EXITSTAT_TRACE_WRAPS_H
#define EXITSTAT_TRACE_WRAPS_H

#include <stdint.h>

#include "base/clock.h"
#include "bpf/exitstat.h"

/* So often they are to be read, at least. */
#define WRAPS_NS (60 * NS_PER_SEC)

/* Of one record; all zero at first. */
struct wraps {
	uint64_t high[(EXITSTAT_HIST_BUCKETS + 63) / 64]; /* a bit each: 2^31 or more, last time */
	uint32_t *times; /* by bucket: how often it began again; NULL: none has */
};

/* All that bucket has counted; the map has low. 0 or -ENOMEM. */
int wraps_count(struct wraps *wraps, uint32_t bucket, uint32_t low, uint64_t *count);

/* Of those that a histogram lacks as nobody looked for too long; never more than there were. */
uint64_t wraps_missed(uint64_t count, uint64_t timed);

/* Zero again. */
void wraps_reset(struct wraps *wraps);

#endif
