/* SPDX-License-Identifier: GPL-2.0-only */
/* Some VMs and vCPUs of a snapshot that has all. */
#ifndef EXITSTAT_MODEL_SELECTION_H
#define EXITSTAT_MODEL_SELECTION_H

#include "model/snapshot.h"

/* Of these processes, with these numbers; none: all. */
struct selection {
	size_t npids, nvcpus;
	uint32_t *pids, *vcpus;
};

/* A copy with nothing else; losses cannot be told apart, and stay. 0 or -ENOMEM. */
int snapshot_select(struct snapshot *to, const struct snapshot *from,
		    const struct selection *selection);

#endif
