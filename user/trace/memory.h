/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of a loaded BPF object as memory, for maps.h to read. */
#ifndef EXITSTAT_TRACE_MEMORY_H
#define EXITSTAT_TRACE_MEMORY_H

#include "trace/answers.h"
#include "trace/growth.h"
#include "trace/mapped.h"
#include "trace/maps.h"
#include "trace/programs.h"
#include "trace/tracer.h"

struct exitstat;

struct memory {
	struct exitstat *skel;
	const struct programs *programs; /* whose misses maps.missed() tells */
	struct mapped vcpus;
	struct chunks indexes, records, audited, details, chains, slowest;
	struct growth growth; /* of these */
	struct answer_ring answers;
	struct kvm_counters counters;
	struct maps maps; /* what lies in these; its owner is this struct, which stays in place */
};

/* Those that are there with these options, as the object was loaded with them. 0 or -errno. */
int memory_open(struct memory *memory, struct exitstat *skel, const struct programs *programs,
		const struct tracer_options *options);
/* If vCPUs need it. 0 or -errno. */
int memory_grow(struct memory *memory);
/* Also of one that could not be opened, in part or not at all. */
void memory_close(struct memory *memory);

#endif
