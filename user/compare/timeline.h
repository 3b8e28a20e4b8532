/* SPDX-License-Identifier: GPL-2.0-only */
/* One VM of a host's document: what each of its reasons had come to at each moment. */
#ifndef EXITSTAT_COMPARE_TIMELINE_H
#define EXITSTAT_COMPARE_TIMELINE_H

#include "doc/host_read.h"

struct moment {
	uint64_t start_ns, end_ns; /* its numbers are of some time between the two */
	uint64_t real_ns;	   /* CLOCK_REALTIME of start_ns */
	uint64_t lost;		   /* exits of all VMs that were not counted so far */
};

struct timeline {
	const struct host_doc *doc;
	const struct host_vm *vm;
	bool has_snapshots; /* else only its start and its end, by CLOCK_REALTIME */
	size_t nmoments;
	struct moment *moments;
	size_t ncodes;
	uint32_t *codes; /* VMX: basic reasons; flags are added up */
	/* nmoments rows of ncodes + 1 columns, the last one being the total. */
	uint64_t *counts, *cycles;
};

/* Columns of the total, and of a reason that never happened. */
#define COLUMN_NONE SIZE_MAX
size_t timeline_column(const struct timeline *timeline, uint32_t code);
size_t timeline_total(const struct timeline *timeline);

uint64_t timeline_count(const struct timeline *timeline, size_t moment, size_t column);
uint64_t timeline_cycles(const struct timeline *timeline, size_t moment, size_t column);

/* Of the VM at this place of the document. 0 or -ENOMEM. */
int timeline_make(struct timeline *timeline, const struct host_doc *doc, size_t vm);
void timeline_free(struct timeline *timeline);

#endif
