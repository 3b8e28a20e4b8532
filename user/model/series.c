// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "model/series.h"

void point_begin(struct point *point)
{
	memset(point, 0, sizeof(*point));
	clock_gettime(CLOCK_REALTIME, &point->time);
	point->start_ns = monotonic_ns();
}

/* Take the histograms away; returns how many numbers are left. */
static size_t strip(struct snapshot *snap)
{
	size_t n = 1;

	for_each_vm(vm, snap) {
		for_each_vcpu(vcpu, vm) {
			for_each_reason(r, vcpu)
				reason_free(r);
			n += 1 + vcpu->nreasons;
		}
	}
	return n;
}

/* Every other point goes, the first stays; those to come are taken half as often. */
static void thin(struct series *series)
{
	size_t kept = 0;

	series->nnumbers = 0;
	for (size_t i = 0; i < series->npoints; i++) {
		if (i % 2) {
			snapshot_free(&series->points[i].snap);
			continue;
		}
		series->nnumbers += strip(&series->points[i].snap);
		series->points[kept++] = series->points[i];
	}
	series->npoints = kept;
	series->every *= 2;
}

int series_add(struct series *series, const struct point *when, const struct snapshot *snap,
	       bool keep)
{
	struct snapshot copy;
	struct point *last;

	if (!series->every)
		series->every = 1;
	if (series->offered++ % series->every && !keep)
		return 0;
	if (snapshot_copy(&copy, snap))
		return -ENOMEM;
	last = array_append(&series->points, &series->npoints, sizeof(*last));
	if (!last) {
		snapshot_free(&copy);
		return -ENOMEM;
	}
	*last = *when;
	last->snap = copy;
	series->nnumbers += strip(&last->snap);
	if (!keep && series->nnumbers > SERIES_MAX_NUMBERS && series->npoints > 2)
		thin(series);
	return 0;
}

void series_free(struct series *series)
{
	for_each_element(point, series->points, series->npoints)
		snapshot_free(&point->snap);
	free(series->points);
	memset(series, 0, sizeof(*series));
}
