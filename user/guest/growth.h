/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters only grow: what is to be said of a reading where they do not. */
#ifndef EXITSTAT_GUEST_GROWTH_H
#define EXITSTAT_GUEST_GROWTH_H

#include <stdbool.h>

#include "base/error.h"
#include "model/reading.h"

/* Is no number less than in the reading before, which was of the same plan? */
bool growth_holds(const struct reading *before, const struct reading *now);

/*
 * Say of one that does not hold whether all counters have started again, by a reading that
 * was begun after it: the VM may have moved in the midst of the first. Returns -1.
 */
int growth_fail(const struct reading *before, const struct reading *now,
		const struct reading *again, uint32_t isa, struct error *err);

#endif
