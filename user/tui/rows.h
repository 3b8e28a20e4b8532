/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows of a table on the screen: VMs, vCPUs or reasons, of all or of one of them. */
#ifndef EXITSTAT_TUI_ROWS_H
#define EXITSTAT_TUI_ROWS_H

#include "model/history.h"
#include "view/columns.h"
#include "view/groups.h"

/* What the rows are; as enum count_of. */
enum rows_of {
	ROWS_VMS = COUNT_VMS,
	ROWS_VCPUS = COUNT_VCPUS,
	ROWS_REASONS = COUNT_REASONS,
};

#define ROWS_KINDS 3

/* Which row it is, whatever its place. */
struct row_key {
	uint64_t serial;
	uint32_t vcpu;
	uint32_t isa, reason, level;
};

bool row_key_is_same(const struct row_key *a, const struct row_key *b);

struct screen_row {
	struct row_key key;
	const struct vm_stat *vm; /* NULL: a reason's */
	/* All of it together; histogram, extremes and keys only of a reason. They are borrowed. */
	struct reason_stat sum;
	uint64_t busy_ns;
	double value; /* sorted by */
	size_t place; /* before it was sorted */
};

struct rows {
	size_t n;
	struct screen_row *list;
	struct group total; /* of all of them */
	struct view view;   /* reasons are borrowed from it */
	enum rows_of of;
	bool one_vm;
};

/* A part of a snapshot, as a snapshot: borrowed from it, not to be freed. */
struct part {
	struct snapshot snap;
	struct vm_stat vm;
	struct vcpu_stat vcpu;
};

void part_make(struct part *part, const struct snapshot *snap, const struct count_scope *scope);

/*
 * Of run->snap, which must outlive them. 0 or -ENOMEM; rows_free() in both cases.
 */
int rows_make(struct rows *rows, const struct run *run, enum rows_of of,
	      const struct count_scope *scope);
void rows_free(struct rows *rows);

/* A reason of no exits in that time, if it is not there. 0 or -ENOMEM. */
int rows_add_quiet(struct rows *rows, const struct counted *counted);

#define SCREEN_NAME_LEN 320

void rows_name(char name[SCREEN_NAME_LEN], const struct rows *rows, const struct screen_row *row);

/* Keep those with this text in their name, in any case. */
void rows_filter(struct rows *rows, const char *text);

/* By a column, SORT_BY_NAME: by name; the most first, and names in their order, or reversed. */
#define SORT_BY_NAME 1
void rows_sort(struct rows *rows, unsigned int column, bool reversed, uint32_t parts);

/* As columns take it. */
struct row rows_row(const struct rows *rows, const struct screen_row *row, uint64_t ns,
		    uint32_t parts);

/* The busiest reasons of a VM, as text: "IO 56% MSR 14%". */
void rows_top_reasons(char *text, size_t size, const struct vm_stat *vm, const struct run *run);

#endif
