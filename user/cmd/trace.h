/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf trace: count and time exits, and show them. */
#ifndef EXITSTAT_CMD_TRACE_H
#define EXITSTAT_CMD_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/host_options.h"
#include "cmd/record_sink.h"
#include "cmd/table_options.h"
#include "model/filter.h"

struct trace_options {
	struct host_options host;
	struct record_options record; /* exitstat-bpf record: instead of tables */
	struct reason_filter *filters;
	size_t nfilters;
	struct table_options tables;
	bool histograms;
	bool csv; /* instead of tables */
	bool snapshots;
	char **symbols; /* VM=FILE */
	size_t nsymbols;
	bool explain;
	bool screen;	    /* the full-screen view, where there is a terminal for it, */
	bool only_screen;   /* and nothing after it: exitstat-bpf top */
	const char *replay; /* of this file instead of a host, only_screen; NULL: none */
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int trace_options_parse(struct trace_options *options, int argc, char **argv, struct error *err);
/* The same of exitstat-bpf record, whose help is this text. */
int trace_options_parse_record(struct trace_options *options, const char *record_doc, int argc,
			       char **argv, struct error *err);
/* The same of exitstat-bpf top, whose help begins with this text. */
int trace_options_parse_top(struct trace_options *options, const char *doc, int argc, char **argv,
			    struct error *err);
void trace_options_free(struct trace_options *options);

#endif
