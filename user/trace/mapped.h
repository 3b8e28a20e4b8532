/* SPDX-License-Identifier: GPL-2.0-only */
/* A BPF array as memory of this process. */
#ifndef EXITSTAT_TRACE_MAPPED_H
#define EXITSTAT_TRACE_MAPPED_H

#include <stddef.h>

struct mapped {
	void *memory; /* NULL: it is not mapped */
	size_t size;
};

/* n entries of that size, to be read and written. 0 or -errno. */
int mapped_open(struct mapped *mapped, int map_fd, size_t n, size_t entry_size);
void mapped_close(struct mapped *mapped);

#endif
