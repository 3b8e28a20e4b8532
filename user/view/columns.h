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
	uint64_t ns;	/* of the run or the interval */
	uint32_t parts; /* of struct run */
};

/*
 * The set's columns, the reason's name first, as wide as the view's longest; those at the
 * right are left out where the terminal has no room for them (width, 0: any). How many.
 */
size_t columns_choose(struct table_column columns[COLUMNS_MOST], enum column_set set,
		      const struct view *view, size_t width);

/* How many there are without a terminal's bounds. */
size_t columns_count(enum column_set set);

/* Add the cells of the first n of them. */
void columns_add(struct table *table, enum column_set set, const struct row *row, size_t n);

/* By a name in any case, for struct run's sort. False: no table has it. */
bool columns_find(const char *name, unsigned int *column);
/* Only in the table of --split. */
bool columns_need_split(unsigned int column);
/* The name of each from 1 on; NULL: there are no more. */
const char *columns_name(unsigned int column);

/* As run says: the most first, names in their order; of equals those of most time. 0 or -ENOMEM. */
int columns_sort(struct view *view, const struct run *run);

#endif
