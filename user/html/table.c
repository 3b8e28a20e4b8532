// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "html/table.h"
#include "html/text.h"

/* A row begins with what it is of. */
static void print_cell(FILE *out, const struct table *table, size_t i)
{
	const struct table_column *column = &table->columns[i % table->ncolumns];
	const char *style = column->left ? " class=l" : "";

	if (i % table->ncolumns) {
		fprintf(out, "<td%s>", style);
		html_text(out, "%s", table->cells[i]);
		return;
	}
	fprintf(out, "<tr><th scope=row%s>", style);
	html_text(out, "%s", table->cells[i]);
	fputs("</th>", out);
}

/* Wider than a screen, it is scrolled by itself. */
static void print(FILE *out, const struct table *table, const char *caption)
{
	fputs("<div class=scroll tabindex=0 role=region aria-label=\"", out);
	html_text(out, "%s", caption);
	fputs("\"><table><caption>", out);
	html_text(out, "%s", caption);
	fputs("</caption><thead><tr>", out);
	for (size_t i = 0; i < table->ncolumns; i++) {
		fprintf(out, "<th scope=col%s>", table->columns[i].left ? " class=l" : "");
		html_text(out, "%s", table->columns[i].name);
	}
	fputs("</thead><tbody>\n", out);
	for (size_t i = 0; i < table->ncells; i++) {
		print_cell(out, table, i);
		if (i % table->ncolumns + 1 == table->ncolumns)
			fputc('\n', out);
	}
	fputs("</tbody></table></div>\n", out);
}

int html_table(FILE *out, struct table *table, const char *caption)
{
	int err = table->no_memory ? -ENOMEM : 0;

	if (!err && table->ncells)
		print(out, table, caption);
	for (size_t i = 0; i < table->ncells; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct table){ .columns = table->columns, .ncolumns = table->ncolumns };
	return err;
}
