/* SPDX-License-Identifier: GPL-2.0-only */
/* The command after "--": made early, so that it exists, started when we trace. */
#ifndef EXITSTAT_BASE_CHILD_H
#define EXITSTAT_BASE_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct child {
	pid_t pid; /* 0: none, or it has ended */
	bool ended;
	int status; /* as the shell has it: its own, or 128 + the signal's number */
	int output; /* where it prints to, with nothing to read; 0: as we do */
};

/* Run argv with this signal mask; status 127 or 126 in err if it cannot be run. */
int child_start(struct child *child, char *const argv[], const sigset_t *mask, struct error *err);

/* Look whether it has ended; does not wait. */
void child_poll(struct child *child);

/* Send it a signal and wait until it has ended, by SIGKILL after a while. */
void child_end(struct child *child, int sig);

#endif
