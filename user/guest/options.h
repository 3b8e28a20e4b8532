/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_GUEST_OPTIONS_H
#define EXITSTAT_GUEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/filter.h"
#include "model/reasons.h"

struct guest_options {
	bool all;
	struct reason_filter *filters;
	size_t nfilters;
	uint64_t watch_ns; /* 0: one reading */
	uint64_t count;	   /* readings with watch_ns; 0: until a signal */
	const char *json;  /* NULL: none, "-": stdout */
};

/* --help and --version print and exit. 0, or -1 with err. */
int guest_options_parse(struct guest_options *options, int argc, char **argv, struct error *err);
void guest_options_free(struct guest_options *options);

#endif
