/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF object: which of its programs are wanted, how big its maps are; into the kernel. */
#ifndef EXITSTAT_TRACE_LOADER_H
#define EXITSTAT_TRACE_LOADER_H

#include "trace/btf.h"
#include "trace/memory.h"
#include "trace/programs.h"
#include "trace/tracepoint_format.h"
#include "trace/tracer.h"

struct exitstat;

/*
 * Nothing is attached. Of memory its plan is set, and the first chunks of what it needs are made,
 * which memory_open() makes readable. *skel is what has been opened, even where it fails, or NULL:
 * to be destroyed. 0 or -errno.
 */
int load_programs(struct exitstat **skel, struct programs *programs,
		  const struct tracer_options *options, struct ways ways,
		  const struct exit_format *format, struct memory *memory);

#endif
