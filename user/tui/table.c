// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/figures.h"
#include "base/printable.h"
#include "tui/spark.h"
#include "tui/table.h"
#include "tui/trail.h"

#define TREND_NS (60 * NS_PER_SEC)

/* --- the cursor ------------------------------------------------------------------------ */

size_t table_cursor(struct tui *tui)
{
	struct place *place = state_place(tui);

	if (!place->moved || !tui->nkeys)
		return 0;
	for (size_t i = 0; i < tui->nkeys; i++)
		if (row_key_is_same(&tui->keys[i], &place->selected))
			return i;
	return place->at < tui->nkeys ? place->at : tui->nkeys - 1;
}

void table_move(struct tui *tui, size_t to)
{
	struct place *place = state_place(tui);

	if (!tui->nkeys)
		return;
	place->at = to < tui->nkeys ? to : tui->nkeys - 1;
	place->selected = tui->keys[place->at];
	/* At the top it stays at the top, whatever is there. */
	place->moved = place->at > 0;
}

static void scroll(struct tui *tui, size_t lines)
{
	struct place *place = state_place(tui);
	size_t cursor = table_cursor(tui);

	place->at = cursor;
	if (cursor < place->top)
		place->top = cursor;
	if (lines && cursor >= place->top + lines)
		place->top = cursor - lines + 1;
	if (tui->nkeys < place->top + lines)
		place->top = tui->nkeys > lines ? tui->nkeys - lines : 0;
}

/* --- rows -------------------------------------------------------------------------------- */

struct quiet {
	struct rows *rows;
	const struct tui *tui;
	int err;
};

static void add_quiet(void *arg, const struct counted *counted)
{
	struct quiet *quiet = arg;
	const struct run *run = &quiet->tui->run;

	if (!quiet->err && counted->count &&
	    filters_match(run->filters, run->nfilters, counted->isa, counted->reason))
		quiet->err = rows_add_quiet(quiet->rows, counted);
}

/* Reasons that there were, but not in this interval: a row that comes and goes is not read. */
static int add_quiet_reasons(struct tui *tui, struct rows *rows)
{
	struct quiet quiet = { rows, tui, 0 };

	if (rows->of == ROWS_REASONS)
		moment_count(&tui->history.moments[state_moment(tui)], COUNT_REASONS,
			     &state_place(tui)->scope, add_quiet, &quiet);
	return quiet.err;
}

static struct screen_row *find(struct rows *rows, size_t from, const struct row_key *key)
{
	for (size_t i = from; i < rows->n; i++)
		if (row_key_is_same(&rows->list[i].key, key))
			return &rows->list[i];
	return NULL;
}

/* Those that had a place keep it; others come after them. */
static void keep_order(const struct tui *tui, struct rows *rows)
{
	size_t placed = 0;

	for (size_t i = 0; i < tui->norder; i++) {
		struct screen_row *row = find(rows, placed, &tui->order[i]), kept;

		if (!row)
			continue;
		kept = *row;
		for (; row > &rows->list[placed]; row--)
			row[0] = row[-1];
		rows->list[placed++] = kept;
	}
}

static int keep_keys(struct tui *tui, const struct rows *rows)
{
	free(tui->keys);
	tui->keys = calloc(rows->n ?: 1, sizeof(*tui->keys));
	tui->nkeys = tui->keys ? rows->n : 0;
	for (size_t i = 0; i < tui->nkeys; i++)
		tui->keys[i] = rows->list[i].key;
	if (tui->order_frozen && !tui->norder && tui->nkeys) {
		free(tui->order);
		tui->order = array_copy(tui->keys, tui->nkeys, sizeof(*tui->keys));
		tui->norder = tui->order ? tui->nkeys : 0;
	}
	return tui->keys ? 0 : -ENOMEM;
}

static int make_rows(struct tui *tui, struct rows *rows, const struct run *run)
{
	const struct place *place = state_place(tui);
	int err = rows_make(rows, run, place->of, &place->scope);

	err = err ?: add_quiet_reasons(tui, rows);
	if (err)
		return err;
	rows_filter(rows, tui->filter);
	rows_sort(rows, tui->sort[place->of], tui->reversed[place->of], run->parts);
	if (tui->order_frozen)
		keep_order(tui, rows);
	return keep_keys(tui, rows);
}

/* --- drawing ----------------------------------------------------------------------------- */

/* What is drawn of a table: rows from the first on the screen. */
struct picture {
	struct tui *tui;
	const struct run *run;
	const struct rows *rows;
	struct trail trail;
	struct lines lines;
	size_t first, n;
};

