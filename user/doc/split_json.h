/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the time of exits went, as documents have it: a reason's parts add up to its cycles. */
#ifndef EXITSTAT_DOC_SPLIT_JSON_H
#define EXITSTAT_DOC_SPLIT_JSON_H

#include "base/jsonread.h"
#include "model/snapshot.h"

/* The parts (1 << PART_KVM and so on) that a run tells apart. NULL: no memory. */
json_t *split_write_parts(uint32_t parts);
/* From the document's "split"; 0 where it has none. */
uint32_t split_read_parts(struct jsonread *json, const json_t *root);

/* NULL: no memory. */
json_t *split_write(const struct reason_stat *reason, uint32_t parts, uint32_t khz);
/* "split" of this reason, whose sum_ns is known. */
void split_read(struct jsonread *json, const json_t *from, struct reason_stat *reason,
		uint32_t parts, uint32_t khz);

#endif
