// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "metrics/totals.h"

static int compare(const struct total *total, const struct reason_stat *reason)
{
	if (total->isa != reason->isa)
		return total->isa < reason->isa ? -1 : 1;
	if (total->reason != reason->reason)
		return total->reason < reason->reason ? -1 : 1;
	return (total->level > reason->level) - (total->level < reason->level);
}

/* Of the first that is not before it. */
static size_t place_of(const struct totals *totals, const struct reason_stat *reason)
{
	size_t low = 0, high = totals->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&totals->list[middle], reason) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int reserve(struct totals *totals, const struct reason_stat *reason)
{
	size_t place = place_of(totals, reason);
	struct total *list;

	if (place < totals->n && !compare(&totals->list[place], reason))
		return 0;
	if (!array_append(&totals->list, &totals->n, sizeof(*totals->list)))
		return -ENOMEM;
	list = totals->list;
	memmove(&list[place + 1], &list[place], (totals->n - 1 - place) * sizeof(*list));
	list[place] = (struct total){ .isa = reason->isa,
				      .reason = reason->reason,
				      .level = reason->level };
	return 0;
}

int totals_reserve(struct totals *totals, const struct vm_stat *vm)
{
	for_each_vcpu(vcpu, vm)
		for_each_reason(reason, vcpu)
			if (reserve(totals, reason))
				return -ENOMEM;
	return 0;
}

static void add(struct total *total, const struct reason_stat *reason)
{
	total->count += reason->count;
	total->sum_ns += reason->sum_ns;
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		total->part_ns[i] += reason->part_ns[i];
	for_each_bucket(bucket, reason)
		total->bands[edge_band(bucket->index)] += bucket->count;
}

void totals_add(struct totals *totals, const struct vm_stat *vm)
{
	for_each_vcpu(vcpu, vm)
		for_each_reason(reason, vcpu)
			add(&totals->list[place_of(totals, reason)], reason);
}

int totals_copy(struct totals *to, const struct totals *from)
{
	struct total *list = array_copy(from->list, from->n, sizeof(*list));

	if (!list && from->n)
		return -ENOMEM;
	free(to->list);
	*to = (struct totals){ from->n, list };
	return 0;
}

void totals_free(struct totals *totals)
{
	free(totals->list);
	*totals = (struct totals){ 0 };
}
