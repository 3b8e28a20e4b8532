/* SPDX-License-Identifier: GPL-2.0-only */
/* The columns of the tables of reasons: each is a row in columns.c, and named only there. */
#ifndef EXITSTAT_VIEW_COLUMNS_H
#define EXITSTAT_VIEW_COLUMNS_H

#include "base/table.h"
#include "view/groups.h"

/* Which table a column is in. */
enum column_set {
	COLUMNS_SUMMARY = 1,  /* of the whole run */
	COLUMNS_INTERVAL = 2, /* of the last interval */
	COLUMNS_SPLIT = 4,    /* where the time of the whole run went */
	COLUMNS_NESTED = 8,   /* beside one of these: the level, which else is with the name */
};

#define COLUMNS_MOST 20

/* A reason, and what its shares and rates are of. */
struct row {
	const struct reason_stat *reason;
	const struct group *group;
	uint64_t ns;		 /* of the run or the interval */
	uint32_t parts;		 /* of struct run */
	const struct view *view; /* that has chosen columns; NULL: none is asked */
	/* Its reason stands for several, which were busy so long together. */
	bool several;
	uint64_t busy_ns;
};

/*
 * The set's columns, or those that the view was asked for, the reason's name first, as wide as
 * the view's longest; those at the right are left out where the terminal has no room for them
 * (width, 0: any). How many.
 */
size_t columns_choose(struct table_column columns[COLUMNS_MOST], enum column_set set,
		      const struct view *view, size_t width);

/* How many there are without a terminal's bounds. */
size_t columns_count(enum column_set set, const struct view *view);

/* Add the cells of the first n of them. */
void columns_add(struct table *table, enum column_set set, const struct row *row, size_t n);

/*
 * The same as numbers without units, each behind a comma: their names, and a row's, of which
 * what is not known is empty. Without a choice all columns, those of --split if there are parts.
 */
void columns_csv_names(FILE *out, const struct view *view, uint32_t parts);
void columns_csv_add(FILE *out, const struct row *row);

/* By a name in any case, for struct run's sort and columns. False: no table has it. */
bool columns_find(const char *name, unsigned int *column);
/* Only in the table of --split. */
bool columns_need_split(unsigned int column);
/* The name of each from 1 on; NULL: there are no more. */
const char *columns_name(unsigned int column);

/*
 * One by one, of those that columns_name() has after the reason's name: which sets it is in, how
 * wide it is, its cell, and the number that rows are sorted by.
 */
unsigned int columns_sets(unsigned int column);
int columns_width(unsigned int column);
void columns_cell(struct table *table, unsigned int column, const struct row *row);
double columns_value(unsigned int column, const struct row *row);

/* As run says: the most first, names in their order; of equals those of most time. 0 or -ENOMEM. */
int columns_sort(struct view *view, const struct run *run);

#endif
