// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/printable.h"
#include "model/split.h"
#include "bpf/exitstat.h"
#include "view/groups.h"

static struct reason_stat *find_row(struct group *group, const struct reason_stat *like)
{
	struct reason_stat *row;

	for (size_t i = 0; i < group->nrows; i++)
		if (reason_is_same(&group->rows[i], like))
			return &group->rows[i];
	row = array_append(&group->rows, &group->nrows, sizeof(*row));
	if (row) {
		reason_init(row, like->isa, like->reason);
		row->level = like->level;
	}
	return row;
}

/* Its exits of that level, 0: of all. */
static int add_vcpu(struct group *group, const struct vcpu_stat *vcpu, const struct run *run,
		    uint32_t level)
{
	for_each_reason(reason, vcpu) {
		struct reason_stat *row;

		if (!filters_match(run->filters, run->nfilters, reason->isa, reason->reason) ||
		    (level && reason->level != level))
			continue;
		row = find_row(group, reason);
		if (!row || reason_accumulate(row, reason))
			return -ENOMEM;
		group->count += reason->count;
		group->sum_ns += reason->sum_ns;
		group->busy_ns += reason_busy_ns(reason, run->parts);
	}
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct reason_stat *x = a, *y = b;

	if (x->sum_ns != y->sum_ns)
		return x->sum_ns < y->sum_ns ? 1 : -1;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	if (x->reason != y->reason)
		return x->reason < y->reason ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

static void title_vm(struct group *group, const struct vm_stat *vm)
{
	snprintf(group->title, sizeof(group->title), "%s (pid %u%s)", vm->name, vm->pid,
		 vm->ended ? ", ended" : "");
	make_printable(group->title);
}

/* Of the VM, or of that part of it. NULL: no memory. */
static struct group *add_group(struct view *view, const struct vm_stat *vm, const char *part,
			       uint32_t number)
{
	struct group *group = array_append(&view->groups, &view->ngroups, sizeof(*group));
	size_t len;

	if (!group)
		return NULL;
	group->vm = vm;
	title_vm(group, vm);
	len = strlen(group->title);
	if (part)
		snprintf(group->title + len, sizeof(group->title) - len, ", %s%u", part, number);
	return group;
}

static void add_levels(struct levels *levels, const struct vcpu_stat *vcpu, const struct run *run)
{
	for_each_reason(r, vcpu)
		if (filters_match(run->filters, run->nfilters, r->isa, r->reason))
			levels_add(levels, r);
}

/* The VM's, if it has nested guests. */
static void take_levels(struct group *group, const struct vm_stat *vm, const struct run *run)
{
	struct levels levels = { 0 };

	for_each_vcpu(vcpu, vm)
		add_levels(&levels, vcpu, run);
	if (!levels.l2)
		return;
	group->levels.l1 += levels.l1;
	group->levels.l2 += levels.l2;
	group->levels.reflected += levels.reflected;
}

static int add_all_vcpus(struct group *group, const struct vm_stat *vm, const struct run *run,
			 uint32_t level)
{
	int err = group ? 0 : -ENOMEM;

	if (group)
		take_levels(group, vm, run);
	for (size_t i = 0; !err && i < vm->nvcpus; i++)
		err = add_vcpu(group, &vm->vcpus[i], run, level);
	return err;
}

static int add_each_vcpu(struct view *view, const struct vm_stat *vm, const struct run *run)
{
	for_each_vcpu(vcpu, vm) {
		struct group *group = add_group(view, vm, "vCPU ", vcpu->id);

		if (!group || add_vcpu(group, vcpu, run, 0))
			return -ENOMEM;
		group->vcpu = vcpu;
		add_levels(&group->levels, vcpu, run);
	}
	return 0;
}

static int add_vm(struct view *view, const struct vm_stat *vm, const struct run *run,
		  enum group_by by)
{
	int err = 0;

	switch (by) {
	case BY_VCPU:
		return add_each_vcpu(view, vm, run);
	case BY_REASON:
		return add_all_vcpus(view->groups, vm, run, 0);
	case BY_LEVEL:
		for (uint32_t level = EXITSTAT_L1; !err && level <= EXITSTAT_L2; level++)
			err = add_all_vcpus(add_group(view, vm, "L", level), vm, run, level);
		return err;
	default:
		return add_all_vcpus(add_group(view, vm, NULL, 0), vm, run, 0);
	}
}

static void finish(struct view *view)
{
	size_t kept = 0;

	for (size_t i = 0; i < view->ngroups; i++) {
		struct group *group = &view->groups[i];

		if (!group->nrows)
			continue;
		for (size_t j = 0; j < group->nrows; j++)
			view->nested |= group->rows[j].level == EXITSTAT_L2;
		array_sort(group->rows, group->nrows, sizeof(*group->rows), by_time);
		view->groups[kept++] = *group;
	}
	view->ngroups = kept;
}

void row_name(char name[ROW_NAME_LEN], const struct reason_stat *row)
{
	reason_name(name, row->isa, row->reason);
	if (row->level == EXITSTAT_L2)
		strcat(name, "/L2");
}

int view_make(struct view *view, const struct run *run, enum group_by by)
{
	const struct snapshot *snap = run->snap;

	*view = (struct view){ .columns = run->columns, .ncolumns = run->ncolumns };
	if (by == BY_REASON) {
		struct group *all = array_append(&view->groups, &view->ngroups, sizeof(*all));

		if (!all)
			return -ENOMEM;
		snprintf(all->title, sizeof(all->title), "all VMs (%zu)", snap->nvms);
	}
	for_each_vm(vm, snap) {
		if (add_vm(view, vm, run, by)) {
			view_free(view);
			return -ENOMEM;
		}
	}
	finish(view);
	return 0;
}

void view_free(struct view *view)
{
	for (size_t i = 0; i < view->ngroups; i++) {
		for (size_t j = 0; j < view->groups[i].nrows; j++)
			reason_free(&view->groups[i].rows[j]);
		free(view->groups[i].rows);
	}
	free(view->groups);
	memset(view, 0, sizeof(*view));
}
