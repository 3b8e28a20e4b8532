/* SPDX-License-Identifier: GPL-2.0-only */
/* A table for people: cells are added row by row, and aligned when it is printed. */
#ifndef EXITSTAT_BASE_TABLE_H
#define EXITSTAT_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_column {
	const char *name; /* in the header, and nowhere else */
	int width;	  /* at least; it is as wide as what is in it */
	int gap;	  /* blanks between it and the one before */
	bool left;	  /* aligned left; numbers are not */
	bool fixed;	  /* never wider: what does not fit sticks out of its row */
};

#define TABLE_COLUMNS 24

struct table {
	const struct table_column *columns; /* the caller's */
	size_t ncolumns;		    /* at most TABLE_COLUMNS */
	size_t ncells;
	char **cells; /* row by row */
	bool no_memory;
};

/* Add the next cell; after the last column comes the next row. */
void table_add(struct table *table, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Fill the row that has been begun with this text. */
void table_fill_row(struct table *table, const char *text);

/* Print and empty it, no line with blanks at its end. 0 or -ENOMEM, and then nothing is printed. */
int table_print(struct table *table, FILE *out, bool header);

#endif
