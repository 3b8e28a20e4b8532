/* SPDX-License-Identifier: GPL-2.0-only */
/* VMs that are hypervisors: which exits are their own (L1), which their guests' (L2). */
#ifndef EXITSTAT_VIEW_LEVELS_H
#define EXITSTAT_VIEW_LEVELS_H

#include <stdio.h>

#include "model/levels.h"
#include "model/run.h"

/*
 * What of a VM's exits are its guests', and what each of these costs its hypervisor: a line, where
 * there are any.
 */
void levels_print(FILE *out, const struct levels *levels);

/* Of each VM that has nested guests both levels, and that line. 0 or -ENOMEM. */
int levels_tables(FILE *out, const struct run *run);

#endif
