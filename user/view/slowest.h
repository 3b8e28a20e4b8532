/* SPDX-License-Identifier: GPL-2.0-only */
/* The slowest exits of each VM: tables, or lists where there is no room for these. */
#ifndef EXITSTAT_VIEW_SLOWEST_H
#define EXITSTAT_VIEW_SLOWEST_H

#include <stdio.h>

#include "base/table.h"
#include "model/run.h"

/* Fill a table with those of a VM; of none it has no rows. */
int slowest_fill(struct table *table, const struct run *run, const struct vm_stat *vm);

/* All return 0 or -ENOMEM. */
int slowest_print(FILE *out, const struct run *run);
/* Two lines an exit. */
int slowest_list(FILE *out, const struct run *run);

#endif
