// SPDX-License-Identifier: GPL-2.0-only
#include "compare/timeline.h"
#include "model/reasons.h"

struct timeline timeline_of(const struct host_document *doc, const struct vm_stat *vm)
{
	return (struct timeline){ doc, vm, doc->series.npoints ? (long)doc->series.npoints : 2 };
}

static const struct snapshot *snapshot_at(const struct timeline *timeline, long moment)
{
	static const struct snapshot nothing;

	if (moment < 0 || moment >= timeline->nmoments)
		return &nothing;
	if (timeline->doc->series.npoints)
		return &timeline->doc->series.points[moment].snap;
	return moment ? &timeline->doc->snap : &nothing;
}

static uint64_t sum_at(const struct timeline *timeline, long moment, const struct observation *o,
		       bool of_ns)
{
	const struct vm_stat *vm =
		snapshot_find_vm(snapshot_at(timeline, moment), timeline->vm->serial);
	uint64_t sum = 0;

	for (size_t i = 0; vm && i < vm->nvcpus; i++)
		for_each_reason(r, &vm->vcpus[i])
			if (o->leaf < LEAF_COUNT || reason_code(r->isa, r->reason) == o->code)
				sum += of_ns ? r->sum_ns : r->count;
	return sum;
}

uint64_t timeline_count(const struct timeline *timeline, long moment, const struct observation *o)
{
	return moment < timeline->nmoments ? sum_at(timeline, moment, o, false) : UINT64_MAX;
}

uint64_t timeline_ns(const struct timeline *timeline, long moment, const struct observation *o)
{
	return sum_at(timeline, moment, o, true);
}

uint64_t timeline_lost(const struct timeline *timeline, long moment)
{
	const struct losses *losses = &snapshot_at(timeline, moment)->losses;

	return losses->map_full + losses->missed;
}
