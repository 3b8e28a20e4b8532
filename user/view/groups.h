/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot grouped the way the user asked for, ready to be printed. */
#ifndef EXITSTAT_VIEW_GROUPS_H
#define EXITSTAT_VIEW_GROUPS_H

#include "model/run.h"

enum group_by {
	BY_VM,
	BY_VCPU,
	BY_REASON,
};

struct group {
	char title[256]; /* e.g. "web1 (pid 4711), vCPU 0" */
	uint64_t count;	 /* of all rows */
	uint64_t sum_ns, busy_ns;
	size_t nrows;
	struct reason_stat *rows; /* most time first; what never re-entered last */
};

struct view {
	size_t ngroups;
	struct group *groups;
};

/* 0 or -ENOMEM. Groups without a single exit are left out. */
int view_make(struct view *view, const struct run *run, enum group_by by);
void view_free(struct view *view);

#endif
