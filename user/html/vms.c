// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "base/array.h"
#include "html/vms.h"
#include "model/split.h"

static int most_exits_first(const void *a, const void *b)
{
	const struct shown_vm *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return (x->vm->serial > y->vm->serial) - (x->vm->serial < y->vm->serial);
}

static struct shown_vm sum_up(const struct run *run, const struct vm_stat *vm)
{
	struct shown_vm sum = { .vm = vm };

	for_each_vcpu(vcpu, vm) {
		for_each_reason(r, vcpu) {
			if (!filters_match(run->filters, run->nfilters, r->isa, r->reason))
				continue;
			sum.count += r->count;
			sum.sum_ns += r->sum_ns;
			sum.busy_ns += reason_busy_ns(r, run->parts);
		}
	}
	return sum;
}

int vms_order(const struct run *run, struct shown_vm **list, size_t *n)
{
	*list = NULL;
	*n = 0;
	for_each_vm(vm, run->snap) {
		struct shown_vm sum = sum_up(run, vm), *place;

		if (!sum.count)
			continue;
		place = array_append(list, n, sizeof(sum));
		if (!place) {
			free(*list);
			*list = NULL;
			return -ENOMEM;
		}
		*place = sum;
	}
	array_sort(*list, *n, sizeof(**list), most_exits_first);
	return 0;
}
