// SPDX-License-Identifier: GPL-2.0-only
#include "tui/spark.h"

#define STEPS 8

/* In eighths of a line; in ASCII the darker is the more. */
static const char *const marks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const ascii_marks[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };

static double highest(const double *rates, int n)
{
	double most = 0;

	for (int i = 0; i < n; i++)
		if (rates[i] > most)
			most = rates[i];
	return most;
}

double spark_chart(struct grid *grid, int line, int height, int column, const double *rates, int n)
{
	double most = highest(rates, n);

	for (int i = 0; i < n; i++) {
		int steps = 0;

		if (rates[i] > 0) {
			steps = (int)(rates[i] / most * (STEPS * height) + 0.5);
			/* What is not nothing is seen. */
			steps = steps ?: 1;
		}
		for (int j = 0; j < height; j++) {
			int mark = steps - STEPS * j;

			mark = mark < 0 ? 0 : mark > STEPS ? STEPS : mark;
			if (!mark && !j && rates[i] == 0)
				grid_put(grid, line, column + i, 1, LOOK_DIM,
					 grid->ascii ? "_" : "·");
			else
				grid_put(grid, line - j, column + i, 1, LOOK_GOOD,
					 (grid->ascii ? ascii_marks : marks)[mark]);
		}
	}
	return most;
}

double spark_line(struct grid *grid, int line, int column, const double *rates, int n)
{
	return spark_chart(grid, line, 1, column, rates, n);
}
