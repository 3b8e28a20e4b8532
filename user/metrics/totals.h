/* SPDX-License-Identifier: GPL-2.0-only */
/* What a VM did, or all of them, reason by reason: all vCPUs together, nothing but sums. */
#ifndef EXITSTAT_METRICS_TOTALS_H
#define EXITSTAT_METRICS_TOTALS_H

#include <stddef.h>
#include <stdint.h>

#include "metrics/edges.h"
#include "model/snapshot.h"

struct total {
	uint32_t isa, reason, level;
	uint64_t count; /* exits */
	uint64_t sum_ns;
	uint64_t part_ns[EXITSTAT_PARTS];
	uint64_t bands[BANDS]; /* of the exits that are timed */
};

/* By ISA, reason and level; no two are of the same. */
struct totals {
	size_t n;
	struct total *list;
};

/* Have a place for each reason of the VM: without any exits it changes nothing. 0 or -ENOMEM. */
int totals_reserve(struct totals *totals, const struct vm_stat *vm);

/* The VM's exits, too; all of its reasons have a place. */
void totals_add(struct totals *totals, const struct vm_stat *vm);

/* What is in to is given up. 0 or -ENOMEM, and nothing has changed. */
int totals_copy(struct totals *to, const struct totals *from);

void totals_free(struct totals *totals);

#endif
