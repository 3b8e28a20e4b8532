// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/exitstat.h"
#include "model/levels.h"

void levels_add(struct levels *levels, const struct reason_stat *reason)
{
	*(reason->level == EXITSTAT_L2 ? &levels->l2 : &levels->l1) += reason->count;
	levels->reflected += reason->reflected;
}

bool levels_may_be(const struct snapshot *snap)
{
	for_each_vm(vm, snap)
		for_each_vcpu(vcpu, vm)
			for_each_reason(r, vcpu)
				if (exitstat_begins_nested(r->isa, r->reason))
					return true;
	return false;
}

uint64_t levels_l1_per_1000(const struct levels *levels)
{
	unsigned __int128 thousand = (unsigned __int128)levels->l1 * 1000 + levels->l2 / 2;
	unsigned __int128 ratio = thousand / levels->l2;

	return ratio > INT64_MAX ? INT64_MAX : (uint64_t)ratio;
}
