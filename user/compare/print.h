/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_COMPARE_PRINT_H
#define EXITSTAT_COMPARE_PRINT_H

#include <stdio.h>

#include "compare/comparison.h"

/* Tables for a person. 0 or -errno. */
int comparison_print(FILE *out, const struct comparison *comparison);

#endif
