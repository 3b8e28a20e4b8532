/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands above and below everything: time, losses, cost, place; keys and messages. */
#ifndef EXITSTAT_TUI_HEAD_H
#define EXITSTAT_TUI_HEAD_H

#include "tui/state.h"

#define HEAD_LINES 4

/* The first HEAD_LINES lines, and the last one. */
void head_draw(struct tui *tui);

#endif
