/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up run as a recording, and what came back of it. */
#ifndef EXITSTAT_UNIT_RECORDED_H
#define EXITSTAT_UNIT_RECORDED_H

#include <stdbool.h>
#include <stddef.h>

#include "doc/frames.h"
#include "model/run.h"

/* In which each member of a snapshot changes, now and then. */
#define RECORDED 12u

struct recorded {
	struct snapshot snaps[RECORDED];
	struct run runs[RECORDED];
};

void recorded_make(struct recorded *made);
void recorded_free(struct recorded *made);

/* The file of a test, which takes it away. */
extern char recorded_path[64];

/* The first n moments go there; whole: with its end. */
void recorded_write(const struct run *runs, size_t n, bool whole);
/* These bytes go there. */
void recorded_fill(const void *bytes, size_t len);
/* What is there; to be freed. */
unsigned char *recorded_bytes(size_t *len);
struct frames *recorded_open(void);

/* All that any output can show, and the structs. */
void assert_same_run(const struct run *a, const struct run *b);

#endif
