/* SPDX-License-Identifier: GPL-2.0-only */
/* A table whose columns are as wide as what is in them. */
#ifndef EXITSTAT_BASE_TABLE_H
#define EXITSTAT_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TABLE_CELL    64
#define TABLE_COLUMNS 24

struct table {
	size_t ncolumns; /* at most TABLE_COLUMNS */
	size_t ncells;
	char (*cells)[TABLE_CELL]; /* row by row */
	bool no_memory;
};

/* Add the next cell; after the last column comes the next row. */
void table_add(struct table *table, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print it, the first column aligned left, the others right, and empty it. 0 or -ENOMEM. */
int table_print(struct table *table, FILE *out);

#endif
