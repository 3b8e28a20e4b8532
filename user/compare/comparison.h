/* SPDX-License-Identifier: GPL-2.0-only */
/* All that came of one "exitstat-bpf compare", and how it is told. */
#ifndef EXITSTAT_COMPARE_COMPARISON_H
#define EXITSTAT_COMPARE_COMPARISON_H

#include <jansson.h>
#include <stdio.h>

#include "compare/guest.h"

#define EXITSTAT_COMPARE_SCHEMA "exitstat-compare/1"

struct comparison {
	const struct timeline *timeline;
	const char *host_file;
	size_t nguests;
	const struct compared_guest *guests;
	const struct findings *findings;
};

/* The worst of all numbers and findings. */
enum verdict comparison_verdict(const struct comparison *comparison);

/* Tables for a person. 0 or -errno. */
int comparison_print(FILE *out, const struct comparison *comparison);

/* A document of user/exitstat-compare.schema.json. The caller owns it; NULL: no memory. */
json_t *comparison_document(const struct comparison *comparison);

#endif
