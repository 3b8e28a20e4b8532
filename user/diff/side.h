/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One side of a difference: a part of a file, by reason, in all and in each of its intervals.
 * It is read twice: from where on an exit is slow is known when both sides have been read once.
 */
#ifndef EXITSTAT_DIFF_SIDE_H
#define EXITSTAT_DIFF_SIDE_H

#include "diff/metrics.h"
#include "doc/part.h"
#include "model/filter.h"

/* Of a longer run neighbours are joined: memory is bounded. */
#define SIDE_CELLS 240

#define QUANTILES (METRIC_P99 - METRIC_P50 + 1)

/* What was new in an interval. */
struct cell {
	uint64_t count, timed, sum_ns;
	uint64_t over[QUANTILES]; /* twice those above, once those in the bucket of slow[] */
};

struct side_row {
	bool is_total; /* of all reasons of the group: the first */
	struct reason_stat all;
	uint32_t slow[QUANTILES]; /* a bucket's index */
	struct cell *cells;	  /* SIDE_CELLS, NULL: not yet */
};

/* Of a VM, or of all. VMs of one name are one. */
struct side_group {
	char *name;
	size_t nrows;
	struct side_row *rows;
};

struct side_options {
	bool by_vm;
	const struct reason_filter *filters;
	size_t nfilters;
};

struct side {
	const struct side_options *options;
	struct frames *frames;
	struct part part;
	uint64_t ns;
	struct losses losses;
	size_t ngroups;
	struct side_group *groups;
	/* In how many intervals it was read, how many are joined to a cell, and how long it is. */
	size_t nintervals, joined, ncells;
	uint64_t cell_ns[SIDE_CELLS];
};

/* The options must outlive it; side_close() in any case. */
void side_init(struct side *side, const struct side_options *options);

/* What was new in all of it, or in a piece: all but the cells. 0 or -ENOMEM. */
int side_add(struct side *side, const struct run *run);
/* Then, when the rows' slow[] are set, the same by interval. 0 or -ENOMEM. */
int side_add_interval(struct side *side, const struct run *run);

/* Both of a part of a file, one after the other. 0, or -1 with err; side_close() in any case. */
int side_open(struct side *side, const struct side_options *options, const char *file,
	      const struct part_times *times, struct error *err);
int side_read_intervals(struct side *side, struct error *err);

void side_close(struct side *side);

/* NULL: it has none. */
struct side_group *side_find_group(const struct side *side, const char *name);
struct side_row *side_find_row(const struct side_group *group, const struct side_row *like);

#endif
