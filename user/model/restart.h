/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters only grow, but for a VM that was migrated, or restored from a snapshot: there
 * all of them start again. So all that were read before and again went back, or what went
 * back is wrong.
 */
#ifndef EXITSTAT_MODEL_RESTART_H
#define EXITSTAT_MODEL_RESTART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct restart {
	size_t reasons; /* that went back */
	size_t gone_on; /* reasons and totals that did not */
};

/* What was read of a reason's count, or of one of the totals; what was 0 tells nothing. */
void restart_add(struct restart *restart, bool is_total, uint64_t before, uint64_t now);

/*
 * Is that all of them? A total is wrong by itself where one of its parts is, so that this
 * takes two reasons.
 */
bool restart_is_whole(const struct restart *restart);

#endif
