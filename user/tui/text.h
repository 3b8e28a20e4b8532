/* SPDX-License-Identifier: GPL-2.0-only */
/* A page of the screen that is text, and can be scrolled. */
#ifndef EXITSTAT_TUI_TEXT_H
#define EXITSTAT_TUI_TEXT_H

#include <stdio.h>

#include "tui/table.h"

/* What print() prints, which returns 0 or -errno. The same, or -ENOMEM. */
int text_draw(struct tui *tui, struct lines lines, int (*print)(FILE *out, const void *arg),
	      const void *arg);

#endif
