/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that keeps one capability for another that has given up all of them, and makes it
 * chunks of maps. All that it reads is of which map one more is wanted, and whether it could be
 * mapped; it makes no more than it was told when it started.
 */
#ifndef EXITSTAT_TRACE_KEEPER_H
#define EXITSTAT_TRACE_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/privileges.h"
#include "trace/chunks.h"

#define KEEPER_MAPS 6

struct keeper {
	pid_t pid; /* 0: there is none */
	int socket;
};

/* It makes each of these maps' chunks from 1 on, `most` at most. 0 or -errno. */
int keeper_start(struct keeper *keeper, struct chunks *const *maps, size_t nmaps, uint32_t most,
		 const struct user *user);

/* The next one of a map: its descriptor, which is the caller's then, or -errno. */
int keeper_ask(const struct keeper *keeper, size_t map);

/* After each that was got: is it seen here, so that BPF may find it? 0 or -errno. */
int keeper_put(const struct keeper *keeper, bool seen);

void keeper_stop(struct keeper *keeper);

#endif
