/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Families of metrics as text, in the two formats that there are: OpenMetrics 1.0, and
 * Prometheus' own (0.0.4). Whatever a label's value has in it, it ends where it should.
 */
#ifndef EXITSTAT_METRICS_TEXT_H
#define EXITSTAT_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "metrics/format.h"
#include "metrics/totals.h"

enum family_type {
	FAMILY_COUNTER,
	FAMILY_GAUGE,
	FAMILY_HISTOGRAM,
	FAMILY_INFO,
};

struct family {
	const char *name; /* without _total and _info */
	enum family_type type;
	const char *unit; /* NULL: none; else the name ends with it */
	const char *help; /* without a line break or a backslash */
};

struct label {
	const char *name, *value;
};

/* Where it goes. While it counts only, nothing is written. */
struct metrics_text {
	FILE *out;
	enum metrics_format format;
	bool counts_only;
	uint64_t series;
	const struct family *family;
	bool begun;
};

/* What follows is of this family, until the next: what tells about it comes with the first. */
void text_family(struct metrics_text *text, const struct family *family);

/* A sample with n labels. */
void text_number(struct metrics_text *text, const struct label *labels, size_t n, uint64_t value);
/* In seconds, exactly. */
void text_seconds(struct metrics_text *text, const struct label *labels, size_t n, uint64_t ns);
/* With three more series than there are edges. */
void text_histogram(struct metrics_text *text, const struct label *labels, size_t n,
		    const struct total *total);

/* After the last family. */
void text_end(struct metrics_text *text);

#endif
