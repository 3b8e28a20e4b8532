// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "cmd/table_options.h"
#include "view/columns.h"

#define MOST_TEXT 256

static const char columns_wanted[] = "columns, as tables name them: count, time, busy, p99 and so "
				     "on, each once";

int table_options_by(struct table_options *options, const char *arg, struct error *err)
{
	static const char *const names[] = { "vm", "vcpu", "reason", "level" };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (!strcmp(arg, names[i])) {
			options->by = (enum group_by)i;
			return 0;
		}
	}
	return args_wrong(err, "--by", arg, "vm, vcpu, reason or level");
}

int table_options_sort(struct table_options *options, const char *arg, struct error *err)
{
	if (columns_find(arg, &options->sort))
		return 0;
	return args_wrong(err, "--sort", arg,
			  "a column, as tables name it: count, time, busy, p99 and so on");
}

static bool is_chosen(const struct table_options *options, unsigned int column)
{
	for (size_t i = 0; i < options->ncolumns; i++)
		if (options->columns[i] == column)
			return true;
	return false;
}

int table_options_columns(struct table_options *options, const char *arg, struct error *err)
{
	char list[MOST_TEXT], *rest = list, *name;
	unsigned int column, *place;

	if (snprintf(list, sizeof(list), "%s", arg) >= (int)sizeof(list))
		return args_wrong(err, "--columns", arg, columns_wanted);
	table_options_free(options);
	while ((name = strsep(&rest, ","))) {
		if (!columns_find(name, &column) || is_chosen(options, column))
			return args_wrong(err, "--columns", arg, columns_wanted);
		place = array_append(&options->columns, &options->ncolumns, sizeof(*place));
		if (!place)
			return ENOMEM;
		*place = column;
	}
	return 0;
}

const char *table_options_need_split(const struct table_options *options, const char **column)
{
	*column = columns_name(options->sort);
	if (options->sort && columns_need_split(options->sort))
		return "--sort";
	for (size_t i = 0; i < options->ncolumns; i++) {
		*column = columns_name(options->columns[i]);
		if (columns_need_split(options->columns[i]))
			return "--columns";
	}
	return NULL;
}

void table_options_apply(const struct table_options *options, struct run *run)
{
	run->sort = options->sort;
	run->columns = options->columns;
	run->ncolumns = options->ncolumns;
}

void table_options_free(struct table_options *options)
{
	free(options->columns);
	options->columns = NULL;
	options->ncolumns = 0;
}
