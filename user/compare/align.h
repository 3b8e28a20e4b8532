/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When was a reading taken, by the host's snapshots? Counters only grow, so each
 * number says between which snapshots it can have been read; the numbers of one
 * reading were read one after the other and within a known time. What most of them
 * agree on is when it was, and those that do not fit are wrong. No clock is needed.
 */
#ifndef EXITSTAT_COMPARE_ALIGN_H
#define EXITSTAT_COMPARE_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compare/timeline.h"

/*
 * A gap is the time from one moment of the timeline to the next; gap g begins with
 * moment g. In the order of reading, each claim was true in one of these gaps:
 */
struct claim {
	long first_gap, last_gap;
	bool holds; /* with all others that hold: set by align() */
	long gap;   /* the earliest it can have been read in, or the reading's then */
};

/* What was read as value was read after these, before those; or only one of the two. */
void claim_count(struct claim *claim, const struct timeline *timeline, size_t column,
		 uint64_t value);
void claim_at_most(struct claim *claim, const struct timeline *timeline, size_t column,
		   uint64_t value);
void claim_at_least(struct claim *claim, const struct timeline *timeline, size_t column,
		    uint64_t value);

#define UNLIMITED UINT64_MAX

/*
 * The most claims that can hold together, where the first was read in one of the
 * gaps first to last, and all others not more than took_ns later, up to gap "end".
 * How many that are, or -ENOMEM.
 */
long align(struct claim *claims, size_t n, const struct timeline *timeline, long first, long last,
	   long end, uint64_t took_ns);

/* Intervals, ends included, and the stretch that is in most of them. */
struct interval {
	int64_t lo, hi;
};

/* How many it is in, or -ENOMEM; n is not 0. */
long best_cover(const struct interval *intervals, size_t n, struct interval *best);

#endif
