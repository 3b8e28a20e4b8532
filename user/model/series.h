/* SPDX-License-Identifier: GPL-2.0-only */
/* The snapshots of a run, one after the other: counts and sums, no histograms. */
#ifndef EXITSTAT_MODEL_SERIES_H
#define EXITSTAT_MODEL_SERIES_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "model/snapshot.h"

/* It has all exits before start_ns and none after start_ns + took_ns. */
struct point {
	struct timespec time; /* CLOCK_REALTIME of start_ns */
	uint64_t start_ns;    /* CLOCK_MONOTONIC */
	uint64_t took_ns;
	struct snapshot snap;
};

#define SERIES_MAX_NUMBERS 100000u

struct series {
	size_t npoints;
	struct point *points;
	size_t nnumbers; /* reasons of all points together */
	size_t every;	 /* only each so manieth point is kept: memory is bounded */
	size_t offered;
};

/* Fill in time and start_ns with what they are now. */
void point_begin(struct point *point);

/*
 * Append a copy of snap; point says when it was taken. With keep it is kept
 * whatever its turn. When there are more than SERIES_MAX_NUMBERS, every other
 * point goes. 0 or -ENOMEM.
 */
int series_add(struct series *series, const struct point *when, const struct snapshot *snap,
	       bool keep);
void series_free(struct series *series);

#endif
