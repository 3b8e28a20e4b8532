/* SPDX-License-Identifier: GPL-2.0-only */
/* A table of VMs, vCPUs or reasons on the screen. Only the rows that are on it are formatted. */
#ifndef EXITSTAT_TUI_TABLE_H
#define EXITSTAT_TUI_TABLE_H

#include "tui/state.h"

/* The screen's lines for rows: from the first, so many. */
struct lines {
	int first, n;
};

/* The heading is the line before. Leaves the rows' keys in tui->keys. 0 or -ENOMEM. */
int table_draw(struct tui *tui, struct lines lines);

/* Which of tui->keys the cursor is on. */
size_t table_cursor(struct tui *tui);
/* Put it there, or on the nearest there is. */
void table_move(struct tui *tui, size_t to);

/* Which column's heading is there; 0: none's. */
unsigned int table_column_at(const struct tui *tui, int column);

#endif
