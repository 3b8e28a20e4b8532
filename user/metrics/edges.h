/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The histogram that is exposed: an octave is one bucket, where ours has eight. An edge is the
 * greatest whole ns of an octave, so that the buckets are sums of ours and nothing is estimated.
 */
#ifndef EXITSTAT_METRICS_EDGES_H
#define EXITSTAT_METRICS_EDGES_H

#include <stdint.h>

/* From 255 ns, which no exit is done in, to 17 s. Above the last there is one bucket more. */
#define EDGES	    27u
#define EDGES_FIRST 8u /* the first is 2^8 - 1 */
#define BANDS	    (EDGES + 1)

uint64_t edge_ns(unsigned int edge);

/* In which of the exposed buckets one of ours lies; EDGES: above all edges. */
unsigned int edge_band(uint32_t bucket);

#endif
