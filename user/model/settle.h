/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was new between two moments of vCPUs that run, as if it were a run of its own.
 *
 * An exit is counted when it happens, and timed when the guest is back: one that was under way
 * at the first moment is counted before it and timed after. So there can be one more in a
 * histogram, or among the keys, than there are exits, and parts of the time that are more than
 * the whole; of a run of its own that is not so.
 */
#ifndef EXITSTAT_MODEL_SETTLE_H
#define EXITSTAT_MODEL_SETTLE_H

#include "model/snapshot.h"

/*
 * Count what was under way then, too, and no part of the time that is more than it. How many
 * exits that were.
 */
uint64_t snapshot_settle(struct snapshot *growth);

#endif
