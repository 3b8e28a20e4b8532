/* SPDX-License-Identifier: GPL-2.0-only */
/* What an audit holds against each other, and when: KVM's answers, and its counters. */
#ifndef EXITSTAT_CMD_AUDIT_CHECKS_H
#define EXITSTAT_CMD_AUDIT_CHECKS_H

#include <stdbool.h>
#include <stdio.h>

#include "audit/tally.h"
#include "trace/session.h"

struct audit_checks {
	struct session *session;
	FILE *out;     /* for people: what does not agree */
	bool counters; /* KVM's own are compared, too */
	struct rules rules;
	struct audit_tally tally;
	unsigned int lines[NVERDICTS]; /* printed in this interval */
	uint64_t hidden;	       /* and not printed */
	uint64_t unseen_ends;	       /* of vCPUs: what they did last is not compared */
};

/* With an open session. From here on counters are compared when a vCPU ends. */
void audit_checks_start(struct audit_checks *checks);

/* Each is 0 or -ENOMEM. */
int audit_checks_answers(struct audit_checks *checks);	/* since the last time */
int audit_checks_counters(struct audit_checks *checks); /* of vCPUs that live */
int audit_checks_list_all(struct audit_checks *checks); /* VMs without a check, too */

/* Says how many lines were not printed. */
void audit_checks_end_interval(struct audit_checks *checks);

#endif
