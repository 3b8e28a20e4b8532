// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"

void table_add(struct table *table, const char *fmt, ...)
{
	char *cell = array_append(&table->cells, &table->ncells, TABLE_CELL);
	va_list args;

	if (!cell) {
		table->no_memory = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(cell, TABLE_CELL, fmt, args);
	va_end(args);
}

static void measure(const struct table *table, int widths[TABLE_COLUMNS])
{
	for (size_t i = 0; i < table->ncells; i++) {
		int *width = &widths[i % table->ncolumns];
		int len = (int)strlen(table->cells[i]);

		if (len > *width)
			*width = len;
	}
}

int table_print(struct table *table, FILE *out)
{
	int err = table->no_memory ? -ENOMEM : 0, widths[TABLE_COLUMNS] = { 0 };

	measure(table, widths);
	for (size_t i = 0; !err && i < table->ncells; i++) {
		size_t column = i % table->ncolumns;

		fprintf(out, "%s%*s", column ? "  " : "", column ? widths[column] : -widths[column],
			table->cells[i]);
		if (column + 1 == table->ncolumns)
			fputc('\n', out);
	}
	free(table->cells);
	*table = (struct table){ .ncolumns = table->ncolumns };
	return err;
}
