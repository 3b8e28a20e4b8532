/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up host, second by second: what recordings have to be small for. */
#ifndef EXITSTAT_TESTS_UNIT_TRAFFIC_H
#define EXITSTAT_TESTS_UNIT_TRAFFIC_H

#include "model/snapshot.h"

/*
 * Of each vCPU the first reason has that many exits a second, each further one half as many as
 * the one before: as Poisson's law has it, around a load of the vCPU that wanders. Their times are
 * log-normal, narrow but for the second reason, HLT, which is as long as it is. Of nkeys keys,
 * which all but HLT have, each is half as frequent as the one before.
 */
struct traffic {
	size_t nvcpus, nreasons; /* four vCPUs a VM */
	size_t nkeys;
	double rate;
	double halt_ns;	 /* the median of HLT */
	double load[64]; /* of each vCPU, its logarithm */
};

extern const struct traffic busy_traffic, busy_with_keys, idle_traffic;

/* All vCPUs and reasons, without any exits; then a second more. */
void traffic_begin(const struct traffic *traffic, struct snapshot *snap);
void traffic_go_on(struct traffic *traffic, struct snapshot *snap, uint64_t *random);

#endif
