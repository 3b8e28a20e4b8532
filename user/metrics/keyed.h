/* SPDX-License-Identifier: GPL-2.0-only */
/* What the exits of a VM were about, reason by reason: all vCPUs together. */
#ifndef EXITSTAT_METRICS_KEYED_H
#define EXITSTAT_METRICS_KEYED_H

#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* Of a reason that has keys. */
struct keyed_reason {
	uint32_t isa, reason, level;
	struct details details;
};

/* In the order in which the reasons came. */
struct keyed {
	size_t n;
	struct keyed_reason *list;
};

/* What is in from, and what the VM's exits were about; to has nothing before. 0 or -ENOMEM. */
int keyed_sum(struct keyed *to, const struct keyed *from, const struct vm_stat *vm);

/* Add what a VM's exits were about. 0 or -ENOMEM: then some of it is there. */
int keyed_add(struct keyed *keyed, const struct vm_stat *vm);

void keyed_free(struct keyed *keyed);

#endif
