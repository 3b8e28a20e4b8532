/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal that a grid is shown on, by ncurses: nothing else of the view knows it. Whatever
 * ends the process but SIGKILL, the terminal is as it was before.
 */
#ifndef EXITSTAT_TUI_TERMINAL_H
#define EXITSTAT_TUI_TERMINAL_H

#include <stdbool.h>

#include "tui/tui.h"

/* Is there one, on stdin and stdout, that can do what is needed? */
bool terminal_is_able(void);

/* Its characters are those of Unicode, as the environment says, and we can write them. */
bool terminal_is_utf8(void);

/* 0, or -1: it cannot be used after all. terminal_close() is due, also if it was not opened. */
int terminal_open(void);
void terminal_close(void);

void terminal_size(int *lines, int *columns);
/* After a signal said that it has changed. */
void terminal_resized(int lines, int columns);

void terminal_show(const struct grid *grid);

enum event {
	EVENT_NONE, /* no more for now */
	EVENT_KEY,
	EVENT_MOUSE,
	EVENT_GONE, /* the terminal is */
};

/* What has been pressed, which does not wait: key, or what, line and column. */
struct pressed {
	int key;
	enum mouse what;
	int line, column;
};

enum event terminal_read(struct pressed *pressed);

#endif
