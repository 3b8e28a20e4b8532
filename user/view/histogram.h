/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_VIEW_HISTOGRAM_H
#define EXITSTAT_VIEW_HISTOGRAM_H

#include <stdio.h>

#include "model/snapshot.h"

/* A reason's distribution as bars, buckets joined until they fit a screen. */
void draw_histogram(FILE *out, const struct reason_stat *reason);

#endif
