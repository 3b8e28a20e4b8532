/* SPDX-License-Identifier: GPL-2.0-only */
/* One reason on the screen: its numbers, its rate, its histogram, its keys, what it is. */
#ifndef EXITSTAT_TUI_REASON_H
#define EXITSTAT_TUI_REASON_H

#include "tui/table.h"

/* 0 or -ENOMEM. */
int reason_draw(struct tui *tui, struct lines lines);

#endif
