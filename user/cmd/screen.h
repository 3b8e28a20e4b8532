/* SPDX-License-Identifier: GPL-2.0-only */
/* The full-screen view on this terminal, for a command's loop: a host's, or that of a file. */
#ifndef EXITSTAT_CMD_SCREEN_H
#define EXITSTAT_CMD_SCREEN_H

#include "base/loop.h"
#include "model/sink.h"
#include "tui/tui.h"

struct screen {
	struct sink sink; /* first: of what a host's intervals add */
	struct tui tui;
	struct loop *loop; /* NULL: it is not open */
	uint64_t ns;	   /* of all intervals */
	/* Of a file: its next moment is wanted at once. 0 or -errno; NULL: a host's come by
	 * themselves. */
	int (*next)(void *arg);
	void *next_arg;
};

/* stdin and stdout are a terminal that can show it. */
bool screen_is_able(void);

/* What the view is, before there is a terminal. screen_close() is due in all cases. */
void screen_init(struct screen *screen, uint64_t interval_ns, unsigned int sort);

/* From now on it has the terminal. The loop is to watch stdin. 0, or -1 with err. */
int screen_open(struct screen *screen, struct loop *loop, struct error *err);
void screen_close(struct screen *screen);

/* The next moment, and that there is none; see tui/tui.h. 0 or -errno. */
int screen_take(struct screen *screen, const struct run *run, const struct snapshot *growth);
int screen_end(struct screen *screen, const char *notice);

/* An event of the loop: keys, and a new size of the terminal. 0 or -errno. */
int screen_events(struct screen *screen);

#endif
