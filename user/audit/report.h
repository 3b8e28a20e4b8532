/* SPDX-License-Identifier: GPL-2.0-only */
/* What an audit prints and writes. */
#ifndef EXITSTAT_AUDIT_REPORT_H
#define EXITSTAT_AUDIT_REPORT_H

#include <jansson.h>
#include <stdio.h>
#include <time.h>

#include "model/host.h"
#include "audit/tally.h"
#include "model/snapshot.h"

#define EXITSTAT_AUDIT_SCHEMA "exitstat-audit/1"

struct audit_report {
	const struct host *host;
	struct timespec start, end; /* CLOCK_REALTIME */
	uint64_t ns;
	const struct rules *rules;
	const struct ledger *ledger;
	const struct snapshot *snap; /* what was counted */
	uint64_t unseen;	     /* answers that could not be checked */
};

/* The running total. */
void audit_print_line(FILE *out, const struct ledger *ledger);
void audit_print_summary(FILE *out, const struct audit_report *report);

/* A document of user/exitstat-audit.schema.json, the caller's; NULL: no memory. */
json_t *audit_export(const struct audit_report *report);

#endif
