/* SPDX-License-Identifier: GPL-2.0-only */
/* Advice as text of 80 columns, with the numbers that it goes by. */
#ifndef EXITSTAT_ADVICE_PRINT_H
#define EXITSTAT_ADVICE_PRINT_H

#include <stdio.h>

#include "advice/judge.h"

void advice_print(FILE *out, const struct advice *advice);

#endif
