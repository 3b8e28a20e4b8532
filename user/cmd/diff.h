/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf diff: what differs between two runs, or two parts of one. */
#ifndef EXITSTAT_CMD_DIFF_H
#define EXITSTAT_CMD_DIFF_H

#include "diff/condition.h"
#include "diff/side.h"

struct diff_file {
	char *name;
	struct part_times times;
};

struct diff_options {
	size_t nfiles;
	struct diff_file files[2];
	bool by_vm;
	struct reason_filter *filters;
	size_t nfilters;
	double least;
	size_t nconditions;
	struct condition *conditions;
	size_t ntexts;
	const char **texts; /* of the conditions */
	const char *json;   /* NULL: nowhere, "-": stdout */
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int diff_options_parse(struct diff_options *options, int argc, char **argv, struct error *err);
void diff_options_free(struct diff_options *options);

#endif
