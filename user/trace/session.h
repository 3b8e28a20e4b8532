/* SPDX-License-Identifier: GPL-2.0-only */
/* A run on a host: what every command that traces sets up, and takes down. */
#ifndef EXITSTAT_TRACE_SESSION_H
#define EXITSTAT_TRACE_SESSION_H

#include <stdio.h>
#include <time.h>

#include "model/host.h"
#include "base/loop.h"
#include "cmd/options.h"
#include "trace/tracer.h"

struct session {
	const struct options *options;
	struct host host;
	struct tracer *tracer;
	struct reader *reader;
	struct loop loop;
	struct timespec start; /* CLOCK_REALTIME */
	uint64_t start_ns;     /* CLOCK_MONOTONIC */
	FILE *out;	       /* for people: stdout, or stderr when stdout is the JSON */
};

/* Counts when it returns 0; else -1 with err. session_close() in both cases. */
int session_open(struct session *session, const struct options *options, struct error *err);
void session_close(struct session *session);

/* Run the command of the options, if any. 0, or -1 with err. */
int session_start_command(struct session *session, struct error *err);

/* See to it that it has ended. */
void session_end_command(struct session *session);

/* A handler for the loop, arg begins with the session: vCPUs started or ended. */
int session_take_vcpus(void *arg);

#endif
