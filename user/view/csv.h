/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of tables as comma-separated values, for other programs. */
#ifndef EXITSTAT_VIEW_CSV_H
#define EXITSTAT_VIEW_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "view/groups.h"

/*
 * A row for each reason of each group: when the run or a part of it began, in UTC, how long it
 * was, and of which VM and vCPU, empty where it is of all. 0, or -errno when the stream does
 * not take it.
 */
int csv_print(FILE *out, const struct run *run, enum group_by by, bool header);

#endif
