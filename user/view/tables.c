// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/figures.h"
#include "base/printable.h"
#include "view/apicv.h"
#include "view/columns.h"
#include "view/details.h"
#include "view/histogram.h"
#include "view/levels.h"
#include "view/notes.h"
#include "view/slowest.h"
#include "view/tables.h"

/* The rows that a run's tables are made of, and the table that is being filled. */
struct rows {
	struct view view;
	uint64_t ns;
	uint32_t kinds; /* of keys, 0: no detail */
	uint32_t parts; /* of times, 0: no split */
	unsigned int sort;
	enum column_set set;
	size_t nchosen; /* of the set's columns */
	struct table table;
	struct table_column columns[2 + COLUMNS_MOST];
};

/* 0 or -ENOMEM; else rows_end() is due. COLUMNS_NESTED: if there is anything nested. */
static int rows_begin(struct rows *rows, const struct run *run, enum group_by by,
		      enum column_set set, size_t width)
{
	int err = view_make(&rows->view, run, by);

	if (err)
		return err;
	err = columns_sort(&rows->view, run);
	if (err) {
		view_free(&rows->view);
		return err;
	}
	rows->ns = run->ns;
	rows->kinds = run->kinds;
	rows->parts = run->parts;
	rows->sort = run->sort;
	rows->set = rows->view.nested ? set : set & ~COLUMNS_NESTED;
	rows->table = (struct table){ .columns = rows->columns };
	rows->nchosen = columns_choose(rows->columns, rows->set, &rows->view, width);
	rows->table.ncolumns = rows->nchosen;
	return 0;
}

static void add_row(struct rows *rows, const struct group *group, size_t i)
{
	const struct row row = { .reason = &group->rows[i],
				 .group = group,
				 .ns = rows->ns,
				 .parts = rows->parts,
				 .view = &rows->view };

	columns_add(&rows->table, rows->set, &row, rows->nchosen);
}

/* The first n of a group's rows. */
static int print_table(FILE *out, struct rows *rows, const struct group *group, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_row(rows, group, i);
	return table_print(&rows->table, out, true);
}

