/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf report: what a file has, of any part of its time. */
#ifndef EXITSTAT_CMD_REPORT_H
#define EXITSTAT_CMD_REPORT_H

#include <stdbool.h>

#include "cmd/table_options.h"
#include "doc/part.h"
#include "model/filter.h"
#include "model/selection.h"

struct report_options {
	const char *file; /* "-": stdin */
	struct part_times times;
	struct table_options tables;
	struct reason_filter *filters;
	size_t nfilters;
	struct selection selection;
	bool histograms;
	bool csv;
	uint64_t per_ns;  /* 0: of all at once */
	const char *json; /* NULL: nowhere, "-": stdout */
	const char *html; /* NULL: nowhere; "-": stdout */
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int report_options_parse(struct report_options *options, int argc, char **argv, struct error *err);
void report_options_free(struct report_options *options);

#endif
