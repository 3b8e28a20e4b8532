/* SPDX-License-Identifier: GPL-2.0-only */
/* What had been counted until a moment of a run, packed: most of the numbers are small. */
#ifndef EXITSTAT_MODEL_MOMENT_H
#define EXITSTAT_MODEL_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "model/run.h"

struct moment {
	uint64_t number; /* of those that were added, from 1 */
	struct timespec time;
	uint64_t ns;	      /* since the start of the run */
	struct losses losses; /* since then, too */
	bool has_self;
	struct self self;
	size_t size;
	uint8_t *packed; /* moment.c knows how */
};

/* run->snap has all that was counted since the start of the run. 0 or -ENOMEM. */
int moment_make(struct moment *moment, const struct run *run);
void moment_free(struct moment *moment);

/* All that was counted until then. 0 or -ENOMEM. */
int moment_unpack(const struct moment *moment, struct snapshot *snap);

/* How often something had happened until a moment. */
struct counted {
	uint64_t serial;	     /* of a VM, */
	uint32_t vcpu;		     /* one of its vCPUs, */
	uint32_t isa, reason, level; /* a reason */
	uint64_t count;
};

enum count_of {
	COUNT_VMS,
	COUNT_VCPUS,
	COUNT_REASONS,
};

/* Which of them. */
struct count_scope {
	bool one_vm, one_vcpu;
	uint64_t serial;
	uint32_t vcpu;
};

/* Without unpacking: a reason can come several times, for each vCPU of the scope. */
void moment_count(const struct moment *moment, enum count_of of, const struct count_scope *scope,
		  void (*each)(void *arg, const struct counted *counted), void *arg);

#endif