static int rows_end(struct rows *rows, FILE *out, int err)
{
	view_free(&rows->view);
	if (err)
		return err;
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

/* --- the whole run ------------------------------------------------------------------ */

/* A table of its own: the other is as wide as a terminal. */
static int print_split(FILE *out, const struct rows *rows, const struct group *group)
{
	struct rows split = *rows;

	split.set = COLUMNS_SPLIT | (rows->set & COLUMNS_NESTED);
	split.table = (struct table){ .columns = split.columns };
	split.nchosen = columns_choose(split.columns, split.set, &rows->view, 0);
	split.table.ncolumns = split.nchosen;
	fputc('\n', out);
	return print_table(out, &split, group, group->nrows);
}

static int print_summary(FILE *out, struct rows *rows, const struct group *group, bool histograms)
{
	char total[32];
	int err;

	duration(total, sizeof(total), group->sum_ns);
	fprintf(out, "%s: %" PRIu64 " exits, %s in %.1f s\n", group->title, group->count, total,
		(double)rows->ns / (double)NS_PER_SEC);
	levels_print(out, &group->levels);
	err = print_table(out, rows, group, group->nrows);
	/* Whoever has chosen columns has chosen among those of this one, too. */
	if (!err && rows->parts && !rows->view.ncolumns)
		err = print_split(out, rows, group);
	if (!err && rows->kinds)
		err = details_print(out, group, rows->sort);
	for (size_t i = 0; histograms && i < group->nrows; i++)
		draw_histogram(out, &group->rows[i]);
	fputc('\n', out);
	return err;
}

int render_summary(FILE *out, const struct run *run, enum group_by by, bool histograms)
{
	struct rows rows;
	int err = rows_begin(&rows, run, by, COLUMNS_SUMMARY | COLUMNS_NESTED, 0);

	if (err)
		return err;
	if (!rows.view.ngroups)
		fprintf(out, "no VM exits seen in %.1f s\n", (double)run->ns / (double)NS_PER_SEC);
	for (size_t i = 0; !err && i < rows.view.ngroups; i++)
		err = print_summary(out, &rows, &rows.view.groups[i], histograms);
	if (!err && run->nslowest)
		err = slowest_print(out, run);
	notes_clock(out, run);
	apicv_print(out, run);
	notes_levels(out, run);
	if (run->self)
		notes_self(out, run);
	notes_losses(out, &run->snap->losses);
	return rows_end(&rows, out, err);
}

/* --- the last interval, on a terminal ------------------------------------------------ */

/* Groups until the screen is full: says how many rows there was no room for. */
static int print_groups(FILE *out, struct rows *rows, unsigned int lines)
{
	size_t used = 0, left_out = 0;
	int err = 0;

	for (size_t i = 0; !err && i < rows->view.ngroups; i++) {
		const struct group *group = &rows->view.groups[i];
		size_t n = group->nrows;

		if (used + 3 > lines) {
			left_out += n;
			continue;
		}
		used += 3;
		if (n > lines - used)
			n = lines - used;
		used += n;
		left_out += group->nrows - n;
		fprintf(out, "\n%s\n", group->title);
		err = print_table(out, rows, group, n);
	}
	if (left_out)
		fprintf(out, "... %zu more rows: enlarge the terminal, or use --by reason\n",
			left_out);
	return err;
}

/* What must be read whole: so it is wrapped. How many lines it takes. */
static size_t print_head(FILE *out, const struct rows *rows, const struct snapshot *total,
			 unsigned int columns)
{
	size_t size, lines = 0;
	char *text = NULL;
	FILE *head = open_memstream(&text, &size);

	if (!head)
		return 0;
	fprintf(head, "exitstat: %zu VM%s, %" PRIu64 " exits so far; Ctrl-C ends with a summary\n",
		total->nvms, total->nvms == 1 ? "" : "s", snapshot_count(total));
	notes_losses(head, &total->losses);
	if (!rows->view.ngroups)
		fprintf(head, "\nno VM exits in this interval\n");
	if (!fclose(head))
		lines = print_wrapped(out, columns, text);
	free(text);
	return lines;
}

/* What stands in columns: so it is cut, should it still be too wide. */
static int print_body(FILE *out, struct rows *rows, struct screen screen, unsigned int lines)
{
	size_t size, hidden = columns_count(rows->set, &rows->view) - rows->nchosen;
	char *text = NULL, *line, *next;
	FILE *body = open_memstream(&text, &size);
	int err = body ? print_groups(body, rows, lines) : -ENOMEM;

	if (!err && hidden && rows->view.ngroups)
		fprintf(body, "... %zu more columns: enlarge the terminal\n", hidden);
	if (body && fclose(body) && !err)
		err = -ENOMEM;
	for (line = err ? NULL : text; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		*next++ = '\0';
		print_cut(out, screen.columns, "%s", line);
	}
	free(text);
	return err;
}

int render_live(FILE *out, const struct run *run, const struct snapshot *total, enum group_by by,
		struct screen screen)
{
	struct rows rows;
	size_t used;
	int err = rows_begin(&rows, run, by, COLUMNS_INTERVAL | COLUMNS_NESTED, screen.columns);

	if (err)
		return err;
	/* Home, then clear to the end: no flicker. */
	fprintf(out, "\033[H\033[J");
	used = 3 + print_head(out, &rows, total, screen.columns);
	err = print_body(out, &rows, screen, screen.lines > used ? screen.lines - used : 1);
	return rows_end(&rows, out, err);
}

/* --- the last interval, line by line -------------------------------------------------- */

/* They stay where they are from interval to interval, whatever a VM is called. */
static void add_line_columns(struct rows *rows)
{
	struct table_column *columns = rows->columns;

	memmove(columns + 2, columns, rows->table.ncolumns * sizeof(*columns));
	columns[0] = (struct table_column){ "AT", .width = 8, .left = true, .fixed = true };
	columns[1] =
		(struct table_column){ "VM", .width = 24, .gap = 2, .left = true, .fixed = true };
	columns[2].gap = 2;
	rows->table.ncolumns += 2;
}

int render_lines(FILE *out, const struct run *run, enum group_by by, bool first)
{
	struct rows rows;
	char stamp[16];
	struct tm tm;
	int err = rows_begin(&rows, run, by, COLUMNS_INTERVAL, 0);

	if (err)
		return err;
	add_line_columns(&rows);
	if (!localtime_r(&run->end.tv_sec, &tm) || !strftime(stamp, sizeof(stamp), "%H:%M:%S", &tm))
		snprintf(stamp, sizeof(stamp), "-");
	for (size_t i = 0; i < rows.view.ngroups; i++) {
		const struct group *group = &rows.view.groups[i];

		for (size_t j = 0; j < group->nrows; j++) {
			table_add(&rows.table, "%s", stamp);
			table_add(&rows.table, "%s", group->title);
			add_row(&rows, group, j);
		}
	}
	err = table_print(&rows.table, out, first);
	return rows_end(&rows, out, err);
}
