// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "model/reasons.h"
#include "model/split.h"

const char *part_name(unsigned int part)
{
	static const char *const names[] = {
		[PART_KVM] = "kvm",
		[EXITSTAT_USER] = "user",
		[EXITSTAT_POLLED] = "polled",
		[EXITSTAT_BLOCKED] = "blocked",
		[EXITSTAT_RUNNABLE] = "runnable",
	};

	return part <= PART_KVM ? names[part] : NULL;
}

uint64_t reason_part(const struct reason_stat *reason, unsigned int part)
{
	uint64_t left = reason->sum_ns;

	if (part < EXITSTAT_PARTS)
		return reason->part_ns[part];
	for (unsigned int i = 0; i < EXITSTAT_PARTS; i++)
		left -= reason->part_ns[i] < left ? reason->part_ns[i] : left;
	return left;
}

uint64_t reason_busy_ns(const struct reason_stat *reason, bool split)
{
	uint64_t idle;

	if (!reason_is_idle(reason->isa, reason->reason))
		return reason->sum_ns;
	if (!split)
		return 0;
	idle = reason->part_ns[EXITSTAT_POLLED] + reason->part_ns[EXITSTAT_BLOCKED];
	return reason->sum_ns - (idle < reason->sum_ns ? idle : reason->sum_ns);
}
