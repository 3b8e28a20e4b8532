/* SPDX-License-Identifier: GPL-2.0-only */
/* A difference for people. */
#ifndef EXITSTAT_DIFF_PRINT_H
#define EXITSTAT_DIFF_PRINT_H

#include <stdio.h>

#include "diff/condition.h"

/* 0, or -errno when the stream does not take it. */
int difference_print(FILE *out, const struct difference *difference, const struct checks *checks);

#endif
