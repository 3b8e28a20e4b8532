/* SPDX-License-Identifier: GPL-2.0-only */
/* What the full-screen view knows: the last minutes, where the user is, what was chosen. */
#ifndef EXITSTAT_TUI_STATE_H
#define EXITSTAT_TUI_STATE_H

#include "model/history.h"
#include "tui/grid.h"
#include "tui/layout.h"

#define TUI_TEXT  256
#define TUI_DEPTH 5

enum page {
	PAGE_ROWS,   /* a table */
	PAGE_REASON, /* all of one reason */
	PAGE_EXITS,  /* the slowest exits, and which level they all are of */
};

/* Where one is. */
struct place {
	enum page page;
	enum rows_of of;
	struct count_scope scope;
	bool one_reason;
	struct row_key reason;
	struct row_key selected; /* what the cursor is on, once it was moved; else the first row */
	bool moved;
	size_t at, top; /* where that was; the first row, or line, that is on the screen */
};

enum tui_mode {
	MODE_NORMAL,
	MODE_HELP,
	MODE_SORT,
	MODE_COLUMNS,
	MODE_FILTER,
	MODE_WRITE,
};

/* What is on show: all that happened between two moments. */
struct shown {
	bool valid, total;
	uint64_t number; /* of the later one */
	bool borrowed;	 /* the growth, while a moment is being taken */
	struct snapshot growth;
	uint64_t from_ns, ns; /* of the run; how long */
	struct timespec from, to;
};

struct tui {
	struct grid grid;
	struct history history;
	struct run run; /* without numbers */
	struct host host;
	bool replay;	    /* of a file, */
	bool at_end;	    /* which has no more, */
	const char *notice; /* and lacks something: NULL or why */

	struct place places[TUI_DEPTH];
	size_t depth; /* of them, at least 1 */
	enum tui_mode mode;
	size_t menu; /* the line of a list that the cursor is on; the first of the help's */
	unsigned int sort[ROWS_KINDS];
	bool reversed[ROWS_KINDS];
	struct choices choices;
	char filter[TUI_TEXT], kept_filter[TUI_TEXT], filename[TUI_TEXT];
	char message[TUI_TEXT];

	bool frozen;
	uint64_t number; /* of the moment on show then */
	bool total;
	struct snapshot base; /* of the total, */
	uint64_t base_ns;     /* 0: the start of the run */
	struct timespec base_time;
	struct shown shown;

	/* The table as it was drawn, and in which order its rows stay. */
	struct layout layout;
	size_t nkeys;
	struct row_key *keys;
	bool order_frozen;
	size_t norder;
	struct row_key *order;

	uint64_t drawn_ns; /* of the run, when it was last drawn by itself */

	/* For who drives it. */
	uint64_t interval_ns;
	bool quit;
	bool wants_next; /* moment of the file, now */
};

struct place *state_place(struct tui *tui);

/* The moment on show, as an index of the history, which has one. */
size_t state_moment(const struct tui *tui);

/*
 * See to it that tui->shown is of the moment on show: growth is of the last interval, while a
 * moment is being taken, or NULL. 0 or -ENOMEM.
 */
int state_update(struct tui *tui, const struct snapshot *growth);
/* It is not what is wanted any more. */
void state_forget(struct tui *tui);

/* What is on show, as a run of its own; it points into tui. */
struct run state_run(const struct tui *tui);

#endif
