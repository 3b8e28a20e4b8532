// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/groups.h"

bool report_shows(const struct report *report, const struct reason_stat *reason)
{
	for (size_t i = 0; i < report->nfilters; i++)
		if (reason_filter_matches(&report->filters[i], reason->isa, reason->reason))
			return true;
	return !report->nfilters;
}

static struct group *add_group(struct view *view)
{
	struct group *grown = reallocarray(view->groups, view->ngroups + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	view->groups = grown;
	memset(&grown[view->ngroups], 0, sizeof(*grown));
	return &grown[view->ngroups++];
}

static struct reason_stat *find_row(struct group *group, const struct reason_stat *like)
{
	struct reason_stat *grown;

	for (size_t i = 0; i < group->nrows; i++)
		if (group->rows[i].reason == like->reason && group->rows[i].isa == like->isa)
			return &group->rows[i];
	grown = reallocarray(group->rows, group->nrows + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	group->rows = grown;
	grown[group->nrows] = (struct reason_stat){
		.isa = like->isa,
		.reason = like->reason,
		.min_ns = UINT64_MAX,
	};
	return &grown[group->nrows++];
}

static int add_vcpu(struct group *group, const struct vcpu_stat *vcpu, const struct report *report)
{
	for (size_t i = 0; i < vcpu->nreasons; i++) {
		const struct reason_stat *reason = &vcpu->reasons[i];
		struct reason_stat *row;

		if (!report_shows(report, reason))
			continue;
		row = find_row(group, reason);
		if (!row || reason_accumulate(row, reason))
			return -ENOMEM;
		group->count += reason->count;
		group->sum_ns += reason->sum_ns;
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
}

static int add_vm(struct view *view, const struct vm_stat *vm, const struct report *report,
		  enum group_by by)
{
	struct group *group = by == BY_REASON ? view->groups : NULL;

	for (size_t i = 0; i < vm->nvcpus; i++) {
		if (!group || by == BY_VCPU) {
			size_t len;

			group = add_group(view);
			if (!group)
				return -ENOMEM;
			title_vm(group, vm);
			len = strlen(group->title);
			if (by == BY_VCPU)
				snprintf(group->title + len, sizeof(group->title) - len,
					 ", vCPU %u", vm->vcpus[i].id);
		}
		if (add_vcpu(group, &vm->vcpus[i], report))
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
		qsort(group->rows, group->nrows, sizeof(*group->rows), by_time);
		view->groups[kept++] = *group;
	}
	view->ngroups = kept;
}

int view_make(struct view *view, const struct report *report, enum group_by by)
{
	const struct snapshot *snap = report->snap;

	memset(view, 0, sizeof(*view));
	if (by == BY_REASON) {
		struct group *all = add_group(view);

		if (!all)
			return -ENOMEM;
		snprintf(all->title, sizeof(all->title), "all VMs (%zu)", snap->nvms);
	}
	for (size_t i = 0; i < snap->nvms; i++) {
		if (add_vm(view, &snap->vms[i], report, by)) {
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
