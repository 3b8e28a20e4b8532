/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The last minutes of a run, moment by moment, so that what happened between any two of them
 * can be told. Memory is bounded: where it does not suffice, the moments that are older than a
 * minute lie further apart.
 */
#ifndef EXITSTAT_MODEL_HISTORY_H
#define EXITSTAT_MODEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/moment.h"

#define HISTORY_NS	  (600 * 1000000000ull)
#define HISTORY_DENSE_NS  (60 * 1000000000ull)
#define HISTORY_MAX_BYTES ((size_t)64 << 20)

struct history {
	size_t n;
	struct moment *moments; /* the oldest first */
	uint64_t added;
	size_t bytes, max_bytes;
	uint64_t max_ns;
	size_t thinned; /* moments that had no room */
};

void history_init(struct history *history);
void history_free(struct history *history);

/* run->snap has all that was counted since the start of the run. 0 or -ENOMEM. */
int history_add(struct history *history, const struct run *run);

/* The last one that is not after this number; the first where all are. There is one. */
size_t history_find(const struct history *history, uint64_t number);

/* Nothing came before the first moment: what it has is what happened until then. */
bool history_is_whole(const struct history *history);

#endif
