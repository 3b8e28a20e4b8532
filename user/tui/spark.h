/* SPDX-License-Identifier: GPL-2.0-only */
/* Rates over time, drawn with characters. */
#ifndef EXITSTAT_TUI_SPARK_H
#define EXITSTAT_TUI_SPARK_H

#include <stddef.h>

#include "tui/grid.h"

/* Nothing is known of that time. */
#define RATE_UNKNOWN -1.0

/* One line: each column is as high as its rate is beside the highest, which is returned. */
double spark_line(struct grid *grid, int line, int column, const double *rates, int n);

/* Several lines, the lowest at line. */
double spark_chart(struct grid *grid, int line, int height, int column, const double *rates, int n);

#endif
