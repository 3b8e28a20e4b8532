/* SPDX-License-Identifier: GPL-2.0-only */
/* A table of what a group's exits were about. */
#ifndef EXITSTAT_VIEW_DETAILS_H
#define EXITSTAT_VIEW_DETAILS_H

#include <stdio.h>

#include "base/table.h"
#include "view/groups.h"

/* An empty table of this kind, and in it a reason's rows: of its keys, and of what is left. */
struct table details_table(void);
int details_fill(struct table *table, const struct reason_stat *reason, unsigned int sort);

/* Of all the group's reasons. All return 0 or -ENOMEM. */
int details_print(FILE *out, const struct group *group, unsigned int sort);

#endif
