// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

	for (size_t i = 0; i < snap->nvms; i++) {
		const struct vm_stat *vm = &snap->vms[i];

		for (size_t j = 0; j < vm->nvcpus; j++) {
			for (size_t k = 0; k < vm->vcpus[j].nreasons; k++)
				reason_free(&vm->vcpus[j].reasons[k]);
			n += 1 + vm->vcpus[j].nreasons;
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
	struct point *grown;

	if (!series->every)
		series->every = 1;
	if (series->offered++ % series->every && !keep)
		return 0;
	grown = reallocarray(series->points, series->npoints + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	series->points = grown;
	grown += series->npoints;
	*grown = *when;
	if (snapshot_copy(&grown->snap, snap))
		return -ENOMEM;
	grown->snap.losses = snap->losses;
	series->npoints++;
	series->nnumbers += strip(&grown->snap);
	if (!keep && series->nnumbers > SERIES_MAX_NUMBERS && series->npoints > 2)
		thin(series);
	return 0;
}

void series_free(struct series *series)
{
	for (size_t i = 0; i < series->npoints; i++)
		snapshot_free(&series->points[i].snap);
	free(series->points);
	memset(series, 0, sizeof(*series));
}
