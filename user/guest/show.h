/* SPDX-License-Identifier: GPL-2.0-only */
/* Readings as tables for people. All functions return 0 or -errno. */
#ifndef EXITSTAT_GUEST_SHOW_H
#define EXITSTAT_GUEST_SHOW_H

#include <stdio.h>

#include "model/reading.h"

struct show {
	FILE *out;
	const struct plan *plan;
	bool all; /* reasons that never happened, too */
};

/* One reading: every counter. */
int show_reading(const struct show *show, const struct reading *reading);

/* A reading beside the one before it, and what has grown. */
int show_growth(const struct show *show, const struct reading *before, const struct reading *now);

/* The counts of readings side by side, at most SHOW_READINGS, each with its growth. */
#define SHOW_READINGS 6
int show_readings(const struct show *show, const struct reading *readings, size_t n);

#endif
