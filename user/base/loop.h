/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a command that watches a host waits for: signals, ticks, the tracer's
 * events, the end of its own command or of its time.
 */
#ifndef EXITSTAT_BASE_LOOP_H
#define EXITSTAT_BASE_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/child.h"
#include "base/error.h"

struct loop {
	int signal_fd, timer_fd, epoll_fd;
	sigset_t old_mask;
	struct child child;
	uint64_t end_ns; /* of CLOCK_MONOTONIC, 0: never */
	bool done;
	bool resized; /* the terminal: an event, too */
	int signal;   /* what ended it, or 0 */
};

struct loop_handlers {
	int (*tick)(void *arg);	 /* 0 or -errno, which ends the loop */
	int (*event)(void *arg); /* the same, when an event_fd is readable */
	void *arg;
};

/*
 * Signals are blocked from here on and read as events, so that none can arrive at a
 * moment when a summary would be lost. 0 or -1 with err.
 */
int loop_init(struct loop *loop, struct error *err);

/* Ticks every interval_ns from now on; ends after duration_ns, 0: never. 0 or -errno. */
int loop_start(struct loop *loop, uint64_t interval_ns, uint64_t duration_ns, int event_fd);

/* Another event_fd, between loop_start() and loop_run(). 0 or -errno. */
int loop_watch(struct loop *loop, int fd);

/* Ticks come every interval_ns from now on. 0 or -errno. */
int loop_set_interval(struct loop *loop, uint64_t interval_ns);

/* Until a signal, the command's end or that of the time. 0, or a handler's -errno. */
int loop_run(struct loop *loop, const struct loop_handlers *handlers);

void loop_close(struct loop *loop);

#endif
