/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that do not fit, each named so that it can be found in its file. */
#ifndef EXITSTAT_DOC_FINDINGS_H
#define EXITSTAT_DOC_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FINDINGS_MAX 10000u

struct finding {
	bool explained;	    /* does not fit, and it is known why: not a failure */
	const char *file;   /* its name, owned by whoever found it */
	char field[160];    /* e.g. vms[0].vcpus[1].reasons[3].count, or line 12 (EAX) */
	char value[48];	    /* what is there */
	char expected[112]; /* what may be there */
	char why[224];
};

struct findings {
	size_t n;
	struct finding *list;
	size_t dropped; /* beyond FINDINGS_MAX */
	bool no_memory;
};

/*
 * Add one, to be filled in by the functions below. NULL: no memory or too many,
 * which they take.
 */
struct finding *findings_add(struct findings *findings, const char *file);

/* Print into these fields of a finding that can be NULL. */
void finding_field(struct finding *finding, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_value(struct finding *finding, uint64_t value);
void finding_expected(struct finding *finding, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_why(struct finding *finding, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

size_t findings_wrong(const struct findings *findings);
void findings_free(struct findings *findings);

#endif
