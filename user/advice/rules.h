/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules: which exits, from how many on, are consistent with what. Texts are plain ASCII
 * without line breaks; what they say of KVM was read in Linux 6.1, 6.12 and 7.3.
 */
#ifndef EXITSTAT_ADVICE_RULES_H
#define EXITSTAT_ADVICE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "advice/facts.h"

/* An exit reason, of VMX without its flags. isa 0: no more of them. */
struct rule_reason {
	uint32_t isa, code;
};

/* Keys of a kind; accesses: 1 << enum exitstat_access. 0: no more of them. */
struct rule_keys {
	uint8_t kind;
	uint64_t first, last;
	uint32_t accesses;
};

#define RULE_REASONS 10
#define RULE_KEYS    4
#define RULE_WHOLE   2

/* What is measured, which is what thresholds are held against. */
enum measured {
	MEASURE_EXITS,	/* of its reasons and keys: they must reach the thresholds */
	MEASURE_LITTLE, /* of all reasons but its own: their time must stay below */
	MEASURE_PART,	/* of all reasons the part of spent: it must reach the time */
};

/* Whether the rule is of VMs that have APICv or AVIC inhibited, as far as that is known. */
enum rule_apicv {
	RULE_ANY_APICV,
	RULE_NOT_INHIBITED,
	RULE_INHIBITED,
};

struct rule {
	const char *id;	   /* for people to name it by, and for machines */
	const char *title; /* to follow "Consistent with: " */

	enum measured measured;
	struct rule_reason reasons[RULE_REASONS];
	struct rule_keys keys[RULE_KEYS];     /* none: all exits of the reasons */
	struct rule_reason whole[RULE_WHOLE]; /* of these all exits, besides, whatever their keys */
	uint32_t tells;	  /* kinds of keys that tell more, but are not needed: 1 << kind */
	double rate;	  /* exits a second */
	double time;	  /* percent of a vCPU's time; with MEASURE_LITTLE of all vCPUs' */
	uint64_t average; /* ns at most, 0: any */
	double crowd;	  /* pages of a 2 MiB region, on average; 0: any */
	double again;	  /* how often each page comes, on average, at most; 0: any */
	size_t pages;	  /* that there are at least; 0: any */
	bool old;	  /* of VMs that were there before the run */
	struct {
		unsigned int part; /* as model/split.h has them */
		double share;	   /* percent of its reasons' time; 0: any */
	} spent;

	/* The rule is about a host where this is so, or is not so. value NULL: any. */
	struct {
		enum fact fact;
		const char *value;
		bool is;
	} where;
	enum rule_apicv apicv;
	uint32_t facts; /* that are looked at: 1 << enum fact */

	const char *means;
	const char *change; /* what people change */
	const char *cost;
	const char *documented;
};

extern const struct rule rules[];
extern const size_t nrules;

#endif
