/* SPDX-License-Identifier: GPL-2.0-only */
/* All that there is to say of an audit when it ends: for print.h and document.h. */
#ifndef EXITSTAT_AUDIT_REPORT_H
#define EXITSTAT_AUDIT_REPORT_H

#include <stdbool.h>
#include <time.h>

#include "audit/tally.h"
#include "model/host.h"
#include "model/snapshot.h"

struct audit_report {
	const struct host *host;
	struct timespec start, end; /* CLOCK_REALTIME */
	uint64_t ns;
	int64_t clock_set_ns; /* somebody set it meanwhile, by so much: end is without */
	const struct rules *rules;
	const struct audit_tally *tally;
	const struct snapshot *snap; /* what was counted */
	uint64_t unseen;	     /* answers that could not be checked */
	uint64_t unseen_ends;	     /* vCPUs whose counters at their end were not seen */
	bool has_command;
	bool interrupted;   /* so that the command's status is not its own */
	int command_status; /* as the shell has it */
};

#endif
