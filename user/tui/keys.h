/* SPDX-License-Identifier: GPL-2.0-only */
/* The keys of the full-screen view: each is a row in keys.c, and what it does is named there. */
#ifndef EXITSTAT_TUI_KEYS_H
#define EXITSTAT_TUI_KEYS_H

#include <stddef.h>

/* What is pressed: a character, or one of these. */
enum key {
	KEY_IS_UP = 0x110000, /* after Unicode's last */
	KEY_IS_DOWN,
	KEY_IS_LEFT,
	KEY_IS_RIGHT,
	KEY_IS_PAGE_UP,
	KEY_IS_PAGE_DOWN,
	KEY_IS_HOME,
	KEY_IS_END,
	KEY_IS_BACKSPACE,
	KEY_IS_F1,
};

#define KEY_IS_TAB    '\t'
#define KEY_IS_ENTER  '\n'
#define KEY_IS_ESCAPE 27

/* What is wanted. */
enum action {
	ACT_NOTHING,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_HOME,
	ACT_END,
	ACT_OPEN,
	ACT_BACK,
	ACT_VIEW,
	ACT_EXITS,
	ACT_SORT,
	ACT_REVERSE,
	ACT_FILTER,
	ACT_COLUMNS,
	ACT_TOTAL,
	ACT_RESET,
	ACT_FASTER,
	ACT_SLOWER,
	ACT_FREEZE,
	ACT_EARLIER,
	ACT_LATER,
	ACT_ORDER,
	ACT_WRITE,
	ACT_HELP,
	ACT_QUIT,
};

/* Rows of the help. */
struct key_row {
	const char *keys; /* as the help names them */
	enum action action;
	int codes[4]; /* 0: no more */
	const char *does;
};

extern const struct key_row key_rows[];
extern const size_t key_nrows;

enum action key_action(int code);

#endif
