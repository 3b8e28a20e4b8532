/* SPDX-License-Identifier: GPL-2.0-only */
/* A run on a host: what every command that traces sets up, and takes down. */
#ifndef EXITSTAT_TRACE_SESSION_H
#define EXITSTAT_TRACE_SESSION_H

#include <time.h>

#include "base/loop.h"
#include "model/host.h"
#include "trace/tracer.h"

struct session_options {
	uint64_t interval_ns;
	uint64_t duration_ns; /* 0: until a signal, or the command's end */
	struct tracer_options tracer;
	char *const *command; /* NULL: none; ends with NULL */
};

struct session {
	const struct session_options *options;
	struct host host;
	struct tracer *tracer;
	struct reader *reader;
	struct loop loop;
	int minute_fd; /* of a timer: however long an interval is, the maps are read (wraps.h) */
	struct timespec start; /* CLOCK_REALTIME */
	uint64_t start_ns;     /* CLOCK_MONOTONIC */
};

/*
 * From here on no signal ends the process: a summary, or a file that is being looked
 * at, must not be lost. Each returns 0, or -1 with err; session_close() in all cases.
 */
int session_init(struct session *session, const struct session_options *options, struct error *err);
/* Counts when it returns 0. */
int session_open(struct session *session, struct error *err);
void session_close(struct session *session);

/* Run the command of the options, if any. 0, or -1 with err. */
int session_start_command(struct session *session, struct error *err);

/* See to it that it has ended. */
void session_end_command(struct session *session);

/*
 * vCPUs started or ended: in the first case they are named, in the second, and each minute,
 * a snapshot is due. 0 or -errno.
 */
int session_poll_vcpus(struct session *session, bool *due);

/* A handler for the loop, arg begins with the session: the same, with that snapshot. */
int session_take_vcpus(void *arg);

#endif
