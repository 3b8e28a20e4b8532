// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/figures.h"
#include "model/explain.h"
#include "model/reasons.h"
#include "tui/reason.h"
#include "tui/spark.h"
#include "tui/text.h"
#include "tui/trail.h"
#include "view/details.h"
#include "view/explanation.h"
#include "view/histogram.h"

#define CHART_LINES 5 /* of a high screen, else */
#define CHART_LEAST 3
#define HIGH	    26
#define CHART_LABEL 9
#define CHART_MOST  290
#define LEAST_SPAN  (60 * NS_PER_SEC)

/* --- what is scrolled ------------------------------------------------------------------ */

struct about {
	const struct screen_row *row;
	const struct run *run;
};

/* Its distribution, its keys where they were asked for, its explanation. */
static int print(FILE *out, const void *arg)
{
	const struct about *about = arg;
	const struct screen_row *row = about->row;
	const struct run *run = about->run;
	/* A group of this reason alone, borrowed. */
	struct reason_stat reason = row->sum;
	struct group group = {
		.count = reason.count, .sum_ns = reason.sum_ns, .nrows = 1, .rows = &reason
	};
	int err = 0;

	if (reason.nbuckets)
		fprintf(out, "Distribution of the time from exit to entry");
	draw_histogram(out, &reason);
	if (!reason.count)
		fprintf(out, "no such exit in this time\n");
	if (run->kinds && reason.count && reason.details.n)
		err = details_print(out, &group, run->sort);
	else if (!run->kinds)
		fprintf(out, "\nwhat these exits were about is not known: --detail tells\n");
	if (explain_reason(reason.isa, reason_code(reason.isa, reason.reason))) {
		fputc('\n', out);
		explanation_print(out, reason.isa, reason.reason);
	}
	return err;
}

/* --- what is not ----------------------------------------------------------------------- */

static void draw_number(struct tui *tui, unsigned int column, const struct row *numbers, int line,
			int at)
{
	struct table table = { .ncolumns = 1 };
	int width = columns_width(column);

	grid_print(&tui->grid, line, at, width, LOOK_HEADING, "%*s", width,
		   layout_name(column, ROWS_REASONS));
	columns_cell(&table, column, numbers);
	if (table.ncells && table.cells[0])
		grid_print(&tui->grid, line + 1, at, width, LOOK_PLAIN, "%*s", width,
			   table.cells[0]);
	for (size_t i = 0; i < table.ncells; i++)
		free(table.cells[i]);
	free(table.cells);
}

/* All of them, below each other where the screen is narrow. The line after them. */
static int draw_numbers(struct tui *tui, const struct rows *rows, const struct screen_row *row,
			const struct run *run, int line)
{
	const struct row numbers = rows_row(rows, row, run->ns, run->parts);
	unsigned int column;
	int at = 0;

	grid_mark(&tui->grid, line, LOOK_HEADING);
	for (size_t i = 1; (column = layout_column(ROWS_REASONS, run->parts, i)); i++) {
		if (column >= COLUMN_TREND)
			continue;
		if (at + columns_width(column) > tui->grid.columns) {
			at = 0;
			line += 2;
			grid_mark(&tui->grid, line, LOOK_HEADING);
		}
		draw_number(tui, column, &numbers, line, at);
		at += columns_width(column) + 1;
	}
	return line + 2;
}

/* The last minutes, as many as there are. */
static int draw_chart(struct tui *tui, const struct row_key *key, int line, int height)
{
	size_t at = state_moment(tui);
	const struct moment *moments = tui->history.moments;
	uint64_t begin = history_is_whole(&tui->history) ? 0 : moments[0].ns;
	uint64_t span = moments[at].ns - begin;
	int n = tui->grid.columns - CHART_LABEL - 1;
	double rates[CHART_MOST], most;
	struct trail trail;
	char text[32];
	int err;

	n = n > CHART_MOST ? CHART_MOST : n;
	span = span < LEAST_SPAN ? LEAST_SPAN : span;
	err = trail_make(&trail, &tui->history, at, span, ROWS_REASONS, &state_place(tui)->scope,
			 key, 1);
	if (!err) {
		trail_rates(&trail, 0, span, rates, n);
		most = spark_chart(&tui->grid, line + height - 1, height, CHART_LABEL + 1, rates,
				   n);
		grid_print(&tui->grid, line, 0, CHART_LABEL, LOOK_PLAIN, "%7.0f/s", most);
		grid_print(&tui->grid, line + height - 1, 0, CHART_LABEL, LOOK_PLAIN, "%9s", "0/s");
		duration(text, sizeof(text), span);
		grid_print(&tui->grid, line + height, CHART_LABEL + 1, -1, LOOK_DIM,
			   "the last %s%*s", text, n - 11 - (int)strlen(text), "until then");
	}
	trail_free(&trail);
	return err;
}

/* --- both ------------------------------------------------------------------------------ */

static int draw(struct tui *tui, struct rows *rows, const struct run *run, struct lines lines)
{
	const struct row_key *key = &state_place(tui)->reason;
	const struct counted counted = { .isa = key->isa,
					 .reason = key->reason,
					 .level = key->level };
	const struct screen_row *row = NULL;
	int height = lines.n < HIGH ? CHART_LEAST : CHART_LINES, used;
	int err = rows_add_quiet(rows, &counted);

	for (size_t i = 0; !err && i < rows->n; i++)
		if (row_key_is_same(&rows->list[i].key, key))
			row = &rows->list[i];
	if (!row)
		return err;
	used = draw_numbers(tui, rows, row, run, lines.first);
	err = draw_chart(tui, key, used, height);
	used += height + 1 - lines.first;
	lines.first += used;
	lines.n -= used;
	return err ?: text_draw(tui, lines, print, &(struct about){ row, run });
}

int reason_draw(struct tui *tui, struct lines lines)
{
	struct run run = state_run(tui);
	struct rows rows;
	int err = rows_make(&rows, &run, ROWS_REASONS, &state_place(tui)->scope);

	err = err ?: draw(tui, &rows, &run, lines);
	rows_free(&rows);
	return err;
}
