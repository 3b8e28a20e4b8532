// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "compare/timeline.h"

size_t timeline_column(const struct timeline *timeline, uint32_t code)
{
	for (size_t i = 0; i < timeline->ncodes; i++)
		if (timeline->codes[i] == code)
			return i;
	return COLUMN_NONE;
}

size_t timeline_total(const struct timeline *timeline)
{
	return timeline->ncodes;
}

static uint64_t cell(const struct timeline *timeline, const uint64_t *table, size_t moment,
		     size_t column)
{
	return column == COLUMN_NONE ? 0 : table[moment * (timeline->ncodes + 1) + column];
}

uint64_t timeline_count(const struct timeline *timeline, size_t moment, size_t column)
{
	return cell(timeline, timeline->counts, moment, column);
}

uint64_t timeline_cycles(const struct timeline *timeline, size_t moment, size_t column)
{
	return cell(timeline, timeline->cycles, moment, column);
}

static int add_codes(struct timeline *timeline, const struct host_vm *vm)
{
	for (size_t i = 0; i < vm->nvcpus; i++) {
		for (size_t j = 0; j < vm->vcpus[i].nreasons; j++) {
			uint32_t code = vm->vcpus[i].reasons[j].code, *last;

			if (timeline_column(timeline, code) != COLUMN_NONE)
				continue;
			last = array_append(&timeline->codes, &timeline->ncodes, sizeof(*last));
			if (!last)
				return -ENOMEM;
			*last = code;
		}
	}
	return 0;
}

static void add_vm(struct timeline *timeline, size_t moment, const struct host_vm *vm)
{
	uint64_t *counts = &timeline->counts[moment * (timeline->ncodes + 1)];
	uint64_t *cycles = &timeline->cycles[moment * (timeline->ncodes + 1)];

	for (size_t i = 0; i < vm->nvcpus; i++) {
		for (size_t j = 0; j < vm->vcpus[i].nreasons; j++) {
			const struct host_reason *r = &vm->vcpus[i].reasons[j];
			size_t column = timeline_column(timeline, r->code);

			/* What the run does not have is found by hostcheck(). */
			if (column == COLUMN_NONE)
				continue;
			counts[column] += r->count;
			cycles[column] += r->sum;
			counts[timeline->ncodes] += r->count;
			cycles[timeline->ncodes] += r->sum;
		}
	}
}

static uint64_t lost(const struct losses *losses)
{
	return losses->map_full + losses->missed;
}

static void add_point(struct timeline *timeline, size_t i, size_t vm)
{
	const struct host_point *point = &timeline->doc->points[i];

	timeline->moments[i] = (struct moment){ point->start_ns, point->start_ns + point->took_ns,
						point->real_ns, lost(&point->losses) };
	for (size_t j = 0; j < point->nvms; j++)
		if (point->vms[j].index == vm)
			add_vm(timeline, i, &point->vms[j]);
}

int timeline_make(struct timeline *timeline, const struct host_doc *doc, size_t vm)
{
	bool has_snapshots = doc->npoints > 1;

	*timeline = (struct timeline){
		.doc = doc,
		.vm = &doc->vms[vm],
		.has_snapshots = has_snapshots,
		.nmoments = has_snapshots ? doc->npoints : 2,
	};
	if (add_codes(timeline, timeline->vm))
		goto no_memory;
	timeline->moments = calloc(timeline->nmoments, sizeof(*timeline->moments));
	timeline->counts = calloc(timeline->nmoments * (timeline->ncodes + 1), sizeof(uint64_t));
	timeline->cycles = calloc(timeline->nmoments * (timeline->ncodes + 1), sizeof(uint64_t));
	if (!timeline->moments || !timeline->counts || !timeline->cycles)
		goto no_memory;
	if (has_snapshots) {
		for (size_t i = 0; i < doc->npoints; i++)
			add_point(timeline, i, vm);
		return 0;
	}
	timeline->moments[0] = (struct moment){ doc->start_ns, doc->start_ns, doc->start_ns, 0 };
	timeline->moments[1] =
		(struct moment){ doc->end_ns, doc->end_ns, doc->end_ns, lost(&doc->losses) };
	add_vm(timeline, 1, timeline->vm);
	return 0;
no_memory:
	timeline_free(timeline);
	return -ENOMEM;
}

void timeline_free(struct timeline *timeline)
{
	free(timeline->codes);
	free(timeline->moments);
	free(timeline->counts);
	free(timeline->cycles);
	memset(timeline, 0, sizeof(*timeline));
}
