/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf trace: count and time exits, and show them. */
#ifndef EXITSTAT_CMD_TRACE_H
#define EXITSTAT_CMD_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/host_options.h"
#include "model/filter.h"
#include "view/groups.h"

struct trace_options {
	struct host_options host;
	struct reason_filter *filters;
	size_t nfilters;
	enum group_by by;
	const char *sort_name; /* NULL: as usual */
	unsigned int sort;     /* of struct run */
	bool histograms;
	bool snapshots;
	char **symbols; /* VM=FILE */
	size_t nsymbols;
	bool explain;
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int trace_options_parse(struct trace_options *options, int argc, char **argv, struct error *err);
void trace_options_free(struct trace_options *options);

#endif
