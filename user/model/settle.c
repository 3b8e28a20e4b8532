// SPDX-License-Identifier: GPL-2.0-only
#include "model/settle.h"

static void trim(uint64_t *ns, uint64_t *left)
{
	if (*ns > *left)
		*ns = *left;
	*left -= *ns;
}

static uint64_t settle(struct reason_stat *r)
{
	uint64_t left = r->sum_ns, before = r->count, keys = details_total(&r->details).count;

	if (r->count < r->timed)
		r->count = r->timed;
	if (r->count < keys)
		r->count = keys;
	for (size_t i = 0; i < EXITSTAT_PARTS; i++)
		trim(&r->part_ns[i], &left);
	left = r->sum_ns;
	for_each_element(detail, r->details.list, r->details.n)
		trim(&detail->sum_ns, &left);
	return r->count - before;
}

uint64_t snapshot_settle(struct snapshot *growth)
{
	uint64_t lifted = 0;

	for_each_vm(vm, growth)
		for_each_vcpu(vcpu, vm)
			for_each_reason(r, vcpu)
				lifted += settle(r);
	return lifted;
}
