/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMs of a page, those of most exits first. */
#ifndef EXITSTAT_HTML_VMS_H
#define EXITSTAT_HTML_VMS_H

#include "model/run.h"

/* So many have a row, and what comes after these is summed up; so many have more than that. */
#define VMS_SHOWN  256u
#define VMS_CLOSER 24u

struct shown_vm {
	const struct vm_stat *vm;
	uint64_t count, sum_ns, busy_ns; /* of reasons that match */
};

/* Of those that have exits; *list is to be freed. 0 or -ENOMEM. */
int vms_order(const struct run *run, struct shown_vm **list, size_t *n);

#endif
