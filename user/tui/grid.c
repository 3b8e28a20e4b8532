// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "tui/grid.h"

#define MAX_TEXT 2048

int grid_resize(struct grid *grid, int lines, int columns)
{
	struct cell *cells = calloc((size_t)lines * (size_t)columns ?: 1, sizeof(*cells));

	if (!cells)
		return -ENOMEM;
	free(grid->cells);
	grid->cells = cells;
	grid->lines = lines;
	grid->columns = columns;
	grid_clear(grid);
	return 0;
}

void grid_free(struct grid *grid)
{
	free(grid->cells);
	*grid = (struct grid){ 0 };
}

void grid_clear(struct grid *grid)
{
	for (int i = 0; i < grid->lines * grid->columns; i++)
		grid->cells[i] = (struct cell){ L' ', LOOK_PLAIN };
}

const struct cell *grid_line(const struct grid *grid, int line)
{
	return &grid->cells[line * grid->columns];
}

static struct cell *cell_at(struct grid *grid, int line, int column)
{
	return &grid->cells[line * grid->columns + column];
}

/* The next character, and how many columns it takes: one or two. */
static wchar_t next_character(const struct grid *grid, const char **text, int *width)
{
	mbstate_t state = { 0 };
	wchar_t c = L'?';
	size_t n = mbrtowc(&c, *text, strlen(*text), &state);

	if (n == (size_t)-1 || n == (size_t)-2 || !n) {
		c = L'?';
		n = 1;
	}
	*text += n;
	*width = wcwidth(c);
	if (*width < 1 || (grid->ascii && c > 0x7e)) {
		c = L'?';
		*width = 1;
	}
	return c;
}

int grid_put(struct grid *grid, int line, int column, int width, unsigned int look,
	     const char *text)
{
	int end = width < 0 || column + width > grid->columns ? grid->columns : column + width;
	int taken = 1;

	if (line < 0 || line >= grid->lines || column < 0 || !width)
		return column;
	while (*text && column < end) {
		const char *next = text;
		wchar_t c = next_character(grid, &next, &taken);

		if (column + taken > end)
			break;
		text = next;
		*cell_at(grid, line, column) = (struct cell){ c, (uint8_t)look };
		if (taken == 2)
			*cell_at(grid, line, column + 1) = (struct cell){ 0, (uint8_t)look };
		column += taken;
	}
	if (*text && end > 0 && end <= grid->columns && column > 0) {
		/* What it takes the place of may have taken two. */
		if (column == end && !cell_at(grid, line, column - 1)->c)
			*cell_at(grid, line, column - 2) = (struct cell){ L' ', (uint8_t)look };
		*cell_at(grid, line, end - 1) = (struct cell){ L'>', (uint8_t)look };
		return end;
	}
	return column;
}

int grid_print(struct grid *grid, int line, int column, int width, unsigned int look,
	       const char *fmt, ...)
{
	char text[MAX_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	make_printable(text);
	return grid_put(grid, line, column, width, look, text);
}

void grid_mark(struct grid *grid, int line, unsigned int look)
{
	for (int i = 0; i < grid->columns && line >= 0 && line < grid->lines; i++)
		cell_at(grid, line, i)->look = (uint8_t)look;
}

char *grid_text(const struct grid *grid)
{
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	for (int line = 0; out && line < grid->lines; line++) {
		const struct cell *cells = grid_line(grid, line);
		int last = grid->columns;

		while (last && cells[last - 1].c == L' ')
			last--;
		for (int i = 0; i < last; i++)
			if (cells[i].c)
				fprintf(out, "%lc", (wint_t)cells[i].c);
		fputc('\n', out);
	}
	if (!out || fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
