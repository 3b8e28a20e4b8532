/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of single exits: the slowest; and of levels: which are of nested guests. */
#ifndef EXITSTAT_TUI_EXITS_H
#define EXITSTAT_TUI_EXITS_H

#include "tui/table.h"

/* 0 or -ENOMEM. */
int exits_draw(struct tui *tui, struct lines lines);

#endif
