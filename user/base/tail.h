/* SPDX-License-Identifier: GPL-2.0-only */
/* The last of what is written into a pipe: memory is bounded, however much that is. */
#ifndef EXITSTAT_BASE_TAIL_H
#define EXITSTAT_BASE_TAIL_H

#include <stddef.h>
#include <stdint.h>

#define TAIL_BYTES 65536u

struct tail {
	int in, out; /* the pipe's ends; out is for who writes */
	char *bytes; /* the byte number i of all is at i % TAIL_BYTES */
	uint64_t n;
};

/* 0 or -errno; tail_free() in both cases. */
int tail_init(struct tail *tail);
void tail_free(struct tail *tail);

/* Take what there is, without waiting. How many bytes that was. */
size_t tail_read(struct tail *tail);

/* Write it to a descriptor, with a line about what is left out. */
void tail_write(const struct tail *tail, int fd);

#endif
