/* SPDX-License-Identifier: GPL-2.0-only */
/* Whatever shows a run or writes it: a terminal, lines, a file. Each embeds this. */
#ifndef EXITSTAT_MODEL_SINK_H
#define EXITSTAT_MODEL_SINK_H

#include "base/error.h"
#include "model/run.h"

/* NULL: there is nothing to do then. */
struct sink {
	/* Before anything is set up: can it take what will come? 0, or -1 with err. */
	int (*begin)(struct sink *sink, struct error *err);
	/* What an interval has added, and what there is in all. 0 or -errno, which ends the run. */
	int (*interval)(struct sink *sink, const struct run *growth, const struct snapshot *total);
	/* The whole run, at its end. 0, or -1 with err. */
	int (*end)(struct sink *sink, const struct run *run, struct error *err);
};

#endif
