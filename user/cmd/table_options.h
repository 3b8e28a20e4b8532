/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of every command that shows tables of exits, for their argp parsers. */
#ifndef EXITSTAT_CMD_TABLE_OPTIONS_H
#define EXITSTAT_CMD_TABLE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "view/groups.h"

struct table_options {
	enum group_by by;
	unsigned int sort; /* of struct run */
	size_t ncolumns;
	unsigned int *columns; /* of struct run */
};

/* --by, --sort and --columns: 0, or an errno with err. */
int table_options_by(struct table_options *options, const char *arg, struct error *err);
int table_options_sort(struct table_options *options, const char *arg, struct error *err);
/* A list; what was given before is forgotten. */
int table_options_columns(struct table_options *options, const char *arg, struct error *err);

/* The option that has chosen a column which only --split fills, and that column; NULL: none. */
const char *table_options_need_split(const struct table_options *options, const char **column);

void table_options_apply(const struct table_options *options, struct run *run);
void table_options_free(struct table_options *options);

#endif
