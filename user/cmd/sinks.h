/* SPDX-License-Identifier: GPL-2.0-only */
/* Where exitstat-bpf trace shows, writes and explains what it has seen. */
#ifndef EXITSTAT_CMD_SINKS_H
#define EXITSTAT_CMD_SINKS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/sink.h"
#include "view/groups.h"

/* Tables: drawn over the last ones on a terminal, else lines that each stand alone. */
struct text_sink {
	struct sink sink;
	FILE *out;
	enum group_by by;
	bool histograms;
	bool shown; /* an interval has been */
};

struct text_sink terminal_sink(FILE *out, enum group_by by, bool histograms);
struct text_sink lines_sink(FILE *out, enum group_by by, bool histograms);

/* Rows of comma-separated values, each interval's and at the end what is left: all exits. */
struct csv_sink {
	struct sink sink;
	FILE *out;
	enum group_by by;
	bool shown;
	uint64_t ns;	      /* of all intervals so far */
	struct snapshot last; /* the counts then; csv_sink_free() */
};

struct csv_sink csv_sink(FILE *out, enum group_by by);
void csv_sink_free(struct csv_sink *sink);

/* The run as a JSON document in a file; "-": stdout. */
struct json_sink {
	struct sink sink;
	const char *path;
};

struct json_sink json_sink(const char *path);

/* What the run is consistent with, at its end. */
struct advice_sink {
	struct sink sink;
	FILE *out;
};

struct advice_sink advice_sink(FILE *out);

#endif
