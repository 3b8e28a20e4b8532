/* SPDX-License-Identifier: GPL-2.0-only */
/* What keys do to the state; nothing is drawn here. */
#ifndef EXITSTAT_TUI_PRESS_H
#define EXITSTAT_TUI_PRESS_H

#include "tui/keys.h"
#include "tui/state.h"

/* lines: of a table on the screen. 0 or -ENOMEM. */
int press_key(struct tui *tui, int key, size_t lines);

/* A click on a row, which opens it when it is the cursor's; and on a heading. */
void press_row(struct tui *tui, size_t row);
void press_heading(struct tui *tui, unsigned int column);

#endif
