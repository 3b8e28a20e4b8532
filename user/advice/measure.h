/* SPDX-License-Identifier: GPL-2.0-only */
/* How many exits, and how long, of those that a rule is about. */
#ifndef EXITSTAT_ADVICE_MEASURE_H
#define EXITSTAT_ADVICE_MEASURE_H

#include "advice/rules.h"
#include "model/run.h"
#include "model/split.h"

struct amount {
	uint64_t count, sum_ns;
};

struct measure {
	struct amount vm;	/* all exits of the VM */
	struct amount rule;	/* those that the rule is about */
	struct amount unasked;	/* that may be, as kinds of keys were not asked for, */
	struct amount roomless; /* or as their keys had no room, or were not seen */
	struct details keys;	/* of the rule's, those that it goes by or that tell more */
	/* Where the time of the reasons went that have exits of the rule: as model/split.h. */
	uint64_t part_ns[PART_KVM + 1];
};

/* 0 or -ENOMEM; else measure_free() is due. */
int measure_vm(struct measure *measure, const struct rule *rule, const struct run *run,
	       const struct vm_stat *vm);
void measure_free(struct measure *measure);

/* The kinds of keys that a rule goes by, 1 << kind; 0: none. */
uint32_t rule_kinds(const struct rule *rule);

/* Does a run tell that part of times from the others? */
bool has_part(const struct run *run, unsigned int part);

/* Percent of their time that is in this part. */
double measure_share(const struct measure *measure, unsigned int part);

/* The rule goes by which pages there are, and those that were kept tell of the others. */
bool rule_of_pages(const struct rule *rule);

/* Of keys of pages: how many pages there are, */
size_t measure_pages(const struct measure *measure);
/* how often each came, for the same access, */
double measure_again(const struct measure *measure);
/* and how many there are of each 2 MiB that has any. */
double measure_crowd(const struct measure *measure);

#endif
