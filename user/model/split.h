/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the time of exits went. What is in none of enum exitstat_part KVM itself took on
 * its CPU: so the five always add up to the whole.
 */
#ifndef EXITSTAT_MODEL_SPLIT_H
#define EXITSTAT_MODEL_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/exitstat.h"
#include "model/snapshot.h"

/* KVM's own, beside enum exitstat_part. */
#define PART_KVM EXITSTAT_PARTS

/* A set of them, 1 << part. */
#define PARTS_ALL ((1u << (PART_KVM + 1)) - 1)

/* "kvm", "user", "polled", "blocked", "runnable". */
const char *part_name(unsigned int part);

/*
 * Of all exits of a reason, in ns. Between two snapshots of vCPUs that run, an exit's parts
 * may come with the next one: KVM's is at least 0 then.
 */
uint64_t reason_part(const struct reason_stat *reason, unsigned int part);

/*
 * Without those times when the guest had nothing to do: of HLT what was blocked or polled, or,
 * where that is not known (without split), all of it.
 */
uint64_t reason_busy_ns(const struct reason_stat *reason, bool split);

#endif
