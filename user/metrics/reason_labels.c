// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "metrics/reason_labels.h"

/* Where a host's exits are not all of one ISA, which no kernel does, names would not be enough. */
static void name_reason(struct reason_labels *labels, const struct run *run, uint32_t isa,
			uint32_t reason)
{
	char name[REASON_NAME_LEN];

	reason_name(name, isa, reason);
	if (isa == run->host->isa)
		snprintf(labels->reason, sizeof(labels->reason), "%s", name);
	else
		snprintf(labels->reason, sizeof(labels->reason), "isa%u:%s", isa, name);
}

void reason_labels(struct reason_labels *labels, const struct run *run, uint32_t isa,
		   uint32_t reason, uint32_t level)
{
	name_reason(labels, run, isa, reason);
	labels->labels[0] = (struct label){ "reason", labels->reason };
	labels->labels[1] = (struct label){ "level", run->no_levels	    ? "unknown"
						     : level == EXITSTAT_L2 ? "2"
									    : "1" };
}
