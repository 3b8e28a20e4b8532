/* SPDX-License-Identifier: GPL-2.0-only */
/* How often which value: in ns or in cycles, as whoever keeps it says. */
#ifndef EXITSTAT_MODEL_DISTRIBUTION_H
#define EXITSTAT_MODEL_DISTRIBUTION_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/exitstat.h"

/* One histogram bucket that is not empty; index as of exitstat_bucket(). */
struct bucket {
	uint32_t index;
	uint64_t count;
};

/* Values one by one, of none at first: all zero. */
struct distribution {
	uint64_t count, sum, min, max;
	uint64_t hist[EXITSTAT_HIST_BUCKETS];
};

void distribution_add(struct distribution *distribution, uint64_t value);

/* The value below or at which percent of them lie: see distribution_rank(). 0 of none. */
uint64_t distribution_percentile(const struct distribution *distribution, double percent);

/*
 * The same of a histogram: the middle of the bucket that the value is in, so at most
 * 1/16 off. count is of all buckets together, which ascend.
 */
uint64_t distribution_rank(const struct bucket *buckets, size_t nbuckets, uint64_t count,
			   double percent);

/*
 * Where that would be if what is in a bucket were spread evenly over it: it does not jump from
 * bucket to bucket, so that two of them can be compared.
 */
double distribution_quantile(const struct bucket *buckets, size_t nbuckets, uint64_t count,
			     double quantile);

#endif
