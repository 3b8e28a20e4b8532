// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/printable.h"
#include "model/split.h"
#include "view/groups.h"

static struct reason_stat *find_row(struct group *group, const struct reason_stat *like)
{
	struct reason_stat *row;

	for (size_t i = 0; i < group->nrows; i++)
		if (group->rows[i].reason == like->reason && group->rows[i].isa == like->isa)
			return &group->rows[i];
	row = array_append(&group->rows, &group->nrows, sizeof(*row));
	if (row)
		reason_init(row, like->isa, like->reason);
	return row;
}

static int add_vcpu(struct group *group, const struct vcpu_stat *vcpu, const struct run *run)
{
	for_each_reason(reason, vcpu) {
		struct reason_stat *row;

		if (!filters_match(run->filters, run->nfilters, reason->isa, reason->reason))
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
	return (x->reason > y->reason) - (x->reason < y->reason);
}

static void title_vm(struct group *group, const struct vm_stat *vm)
{
	snprintf(group->title, sizeof(group->title), "%s (pid %u%s)", vm->name, vm->pid,
		 vm->ended ? ", ended" : "");
	make_printable(group->title);
}

static int add_vm(struct view *view, const struct vm_stat *vm, const struct run *run,
		  enum group_by by)
{
	struct group *group = by == BY_REASON ? view->groups : NULL;

	for_each_vcpu(vcpu, vm) {
		if (!group || by == BY_VCPU) {
			size_t len;

			group = array_append(&view->groups, &view->ngroups, sizeof(*group));
			if (!group)
				return -ENOMEM;
			title_vm(group, vm);
			len = strlen(group->title);
			if (by == BY_VCPU)
				snprintf(group->title + len, sizeof(group->title) - len,
					 ", vCPU %u", vcpu->id);
		}
		if (add_vcpu(group, vcpu, run))
			return -ENOMEM;
	}
	return 0;
}

static void finish(struct view *view)
{
	size_t kept = 0;

	for (size_t i = 0; i < view->ngroups; i++) {
		struct group *group = &view->groups[i];

		if (!group->nrows)
			continue;
		array_sort(group->rows, group->nrows, sizeof(*group->rows), by_time);
		view->groups[kept++] = *group;
	}
	view->ngroups = kept;
}

int view_make(struct view *view, const struct run *run, enum group_by by)
{
	const struct snapshot *snap = run->snap;

	memset(view, 0, sizeof(*view));
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
