/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_BASE_PROCESS_H
#define EXITSTAT_BASE_PROCESS_H

#include <stdint.h>

/*
 * What a program does first. Descriptors 0 to 2 that are closed are taken, so that no
 * file of ours gets such a number; to write there fails, as it should. A file that may
 * not grow further (ulimit -f) is an error, not our end.
 */
void process_prepare(void);
/* A child that runs someone else's program takes back what this has set. */
void process_unprepare(void);

/* When it was started, in clock ticks since the host was; 0 if nobody can say. */
uint64_t process_start_ticks(uint32_t pid);

/* The process that a thread is of, itself if it is the first one; 0 if nobody can say. */
uint32_t process_of_thread(uint32_t tid);

/* Now, in the same unit. */
uint64_t process_ticks_now(void);

#endif
