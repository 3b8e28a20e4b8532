/* SPDX-License-Identifier: GPL-2.0-only */
/* The slowest exits of a VM, found among those that each reason has. */
#ifndef EXITSTAT_MODEL_SLOWEST_H
#define EXITSTAT_MODEL_SLOWEST_H

#include "model/run.h"

struct slowest {
	const struct vcpu_stat *vcpu;
	const struct reason_stat *reason;
	const struct slow *slow;
};

/*
 * The longest first, as many as the run asks for, of the reasons that are shown. *found is to be
 * freed; 0 or -ENOMEM.
 */
int slowest_find(const struct run *run, const struct vm_stat *vm, struct slowest **found,
		 size_t *n);

/* When it exited, CLOCK_REALTIME as at the run's start. */
struct timespec slowest_time(const struct run *run, const struct slow *slow);

#endif
