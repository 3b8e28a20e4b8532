/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A BPF array of arrays (BPF_MAP_TYPE_ARRAY_OF_MAPS) as memory of this process: its chunks one
 * behind the other, of which there may be more later.
 */
#ifndef EXITSTAT_TRACE_CHUNKS_H
#define EXITSTAT_TRACE_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

#include "trace/mapped.h"

struct bpf_map;

struct chunks {
	struct bpf_map *outer;
	int first_fd; /* of the first chunk; 0: there is none */
	uint32_t entry_size;
	uint32_t entries;     /* of a chunk, which is whole pages if there are more */
	struct mapped mapped; /* all there may be; what is not there yet is not accessible */
};

/*
 * Before outer, of an object that is open, is loaded: find a place for so many chunks, and make
 * the first; near, if it is not NULL, will be that, too. 0 or -errno.
 */
int chunks_open(struct chunks *chunks, struct bpf_map *outer, struct bpf_map *near,
		size_t entry_size, uint32_t entries, uint32_t most);
/* Also of what is zeroed. */
void chunks_close(struct chunks *chunks);

/* When it is loaded: see the first chunk here, and have BPF find it. 0 or -errno. */
int chunks_begin(struct chunks *chunks);

/* A chunk more, which takes CAP_BPF: its descriptor or -errno. */
int chunk_make(const struct chunks *chunks);

/* See it here, as chunk n. 0 or -errno. */
int chunk_map(struct chunks *chunks, uint32_t n, int fd);

/* Then have BPF find it; before Linux 5.19 this may take CAP_BPF, too. 0 or -errno. */
int chunk_put(const struct chunks *chunks, uint32_t n, int fd);

#endif
