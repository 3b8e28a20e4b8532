/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keys of a reason as documents have them: with the exits that had none they add up to
 * the reason's count, and their cycles to its cycles.
 */
#ifndef EXITSTAT_DOC_DETAIL_JSON_H
#define EXITSTAT_DOC_DETAIL_JSON_H

#include "base/jsonread.h"
#include "model/snapshot.h"
#include "model/symbols.h"

/* What an exit was about, without numbers. NULL: no memory. */
json_t *detail_write_key(const struct detail *detail);
struct detail detail_read_key(struct jsonread *json, const json_t *from,
			      struct kept_symbols *symbols);

/* NULL: no memory. */
json_t *detail_write(const struct reason_stat *reason, uint32_t khz);

/* "detail" of this reason, whose count and sum_ns are known. Symbols go into a list. */
void detail_read(struct jsonread *json, const json_t *from, struct reason_stat *reason,
		 struct kept_symbols *symbols, uint32_t khz);

#endif
