/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The full-screen view: it is given moments of a run and keys, and draws cells. It knows neither
 * where the moments come from, a host or a file, nor any terminal.
 */
#ifndef EXITSTAT_TUI_TUI_H
#define EXITSTAT_TUI_TUI_H

#include "tui/keys.h"
#include "tui/state.h"

/* What there is on a smaller screen is that it is too small. */
#define TUI_LEAST_LINES	  14
#define TUI_LEAST_COLUMNS 80

/* sort: as of struct run, 0: as usual. */
void tui_init(struct tui *tui, uint64_t interval_ns, unsigned int sort);
void tui_free(struct tui *tui);

/*
 * The next moment: run is the whole run until then. growth is what the last interval has added,
 * if that is known, or NULL. Draws, unless it has just done so. 0 or -ENOMEM.
 */
int tui_take(struct tui *tui, const struct run *run, const struct snapshot *growth);

/* There is no more in the file. notice: what it lacks, or NULL. Draws. 0 or -ENOMEM. */
int tui_end(struct tui *tui, const char *notice);

/* A key was pressed: a character, or one of enum key. Draws. 0 or -ENOMEM. */
int tui_press(struct tui *tui, int key);

enum mouse {
	MOUSE_CLICK,
	MOUSE_WHEEL_UP,
	MOUSE_WHEEL_DOWN,
};

int tui_mouse(struct tui *tui, enum mouse what, int line, int column);

/* The screen has this size from now on. Draws. 0 or -ENOMEM. */
int tui_resize(struct tui *tui, int lines, int columns);

#endif
