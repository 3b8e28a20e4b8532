/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rules of the audit: does what KVM told a guest agree with what we counted?
 * Nothing here prints, reads a map or keeps more than one sum's past.
 */
#ifndef EXITSTAT_AUDIT_RULES_H
#define EXITSTAT_AUDIT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/exitstat.h"
#include "model/leaves.h"
#include "model/verdict.h"

enum cause {
	CAUSE_NONE,
	CAUSE_IN_FLIGHT,     /* other vCPUs exited while the answer was formed */
	CAUSE_BEFORE_ATTACH, /* vCPUs that have not exited since have exits from before */
	CAUSE_LOSSES,	     /* exits that our ledger has as lost */
	NCAUSES,
};

/* As JSON has it ("in_flight"), and as people are told. */
const char *cause_key(enum cause cause);
const char *cause_text(enum cause cause);

/* What is the same for all answers. */
struct rules {
	uint32_t layout;
	uint32_t tsc_khz;
	uint64_t lost; /* exits that we did not count so far, of all VMs */
	/*
	 * By how much KVM's window may be longer than ours, on average, in cycles: what
	 * runs between its hooks and our probes; 0: do not judge that, see most_cycles().
	 */
	uint64_t probe_cycles;
};

/* What the earlier answers about one sum of one VM have left. */
struct past {
	bool any;
	uint64_t told;	   /* by the last one */
	uint64_t closed;   /* cycles of windows that had ended when it was asked for */
	uint32_t seen;	   /* vCPUs of which the next three are true */
	int64_t low, high; /* exits that we have not counted: between these, */
	uint64_t lost;	   /* when so many had been lost, at least */
};

struct ruling {
	enum verdict verdict;
	enum cause cause;
	const char *what; /* what is wrong with it; NULL: the numbers */
	bool who;	  /* LEAF_WHO, which has no sum */
	enum leaf leaf;
	uint64_t told;
	uint64_t low, high; /* what it may be */
	/* Cycles away, with all baselines known: KVM's less ours, and of how many exits. */
	bool has_excess;
	int64_t excess;
	uint64_t excess_exits;
};

/* The sum a leaf is about; false for the leaf that says who answers. */
bool answer_leaf(const struct exitstat_answer *answer, uint32_t layout, enum leaf *leaf);

/* isa is the asking vCPU's. past is of the same VM, leaf and reason; updated. */
struct ruling judge_answer(const struct rules *rules, const struct exitstat_answer *answer,
			   uint32_t isa, struct past *past);

/*
 * One counter of one vCPU as KVM has it against ours, read before and after it.
 * The exit of a vCPU that is not in the guest may be in one of the two only.
 */
struct counter_pair {
	uint64_t before, after; /* exits, as we count them */
	uint64_t before_ns, after_ns;
	bool waiting;	       /* not in the guest, before or after */
	bool ended;	       /* and never again: nothing is in flight */
	const __u64 *now;      /* KVM's, [EXITSTAT_SUMS] */
	const __u64 *baseline; /* the same, when we saw the vCPU first */
};

/* past is of the same counter of the same vCPU; updated. */
struct ruling judge_counter(const struct rules *rules, const struct counter_pair *pair,
			    struct past *past);

#endif
