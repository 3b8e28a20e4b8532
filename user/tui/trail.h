/* SPDX-License-Identifier: GPL-2.0-only */
/* How often rows happened over the last while, from the history. */
#ifndef EXITSTAT_TUI_TRAIL_H
#define EXITSTAT_TUI_TRAIL_H

#include "tui/rows.h"

struct trail {
	size_t npoints, nrows;
	uint64_t *ns;	  /* of each point */
	uint64_t *counts; /* up to each point, row by row */
};

/*
 * Of these rows, the span_ns up to the moment at this index. 0 or -ENOMEM; trail_free() in both
 * cases.
 */
int trail_make(struct trail *trail, const struct history *history, size_t at, uint64_t span_ns,
	       enum rows_of of, const struct count_scope *scope, const struct row_key *keys,
	       size_t nkeys);
void trail_free(struct trail *trail);

/*
 * The row's exits a second in n steps of the span that ends with the last point; RATE_UNKNOWN
 * before the first.
 */
void trail_rates(const struct trail *trail, size_t row, uint64_t span_ns, double *rates, int n);

#endif
