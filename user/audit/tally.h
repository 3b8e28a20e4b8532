/* SPDX-License-Identifier: GPL-2.0-only */
/* What an audit has found so far. Nothing here knows where the findings come from. */
#ifndef EXITSTAT_AUDIT_TALLY_H
#define EXITSTAT_AUDIT_TALLY_H

#include <stddef.h>

#include "audit/rules.h"
#include "model/distribution.h"

/* Findings other than agreement that are kept for the document; all are counted. */
#define AUDIT_TALLY_MAX_KEPT 1000u

struct audit_score {
	uint64_t checked;
	uint64_t by_verdict[NVERDICTS];
	uint64_t by_cause[NCAUSES];
};

struct audited_vm {
	uint64_t serial;
	uint32_t pid;
	char *name;
	bool uncounted; /* KVM does not count this one */
	struct audit_score answers, counters;
};

/* What a finding is about. */
struct audit_subject {
	size_t vm;     /* in tally->vms */
	bool counter;  /* KVM's counter of one vCPU, not a leaf's answer */
	uint32_t vcpu; /* of a counter, or the one that asked */
	uint32_t isa;
	uint32_t reason;
	uint32_t waiting, vcpus; /* so many of the VM's vCPUs were not in the guest */
};

struct audit_finding {
	struct audit_subject subject;
	struct ruling ruling;
};

struct audit_tally {
	struct audit_score answers, counters;
	size_t nvms;
	struct audited_vm *vms;
	void *pasts; /* a tree: see audit_tally_past() */
	size_t nkept;
	struct audit_finding *kept;
	/* KVM's window less ours, in cycles per exit. */
	struct distribution excess;
	/* And in sum, of the check with the most exits. */
	int64_t most_excess;
	uint64_t most_exits;
};

void audit_tally_free(struct audit_tally *tally);

/* The VM's place in tally->vms; SIZE_MAX: no memory. */
size_t audit_tally_vm(struct audit_tally *tally, uint64_t serial, uint32_t pid, const char *name);

/* What is left of earlier answers about this sum; NULL: no memory. */
struct past *audit_tally_past(struct audit_tally *tally, uint64_t serial, uint32_t function,
			      uint32_t index);

/* 0 or -ENOMEM. */
int audit_tally_add(struct audit_tally *tally, const struct audit_finding *finding);

/* Why it was found so, in words. */
const char *audit_finding_why(const struct audit_finding *finding);

#endif
