/* SPDX-License-Identifier: GPL-2.0-only */
/* One VM of a host's document: what had been counted of it at each moment. */
#ifndef EXITSTAT_COMPARE_TIMELINE_H
#define EXITSTAT_COMPARE_TIMELINE_H

#include "doc/guest_read.h"
#include "doc/host_read.h"

struct timeline {
	const struct host_document *doc;
	const struct vm_stat *vm;
	long nmoments; /* the snapshots; without them 2: before the run, and its end */
};

struct timeline timeline_of(const struct host_document *doc, const struct vm_stat *vm);

/*
 * What the host had counted at a moment of what the guest has read there: before the first
 * moment nothing, after the last one anything. VMX: all flags of a reason together.
 */
uint64_t timeline_count(const struct timeline *timeline, long moment, const struct observation *o);
/* And what it had timed. */
uint64_t timeline_ns(const struct timeline *timeline, long moment, const struct observation *o);
/* Exits of all VMs that were not counted so far. */
uint64_t timeline_lost(const struct timeline *timeline, long moment);

#endif
