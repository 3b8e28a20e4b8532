// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/printable.h"
#include "base/table.h"

void table_add(struct table *table, const char *fmt, ...)
{
	char **cell = array_append(&table->cells, &table->ncells, sizeof(*cell));
	va_list args;

	if (!cell) {
		table->no_memory = true;
		return;
	}
	va_start(args, fmt);
	if (vasprintf(cell, fmt, args) < 0) {
		*cell = NULL;
		table->no_memory = true;
	} else {
		make_printable(*cell);
	}
	va_end(args);
}

void table_fill_row(struct table *table, const char *text)
{
	while (table->ncells % table->ncolumns && !table->no_memory)
		table_add(table, "%s", text);
}

static void widen(int *width, const char *text)
{
	int len = (int)columns_of(text);

	if (len > *width)
		*width = len;
}

static void measure(const struct table *table, bool header, int widths[TABLE_COLUMNS])
{
	for (size_t i = 0; i < table->ncolumns; i++) {
		const struct table_column *column = &table->columns[i];

		widths[i] = column->width;
		if (column->fixed)
			continue;
		if (header)
			widen(&widths[i], column->name);
		for (size_t cell = i; cell < table->ncells; cell += table->ncolumns)
			widen(&widths[i], table->cells[cell]);
	}
}

/* Blanks are printed when something comes after them: no line ends with any. */
static void print_text(FILE *out, int *blanks, const char *text)
{
	size_t len = strlen(text), n = len;

	while (n && text[n - 1] == ' ')
		n--;
	if (n) {
		fprintf(out, "%*s%.*s", *blanks, "", (int)n, text);
		*blanks = 0;
	}
	*blanks += (int)(len - n);
}

static void print_cell(const struct table *table, FILE *out, const int widths[TABLE_COLUMNS],
		       size_t i, const char *text, int *blanks)
{
	const struct table_column *column = &table->columns[i];
	int pad = widths[i] - (int)columns_of(text);

	pad = pad > 0 ? pad : 0;
	*blanks += column->gap + (column->left ? 0 : pad);
	print_text(out, blanks, text);
	*blanks += column->left ? pad : 0;
	if (i + 1 < table->ncolumns)
		return;
	fputc('\n', out);
	*blanks = 0;
}

static void print(const struct table *table, FILE *out, bool header)
{
	int widths[TABLE_COLUMNS], blanks = 0;

	measure(table, header, widths);
	for (size_t i = 0; header && i < table->ncolumns; i++)
		print_cell(table, out, widths, i, table->columns[i].name, &blanks);
	for (size_t i = 0; i < table->ncells; i++)
		print_cell(table, out, widths, i % table->ncolumns, table->cells[i], &blanks);
}

int table_print(struct table *table, FILE *out, bool header)
{
	int err = table->no_memory ? -ENOMEM : 0;

	if (!err)
		print(table, out, header);
	for (size_t i = 0; i < table->ncells; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){ .columns = table->columns, .ncolumns = table->ncolumns };
	return err;
}
