/* SPDX-License-Identifier: GPL-2.0-only */
/* Of a VM that is a hypervisor: which exits are its own (L1), which its guests' (L2). */
#ifndef EXITSTAT_MODEL_LEVELS_H
#define EXITSTAT_MODEL_LEVELS_H

#include <stdint.h>

#include "model/snapshot.h"

struct levels {
	uint64_t l1, l2;    /* exits */
	uint64_t reflected; /* of these, those that KVM answered with an exit to L1 */
};

void levels_add(struct levels *levels, const struct reason_stat *reason);

/* A VM has begun a nested guest. */
bool levels_may_be(const struct snapshot *snap);

/* Exits of L1 for each thousand of L2, rounded; l2 is not 0. */
uint64_t levels_l1_per_1000(const struct levels *levels);

#endif
