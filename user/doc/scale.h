/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Times as documents have them: cycles, scaled from nanoseconds, and histograms whose
 * buckets begin and end at cycles. What was scaled comes back as ns that scale to the same.
 */
#ifndef EXITSTAT_DOC_SCALE_H
#define EXITSTAT_DOC_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"

/* At most 2^63 - 1, as JSON has it. */
uint64_t scale_cycles(uint64_t ns, uint32_t khz);

/* False: no whole number of ns is so many cycles. */
bool scale_ns(uint64_t cycles, uint32_t khz, uint64_t *ns);

/* Where a bucket begins; after the last one: where that ends. */
uint64_t scale_begin(uint32_t bucket, uint32_t khz);

/*
 * Below 1 GHz neighbouring buckets of few ns begin at the same cycle: the last of those
 * stands for all of them.
 */
uint32_t scale_bucket(uint32_t bucket, uint32_t khz);

/* The bucket that is written for one that begins there. False: none begins there. */
bool scale_find(uint64_t begin, uint32_t khz, uint32_t *bucket);

/* A reason's histogram with these buckets only, as it is written. 0 or -ENOMEM. */
int scale_histogram(struct reason_stat *scaled, const struct reason_stat *reason, uint32_t khz);

#endif
