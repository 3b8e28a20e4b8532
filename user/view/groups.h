/* SPDX-License-Identifier: GPL-2.0-only */
/* A snapshot grouped the way the user asked for, ready to be printed. */
#ifndef EXITSTAT_VIEW_GROUPS_H
#define EXITSTAT_VIEW_GROUPS_H

#include "model/levels.h"
#include "model/reasons.h"
#include "model/run.h"

enum group_by {
	BY_VM,
	BY_VCPU,
	BY_REASON,
	BY_LEVEL, /* of each VM its own exits, and its nested guests' */
};

struct group {
	char title[256]; /* e.g. "web1 (pid 4711), vCPU 0" */
	uint64_t count;	 /* of all rows */
	uint64_t sum_ns, busy_ns;
	struct levels levels; /* of the group's VMs that have nested guests */
	size_t nrows;
	struct reason_stat *rows; /* most time first; what never re-entered last */
	/* Of which it is, in the run's snapshot; NULL: of all. */
	const struct vm_stat *vm;
	const struct vcpu_stat *vcpu;
};

struct view {
	size_t ngroups;
	struct group *groups;
	bool nested; /* a row of L2 is among them */
	/* As struct run has them. */
	const unsigned int *columns;
	size_t ncolumns;
};

#define ROW_NAME_LEN (REASON_NAME_LEN + 4)

/* The reason's name, of a nested guest's exits with the level: CPUID/L2. */
void row_name(char name[ROW_NAME_LEN], const struct reason_stat *row);

/* 0 or -ENOMEM. Groups without a single exit are left out. */
int view_make(struct view *view, const struct run *run, enum group_by by);
void view_free(struct view *view);

#endif
