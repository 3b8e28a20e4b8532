/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists that take the place of a table: the keys, the columns. */
#ifndef EXITSTAT_TUI_MENU_H
#define EXITSTAT_TUI_MENU_H

#include "tui/table.h"

/* The one that the mode is of. */
void menu_draw(struct tui *tui, struct lines lines);

size_t menu_count(struct tui *tui);

/* The column that the list's line is of. */
unsigned int menu_column(struct tui *tui, size_t line);

#endif
