/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen as cells: what is drawn, before any terminal is asked to show it. */
#ifndef EXITSTAT_TUI_GRID_H
#define EXITSTAT_TUI_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

/* How a cell looks: some of these. What they are without colours is the terminal's. */
enum look {
	LOOK_PLAIN = 0,
	LOOK_BOLD = 1,
	LOOK_REVERSE = 2,
	LOOK_DIM = 4,	   /* less important */
	LOOK_GOOD = 8,	   /* graphs */
	LOOK_ALARM = 16,   /* what must not be overlooked */
	LOOK_HEADING = 32, /* of a table */
};

struct cell {
	wchar_t c; /* 0: the second half of a character that takes two */
	uint8_t look;
};

struct grid {
	int lines, columns;
	bool ascii; /* the terminal has no other characters */
	struct cell *cells;
};

/* All blank, of this size. 0 or -ENOMEM, and then it is as it was. */
int grid_resize(struct grid *grid, int lines, int columns);
void grid_free(struct grid *grid);
void grid_clear(struct grid *grid);

/*
 * Text from this column on, at most so many columns (-1: to the edge); where it is cut it ends
 * with '>'. Whatever is in it takes its place and has no other power. The column after it.
 */
int grid_put(struct grid *grid, int line, int column, int width, unsigned int look,
	     const char *text);
int grid_print(struct grid *grid, int line, int column, int width, unsigned int look,
	       const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* The whole line looks like that, whatever is in it. */
void grid_mark(struct grid *grid, int line, unsigned int look);

const struct cell *grid_line(const struct grid *grid, int line);

/* As text, without blanks at the end of lines; the caller frees it. NULL: no memory. */
char *grid_text(const struct grid *grid);

#endif
