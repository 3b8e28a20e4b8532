/* SPDX-License-Identifier: GPL-2.0-only */
/* What comes of an audit, in one word, one line and one exit status. */
#ifndef EXITSTAT_AUDIT_OUTCOME_H
#define EXITSTAT_AUDIT_OUTCOME_H

#include "audit/report.h"
#include "base/error.h"

/* Where several are true, the first of them is what counts. */
enum outcome {
	OUTCOME_WRONG,		/* numbers are */
	OUTCOME_UNSEEN,		/* answers were given that could not be checked */
	OUTCOME_COMMAND_FAILED, /* by itself */
	OUTCOME_NOTHING,	/* was checked */
	OUTCOME_AGREED,		/* all else */
	NOUTCOMES,
};

/* Beside enum exit_status: the command's failure is not taken for the audit's. */
#define STATUS_COMMAND_FAILED 4

enum outcome outcome_of(const struct audit_report *report);

/* As JSON has it: "wrong". */
const char *outcome_key(enum outcome outcome);

/* The exit status; with a line in err where it is not 0. */
int outcome_status(const struct audit_report *report, struct error *err);

#endif
