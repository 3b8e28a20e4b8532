/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up host, of any size, that runs second by second: always the same numbers. */
#ifndef EXITSTAT_TESTS_UNIT_SYNTHETIC_H
#define EXITSTAT_TESTS_UNIT_SYNTHETIC_H

#include "model/run.h"

struct synthetic {
	unsigned int vms, vcpus; /* of each VM */
	struct host host;
	struct snapshot snap;
	struct self self;
	struct run run; /* until now */
	bool more;
};

/* 0 or -1: no memory. synthetic_free() in both cases. */
int synthetic_init(struct synthetic *host, unsigned int vms, unsigned int vcpus);
int synthetic_second(struct synthetic *host);
/* Before its first second: it has slowest exits, and its first VM a nested guest. 0 or -1. */
int synthetic_more(struct synthetic *host);
void synthetic_free(struct synthetic *host);

#endif
