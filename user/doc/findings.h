/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers that do not fit, each named so that it can be found in its file. */
#ifndef EXITSTAT_DOC_FINDINGS_H
#define EXITSTAT_DOC_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/verdict.h"

#define FINDINGS_MAX 10000u

struct finding {
	enum verdict verdict; /* explained: does not fit, and it is known why */
	const char *file;     /* its name, owned by whoever found it */
	char field[160];      /* e.g. vms[0].vcpus[1].reasons[3].count, or line 12 (EAX) */
	char value[48];	      /* what is there */
	char expected[112];   /* what may be there */
	char why[224];
};

struct findings {
	size_t n;
	struct finding *list;
	size_t dropped; /* beyond FINDINGS_MAX */
	size_t unread;	/* lines that look like an answer, and could not be read */
	bool no_memory;
	struct finding spare; /* what is found when there is no room */
};

/* Add one; field has the format of printf(). The rest is to be filled in by finding_set(). */
struct finding *findings_add(struct findings *findings, const char *file, enum verdict verdict,
			     const char *field, ...) __attribute__((format(printf, 4, 5)));

#define finding_set(text, ...) snprintf(text, sizeof(text), __VA_ARGS__)

/* How many of them disagree. */
size_t findings_wrong(const struct findings *findings);
void findings_free(struct findings *findings);

#endif
