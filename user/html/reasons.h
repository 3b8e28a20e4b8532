/* SPDX-License-Identifier: GPL-2.0-only */
/* Each reason: its numbers, what it is, its distribution, where its time went, its keys. */
#ifndef EXITSTAT_HTML_REASONS_H
#define EXITSTAT_HTML_REASONS_H

#include <stdio.h>

#include "model/run.h"
#include "view/columns.h"

/* A table of a group's rows with the columns of a set. 0 or -ENOMEM. */
int reasons_table(FILE *out, const struct view *view, const struct group *group,
		  const struct run *run, unsigned int set, const char *caption);

/* all: the view of it BY_REASON. 0 or -ENOMEM. */
int reasons_print(FILE *out, const struct run *run, const struct view *all);

#endif
