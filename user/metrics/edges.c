// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/exitstat.h"
#include "metrics/edges.h"

uint64_t edge_ns(unsigned int edge)
{
	return (1ull << (EDGES_FIRST + edge)) - 1;
}

/* No bucket of ours lies on both sides of a power of two. */
unsigned int edge_band(uint32_t bucket)
{
	uint64_t low = exitstat_bucket_low(bucket) >> EDGES_FIRST;
	unsigned int band = 0;

	for (; low && band < EDGES; low >>= 1)
		band++;
	return band;
}
