/* SPDX-License-Identifier: GPL-2.0-only */
/* An audit for people. */
#ifndef EXITSTAT_AUDIT_PRINT_H
#define EXITSTAT_AUDIT_PRINT_H

#include <stdio.h>

#include "audit/report.h"

/* "wrong: VM 4711 web1, exits of CPUID: KVM says 1043, we say 1040 to 1041: " and why. */
void audit_print_finding(FILE *out, const struct audit_tally *tally,
			 const struct audit_finding *finding);

/* The running total. */
void audit_print_line(FILE *out, const struct audit_tally *tally);

void audit_print_summary(FILE *out, const struct audit_report *report);

#endif
