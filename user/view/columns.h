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
};

#define COLUMNS_MOST 16

/* A reason, and what its shares and rates are of. */
struct row {
	const struct reason_stat *reason;
	const struct group *group;
	uint64_t ns; /* of the run or the interval */
};

/* The set's columns, the reason's name first, as wide as the view's longest; how many. */
size_t columns_choose(struct table_column columns[COLUMNS_MOST], enum column_set set,
		      const struct view *view);

/* Add their cells. */
void columns_add(struct table *table, enum column_set set, const struct row *row);

#endif
