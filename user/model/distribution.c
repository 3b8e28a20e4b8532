// SPDX-License-Identifier: GPL-2.0-only
#include "model/distribution.h"

void distribution_add(struct distribution *distribution, uint64_t value)
{
	if (!distribution->count || value < distribution->min)
		distribution->min = value;
	if (value > distribution->max)
		distribution->max = value;
	distribution->count++;
	distribution->sum += value;
	distribution->hist[exitstat_bucket(value)]++;
}

/* Where it ends: 2^64 is no uint64_t. */
static double bucket_end(uint32_t index)
{
	return index + 1 < EXITSTAT_HIST_BUCKETS ? (double)exitstat_bucket_low(index + 1)
						 : 18446744073709551616.0;
}

double distribution_quantile(const struct bucket *buckets, size_t nbuckets, uint64_t count,
			     double quantile)
{
	double rank = (double)count * quantile, seen = 0, at = 0;

	for (size_t i = 0; i < nbuckets; i++) {
		double low = (double)exitstat_bucket_low(buckets[i].index);
		double n = (double)buckets[i].count, part = (rank - seen) / n;

		if (part <= 0)
			break;
		at = low + (bucket_end(buckets[i].index) - low) * (part < 1 ? part : 1);
		seen += n;
	}
	return at;
}

uint64_t distribution_rank(const struct bucket *buckets, size_t nbuckets, uint64_t count,
			   double percent)
{
	double exact = (double)count * percent / 100.0;
	uint64_t rank = (uint64_t)exact, seen = 0, middle = 0;

	/* Rounded up: of 3 samples 2 are only 67 percent. */
	rank += (double)rank < exact;
	for (size_t i = 0; i < nbuckets && (!i || seen < rank); i++) {
		uint32_t index = buckets[i].index;
		uint64_t low = exitstat_bucket_low(index);
		uint64_t width = index + 1 < EXITSTAT_HIST_BUCKETS
					 ? exitstat_bucket_low(index + 1) - low
					 : -low;

		middle = low + (width - 1) / 2;
		seen += buckets[i].count;
	}
	return middle;
}

uint64_t distribution_percentile(const struct distribution *distribution, double percent)
{
	struct bucket buckets[EXITSTAT_HIST_BUCKETS];
	uint64_t value;
	size_t n = 0;

	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++)
		if (distribution->hist[i])
			buckets[n++] = (struct bucket){ i, distribution->hist[i] };
	value = distribution_rank(buckets, n, distribution->count, percent);
	if (value < distribution->min)
		return distribution->min;
	return value > distribution->max ? distribution->max : value;
}
