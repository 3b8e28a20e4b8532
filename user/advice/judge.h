/* SPDX-License-Identifier: GPL-2.0-only */
/* Which rules fit which VMs of a run, and which nobody can tell of. */
#ifndef EXITSTAT_ADVICE_JUDGE_H
#define EXITSTAT_ADVICE_JUDGE_H

#include "advice/facts.h"
#include "advice/measure.h"
#include "advice/rules.h"
#include "model/run.h"

enum fit {
	FIT_NOT,
	FIT_CONSISTENT,
	/* It might be, and cannot be judged: for want of */
	FIT_NO_KEYS,  /* kinds of keys that were not asked for (--detail) */
	FIT_NO_SPLIT, /* where times went (--split) */
	FIT_NO_ROOM,  /* keys that had no room, or were not seen */
	FIT_NO_FACT,  /* what is so on its host */
	FIT_NO_LIVES, /* when the VM began and ended */
};

struct judgment {
	const struct rule *rule;
	enum fit fit;
	struct measure measure;
};

/* Of each VM that has exits, in their order, what is not FIT_NOT, in the order of the rules. */
struct vm_advice {
	const struct vm_stat *vm;
	size_t n;
	struct judgment *judgments;
};

struct advice {
	const struct run *run;
	const struct facts *facts;
	size_t nvms;
	struct vm_advice *vms;
};

/* Too few exits of a rule tell nothing, at whatever rate. */
#define ADVICE_LEAST 200u
/* Nor do too few of a VM, where few are what a rule wants. */
#define ADVICE_LEAST_OF_VM 20u

/*
 * lives: it is known of the run's VMs whether they were there all the time (struct vm_stat:
 * whole, ended). 0 or -ENOMEM; else advice_free() is due.
 */
int advice_judge(struct advice *advice, const struct run *run, const struct facts *facts,
		 bool lives);
void advice_free(struct advice *advice);

/* It is known that APICv or AVIC is on, but for this VM inhibited. */
bool is_inhibited(const struct run *run, const struct vm_stat *vm);

/* How many judgments of all VMs are so. */
size_t advice_count(const struct advice *advice, enum fit fit);

#endif
