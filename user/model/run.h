/* SPDX-License-Identifier: GPL-2.0-only */
/* What every output is made from: a snapshot, and the run it belongs to. */
#ifndef EXITSTAT_MODEL_RUN_H
#define EXITSTAT_MODEL_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "model/answers.h"
#include "model/host.h"
#include "model/filter.h"
#include "model/self.h"
#include "model/series.h"
#include "model/snapshot.h"

struct run {
	const struct host *host;
	struct timespec start; /* CLOCK_REALTIME */
	struct timespec end;
	uint64_t start_ns; /* CLOCK_MONOTONIC */
	uint64_t ns;	   /* of that between the two */
	/* CLOCK_REALTIME was set meanwhile, by so much: end is what it would have been. 0: not. */
	int64_t clock_set_ns;
	const struct snapshot *snap;
	const struct series *series;   /* NULL: only the end is asked for */
	const struct answers *answers; /* NULL: KVM's were not asked for, or it gives none */
	const struct self *self;       /* NULL: was not measured */
	bool no_levels; /* KVM's types are not known here: all exits are said to be of L1 */
	uint32_t kinds; /* of keys that were asked for, 1 << enum exitstat_kind; 0: no detail */
	uint32_t parts; /* of times that are told apart, 1 << PART_KVM and so on; 0: no split */
	unsigned int nslowest; /* of the longest exits of a VM; 0: not asked for */
	bool slowest_idle;     /* HLT's are among them */
	unsigned int sort; /* of tables' rows, by a column: columns_find(); 0: most time first */
	/* Of tables and CSV, each as columns_find() says; none: as usual. */
	const unsigned int *columns;
	size_t ncolumns;
	/* Shown are only reasons that match one of these; none: all. */
	const struct reason_filter *filters;
	size_t nfilters;
};

#endif
