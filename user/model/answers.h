/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a patched KVM told its guests in a run, answer by answer: what a guest says it
 * has read must be among them.
 */
#ifndef EXITSTAT_MODEL_ANSWERS_H
#define EXITSTAT_MODEL_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/exitstat.h"
#include "model/leaves.h"

/* A guest can ask as often as it likes: later answers are only counted. */
#define ANSWERS_MAX 100000u

struct given {
	uint64_t vm_serial;
	uint64_t ns; /* CLOCK_MONOTONIC */
	uint32_t leaf, subleaf;
	struct cpuid_regs regs;
};

struct answers {
	size_t n;
	struct given *list;
	uint64_t dropped; /* not in the list */
};

/* 0 or -ENOMEM. */
int answers_add(struct answers *answers, const struct exitstat_answer *answer);
void answers_free(struct answers *answers);

#endif
