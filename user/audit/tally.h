/* SPDX-License-Identifier: GPL-2.0-only */
/* What an audit has found so far. Nothing here knows where the findings come from. */
#ifndef EXITSTAT_AUDIT_TALLY_H
#define EXITSTAT_AUDIT_TALLY_H

#include <stdio.h>

#include "model/snapshot.h"
#include "audit/rules.h"

/* Disagreements that are kept for the document; all are counted. */
#define LEDGER_MAX_KEPT 1000u

struct score {
	uint64_t checked;
	uint64_t by_verdict[NVERDICTS];
	uint64_t by_cause[NCAUSES];
};

struct audited_vm {
	uint64_t serial;
	uint32_t pid;
	char *name;
	uint32_t vcpus; /* seen */
	struct score answers;
};

/* What a finding is about. */
struct subject {
	size_t vm;     /* in ledger->vms */
	bool counter;  /* KVM's counter of one vCPU, not a leaf's answer */
	uint32_t vcpu; /* of a counter, or the one that asked */
	uint32_t isa;
	uint32_t reason;
	uint32_t waiting, vcpus; /* so many of the VM's vCPUs were not in the guest */
};

struct disagreement {
	struct subject subject;
	struct ruling finding;
};

struct ledger {
	struct score answers, counters;
	size_t nvms;
	struct audited_vm *vms;
	void *pasts; /* a tree: see ledger_past() */
	size_t nkept;
	struct disagreement *kept;
	/* Of the check with the most exits: KVM's cycles away less ours. */
	int64_t most_excess;
	uint64_t most_exits;
	struct reason_stat excess; /* KVM's window less ours: cycles per exit, in place of ns */
	uint64_t hist[EXITSTAT_HIST_BUCKETS];
};

void ledger_free(struct ledger *ledger);

/* The VM's place in ledger->vms; SIZE_MAX: no memory. */
size_t ledger_vm(struct ledger *ledger, uint64_t serial, uint32_t pid, const char *comm);

/* What is left of earlier answers about this sum; NULL: no memory. */
struct past *ledger_past(struct ledger *ledger, uint64_t serial, uint32_t function, uint32_t index);

/* 0 or -ENOMEM. */
int ledger_add(struct ledger *ledger, const struct subject *subject, const struct ruling *finding);

/* "VM 4711 web1, exits of CPUID: KVM says 1043, we say 1040 to 1041: wrong" and why. */
void ledger_describe(FILE *out, const struct ledger *ledger, const struct subject *subject,
		     const struct ruling *finding);

/* A percentile of the excess, in cycles per exit. */
uint64_t ledger_excess(const struct ledger *ledger, double percent);

#endif
