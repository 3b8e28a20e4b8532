/* SPDX-License-Identifier: GPL-2.0-only */
/* Which columns a table has, and where they stand on a screen of that width. */
#ifndef EXITSTAT_TUI_LAYOUT_H
#define EXITSTAT_TUI_LAYOUT_H

#include "tui/rows.h"

#define LAYOUT_MOST 24

/* Beside those of view/columns.h. */
enum own_column {
	COLUMN_NAME = SORT_BY_NAME,
	COLUMN_TREND = 100, /* the rate of the last minute */
	COLUMN_TOP,	    /* a VM's busiest reasons */
};

/* What the user has chosen: shown or not, whatever is usual. */
enum choice {
	CHOICE_USUAL,
	CHOICE_SHOWN,
	CHOICE_HIDDEN,
};

struct choices {
	uint8_t of[ROWS_KINDS][LAYOUT_MOST];
};

/* All that such rows can have, in their order: their number, 0 where there are no more. */
unsigned int layout_column(enum rows_of of, uint32_t parts, size_t i);
const char *layout_name(unsigned int column, enum rows_of of);
/* Whether rows can be sorted by it. */
bool layout_sorts(unsigned int column);

bool layout_is_shown(const struct choices *choices, enum rows_of of, unsigned int column,
		     int width);
void layout_toggle(struct choices *choices, enum rows_of of, unsigned int column, int width);

struct placed {
	unsigned int column;
	int at, width;
};

struct layout {
	size_t n;
	struct placed columns[LAYOUT_MOST];
	size_t hidden; /* that are wanted, and had no room */
};

/* name_width: of the longest name that is on the screen. */
void layout_make(struct layout *layout, const struct choices *choices, enum rows_of of,
		 uint32_t parts, int name_width, int width);

#endif
