// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "diff/side.h"

/* --- groups and rows ----------------------------------------------------------------- */

struct side_group *side_find_group(const struct side *side, const char *name)
{
	for_each_element(group, side->groups, side->ngroups)
		if (!strcmp(group->name, name))
			return group;
	return NULL;
}

struct side_row *side_find_row(const struct side_group *group, const struct side_row *like)
{
	for_each_element(row, group->rows, group->nrows)
		if (row->is_total == like->is_total &&
		    (row->is_total || reason_is_same(&row->all, &like->all)))
			return row;
	return NULL;
}

static struct side_row *add_row(struct side_group *group, const struct side_row *like)
{
	struct side_row *row = array_append(&group->rows, &group->nrows, sizeof(*row));

	if (!row)
		return NULL;
	row->is_total = like->is_total;
	reason_init(&row->all, like->all.isa, like->all.reason);
	row->all.level = like->all.level;
	return row;
}

/* Its total is its first row. */
static struct side_group *add_group(struct side *side, const char *name)
{
	const struct side_row total = { .is_total = true };
	struct side_group *group = array_append(&side->groups, &side->ngroups, sizeof(*group));

	if (!group)
		return NULL;
	group->name = strdup(name);
	if (group->name && add_row(group, &total))
		return group;
	free(group->name);
	free(group->rows);
	side->ngroups--;
	return NULL;
}

static const char *group_name(const struct side *side, const struct vm_stat *vm)
{
	return side->options->by_vm ? vm->name : "";
}

static struct side_row *row_of(struct side_group *group, const struct reason_stat *reason)
{
	const struct side_row like = { .all = *reason };

	return side_find_row(group, &like) ?: add_row(group, &like);
}

/* Call add() for each reason that is wanted. */
static int for_reasons(struct side *side, const struct run *run,
		       int (*add)(struct side *side, const char *group,
				  const struct reason_stat *reason))
{
	const struct side_options *options = side->options;

	for_each_vm(vm, run->snap)
		for_each_vcpu(vcpu, vm)
			for_each_reason(reason, vcpu)
				if (filters_match(options->filters, options->nfilters, reason->isa,
						  reason->reason) &&
				    add(side, group_name(side, vm), reason))
					return -ENOMEM;
	return 0;
}

/* --- in all ----------------------------------------------------------------------------- */

/* What a reason's exits were about is not compared. */
static int accumulate(struct side_row *row, const struct reason_stat *reason)
{
	struct reason_stat bare;

	if (!row)
		return -ENOMEM;
	bare = *reason;
	bare.details = (struct details){ 0 };
	return reason_accumulate(&row->all, &bare);
}

static int add_all(struct side *side, const char *name, const struct reason_stat *reason)
{
	struct side_group *group = side_find_group(side, name) ?: add_group(side, name);

	if (!group)
		return -ENOMEM;
	return accumulate(row_of(group, reason), reason) ?: accumulate(group->rows, reason);
}

int side_add(struct side *side, const struct run *run)
{
	side->ns += run->ns;
	side->losses.map_full += run->snap->losses.map_full;
	side->losses.unpaired += run->snap->losses.unpaired;
	side->losses.missed += run->snap->losses.missed;
	return for_reasons(side, run, add_all);
}

static int take_all(void *arg, const struct run *run, struct error *err)
{
	struct side *side = arg;

	if (side_add(side, run))
		return fail(err, STATUS_FAILED, "out of memory for %s", side->part.file);
	return 0;
}

/* --- interval by interval --------------------------------------------------------------- */

static void join(struct cell *cell, const struct cell *next)
{
	cell->count += next->count;
	cell->timed += next->timed;
	cell->sum_ns += next->sum_ns;
	for (size_t i = 0; i < QUANTILES; i++)
		cell->over[i] += next->over[i];
}

static void join_row(struct cell *cells)
{
	for (size_t i = 0; cells && i < SIDE_CELLS / 2; i++) {
		struct cell joined = cells[2 * i];

		join(&joined, &cells[2 * i + 1]);
		cells[i] = joined;
	}
	if (cells)
		memset(&cells[SIDE_CELLS / 2], 0, SIDE_CELLS / 2 * sizeof(*cells));
}

/* There are twice as many as there is room for: each two become one. */
static void join_cells(struct side *side)
{
	for (size_t i = 0; i < SIDE_CELLS / 2; i++)
		side->cell_ns[i] = side->cell_ns[2 * i] + side->cell_ns[2 * i + 1];
	memset(&side->cell_ns[SIDE_CELLS / 2], 0, SIDE_CELLS / 2 * sizeof(*side->cell_ns));
	for_each_element(group, side->groups, side->ngroups)
		for_each_element(row, group->rows, group->nrows)
			join_row(row->cells);
	side->joined *= 2;
}

static int add_to_cell(struct side *side, struct side_row *row, const struct reason_stat *reason)
{
	struct cell cell = { reason->count, reason->timed, reason->sum_ns, { 0 } };

	if (!row->cells)
		row->cells = calloc(SIDE_CELLS, sizeof(*row->cells));
	if (!row->cells)
		return -ENOMEM;
	for_each_bucket(bucket, reason)
		for (size_t i = 0; i < QUANTILES; i++)
			cell.over[i] += bucket->count * ((bucket->index > row->slow[i]) +
							 (bucket->index >= row->slow[i]));
	join(&row->cells[side->ncells - 1], &cell);
	return 0;
}

/* Rows are known, and stay where they are: only a file that was made up has others now. */
static int add_cell(struct side *side, const char *name, const struct reason_stat *reason)
{
	const struct side_row like = { .all = *reason };
	struct side_group *group = side_find_group(side, name);
	struct side_row *row = group ? side_find_row(group, &like) : NULL;

	if (!row)
		return 0;
	return add_to_cell(side, row, reason) ?: add_to_cell(side, group->rows, reason);
}

int side_add_interval(struct side *side, const struct run *run)
{
	if (side->nintervals == SIDE_CELLS * side->joined)
		join_cells(side);
	side->ncells = side->nintervals / side->joined + 1;
	side->nintervals++;
	side->cell_ns[side->ncells - 1] += run->ns;
	return for_reasons(side, run, add_cell);
}

static int take_interval(void *arg, const struct run *run, struct error *err)
{
	struct side *side = arg;

	if (side_add_interval(side, run))
		return fail(err, STATUS_FAILED, "out of memory for %s", side->part.file);
	return 0;
}

/* --- reading ------------------------------------------------------------------------------ */

void side_init(struct side *side, const struct side_options *options)
{
	*side = (struct side){ .options = options, .joined = 1 };
}

int side_open(struct side *side, const struct side_options *options, const char *file,
	      const struct part_times *times, struct error *err)
{
	side_init(side, options);
	if (frames_open(&side->frames, file, err)) {
		side->frames = NULL;
		return -1;
	}
	if (part_find(&side->part, side->frames, file, times, err))
		return -1;
	return part_each(&side->part, PART_AT_ONCE, take_all, side, err);
}

int side_read_intervals(struct side *side, struct error *err)
{
	return part_each(&side->part, 0, take_interval, side, err);
}

void side_close(struct side *side)
{
	for_each_element(group, side->groups, side->ngroups) {
		for_each_element(row, group->rows, group->nrows) {
			reason_free(&row->all);
			free(row->cells);
		}
		free(group->rows);
		free(group->name);
	}
	free(side->groups);
	frames_close(side->frames);
	*side = (struct side){ 0 };
}
