/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people. All return 0, or -errno when the stream does not take them. */
#ifndef EXITSTAT_VIEW_TABLES_H
#define EXITSTAT_VIEW_TABLES_H

#include <stdio.h>

#include "view/groups.h"

/* The whole run. */
int render_summary(FILE *out, const struct run *run, enum group_by by, bool histograms);

struct screen {
	unsigned int lines, columns;
};

/*
 * The last interval (run->snap is its growth; total the counts since start),
 * drawn over the last one on a terminal of that size.
 */
int render_live(FILE *out, const struct run *run, const struct snapshot *total, enum group_by by,
		struct screen screen);

/* The last interval as lines that each stand alone, for pipes and files. */
int render_lines(FILE *out, const struct run *run, enum group_by by, bool first);

#endif