static void draw_heading(struct picture *picture)
{
	struct tui *tui = picture->tui;
	enum rows_of of = picture->rows->of;
	int line = picture->lines.first - 1;

	grid_mark(&tui->grid, line, LOOK_HEADING);
	for (size_t i = 0; i < picture->tui->layout.n; i++) {
		const struct placed *placed = &picture->tui->layout.columns[i];
		bool sorted = tui->sort[of] == placed->column;
		bool left = placed->column == COLUMN_NAME || placed->column >= COLUMN_TREND;
		char text[32];
		int width;

		/* The column that rows are sorted by has a mark that needs no colour. */
		width = snprintf(text, sizeof(text), "%s%s", layout_name(placed->column, of),
				 !sorted	     ? ""
				 : tui->reversed[of] ? "^"
						     : "v");
		width = left || width > placed->width ? placed->width : width;
		grid_put(&tui->grid, line, placed->at + placed->width - width, width,
			 LOOK_HEADING | (sorted ? LOOK_BOLD : 0), text);
	}
}

static void draw_trend(struct picture *picture, size_t i, int line, const struct placed *placed)
{
	double rates[LAYOUT_MOST * 4];
	int n = placed->width < (int)COUNT_OF(rates) ? placed->width : (int)COUNT_OF(rates);

	trail_rates(&picture->trail, i, TREND_NS, rates, n);
	spark_line(&picture->tui->grid, line, placed->at, rates, n);
}

static void draw_cell(struct picture *picture, const struct screen_row *screen_row, int line,
		      const struct placed *placed)
{
	const struct row row =
		rows_row(picture->rows, screen_row, picture->run->ns, picture->run->parts);
	struct table table = { .ncolumns = 1 };
	char text[SCREEN_NAME_LEN] = "";
	int width;

	if (placed->column == COLUMN_NAME) {
		rows_name(text, picture->rows, screen_row);
	} else if (placed->column == COLUMN_TOP) {
		rows_top_reasons(text, sizeof(text), screen_row->vm, picture->run);
	} else {
		columns_cell(&table, placed->column, &row);
		if (table.ncells && table.cells[0])
			copy_cut(text, sizeof(text), table.cells[0]);
		for (size_t i = 0; i < table.ncells; i++)
			free(table.cells[i]);
		free(table.cells);
	}
	width = (int)columns_of(text);
	if (placed->column == COLUMN_NAME || placed->column == COLUMN_TOP || width > placed->width)
		width = placed->width;
	grid_put(&picture->tui->grid, line, placed->at + placed->width - width, width, LOOK_PLAIN,
		 text);
}

static void draw_row(struct picture *picture, size_t i, bool selected)
{
	const struct screen_row *row = &picture->rows->list[picture->first + i];
	int line = picture->lines.first + (int)i;

	for (size_t j = 0; j < picture->tui->layout.n; j++) {
		const struct placed *placed = &picture->tui->layout.columns[j];

		if (placed->column == COLUMN_TREND)
			draw_trend(picture, i, line, placed);
		else
			draw_cell(picture, row, line, placed);
	}
	if (selected)
		grid_mark(&picture->tui->grid, line, LOOK_REVERSE);
}

static int name_width(const struct picture *picture)
{
	char name[SCREEN_NAME_LEN];
	int most = 0;

	for (size_t i = 0; i < picture->n; i++) {
		rows_name(name, picture->rows, &picture->rows->list[picture->first + i]);
		if ((int)columns_of(name) > most)
			most = (int)columns_of(name);
	}
	return most;
}

static int draw(struct picture *picture)
{
	struct tui *tui = picture->tui;
	struct place *place = state_place(tui);
	size_t cursor = table_cursor(tui);
	int err;

	layout_make(&picture->tui->layout, &tui->choices, place->of, picture->run->parts,
		    name_width(picture), tui->grid.columns);
	err = trail_make(&picture->trail, &tui->history, state_moment(tui), TREND_NS, place->of,
			 &place->scope, tui->keys + picture->first, picture->n);
	if (err)
		return err;
	draw_heading(picture);
	for (size_t i = 0; i < picture->n; i++)
		draw_row(picture, i, picture->first + i == cursor);
	if (!picture->rows->n)
		grid_put(&tui->grid, picture->lines.first, 0, -1, LOOK_DIM,
			 *tui->filter ? "no row has this text in its name"
				      : "no exits in this time");
	else if (picture->tui->layout.hidden)
		grid_print(&tui->grid, picture->lines.first - 2, tui->grid.columns - 16, 16,
			   LOOK_DIM, "%zu columns hidden", picture->tui->layout.hidden);
	return 0;
}

int table_draw(struct tui *tui, struct lines lines)
{
	struct run run = state_run(tui);
	struct rows rows;
	struct picture picture = { .tui = tui, .run = &run, .rows = &rows, .lines = lines };
	int err = make_rows(tui, &rows, &run);

	if (!err) {
		scroll(tui, (size_t)lines.n);
		picture.first = state_place(tui)->top;
		picture.n = rows.n - picture.first;
		if (picture.n > (size_t)lines.n)
			picture.n = (size_t)lines.n;
		err = draw(&picture);
	}
	trail_free(&picture.trail);
	rows_free(&rows);
	return err;
}

unsigned int table_column_at(const struct tui *tui, int column)
{
	for (size_t i = 0; i < tui->layout.n; i++) {
		const struct placed *placed = &tui->layout.columns[i];

		if (column >= placed->at && column <= placed->at + placed->width)
			return placed->column;
	}
	return 0;
}
