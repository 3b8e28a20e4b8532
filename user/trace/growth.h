/* SPDX-License-Identifier: GPL-2.0-only */
/* Room for more vCPUs as they come: a chunk more of each map that grows. */
#ifndef EXITSTAT_TRACE_GROWTH_H
#define EXITSTAT_TRACE_GROWTH_H

#include <stdbool.h>

#include "base/privileges.h"
#include "bpf/exitstat.h"
#include "trace/chunks.h"
#include "trace/keeper.h"

/* Of the chunks of a map. vcpus is 2^bits but where there is only one; it has entry 0, too. */
struct chunk_plan {
	uint32_t bits;	/* BPF finds a chunk by what is above these */
	uint32_t vcpus; /* a chunk has entries for so many */
	uint32_t most;
};

/* There is room for so many vCPUs at the start, and for max_vcpus once they come. */
struct chunk_plan chunks_plan(uint32_t at_start, uint32_t max_vcpus);

/* A map in chunks, of which some are there. */
struct growing {
	struct chunks *chunks;
	enum exitstat_room_of what; /* by whose number it is reached */
	bool needed;		    /* else BPF does without where it is not there yet */
	uint32_t n;
};

struct growth {
	struct chunk_plan plan;
	struct growing maps[KEEPER_MAPS];
	size_t nmaps;
	uint32_t max_vcpus;
	struct exitstat_room *room; /* what BPF is told */
	struct keeper keeper;
};

/* A map, of which the first chunk is there; those that matter most come first. */
void growth_add(struct growth *growth, struct chunks *chunks, enum exitstat_room_of what,
		bool needed);

/* From now on BPF uses what there is. */
void growth_open(struct growth *growth);

/* Of these entries there are so many, entry 0 included. */
uint32_t growth_entries(const struct growth *growth, const struct chunks *chunks);

/*
 * Is enough free of what BPF takes numbers of? 0, or -errno where there is no memory for more, or
 * nobody to make it.
 */
int growth_look(struct growth *growth);

/* This process is about to give up its capabilities: have another keep the one it takes. */
int growth_keep(struct growth *growth, const struct user *user);

void growth_close(struct growth *growth);

#endif
