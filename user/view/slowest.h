/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of the slowest exits, one for each VM. */
#ifndef EXITSTAT_VIEW_SLOWEST_H
#define EXITSTAT_VIEW_SLOWEST_H

#include <stdio.h>

#include "model/run.h"

/* 0 or -ENOMEM. */
int slowest_print(FILE *out, const struct run *run);

#endif
