/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is to be said of each exit reason, in words of our own. What it says of KVM was
 * read in Linux 6.1, 6.12 and 7.3. The texts are in explain_vmx.c and explain_svm.c: plain
 * ASCII, without line breaks, which are made where they are shown.
 */
#ifndef EXITSTAT_MODEL_EXPLAIN_H
#define EXITSTAT_MODEL_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

/* What lies between the exit and the next entry, as far as its reason says. */
enum away {
	AWAY_NONE,	/* there is no such exit */
	AWAY_IN_KVM,	/* KVM's own handling */
	AWAY_IN_VMM,	/* the VMM's answer, where KVM has none */
	AWAY_ASLEEP,	/* the vCPU's sleep */
	AWAY_YIELDING,	/* other vCPUs that were let run */
	AWAY_INTERRUPT, /* the host's interrupt */
	AWAY_MEMORY,	/* finding a page */
	AWAY_FOR_GOOD,	/* the run of the vCPU ends */
};

/* Of a code, or of several in a row that differ in a number. */
struct explanation {
	uint32_t first, last;
	enum away away;
	const char *brief;  /* a line of a table */
	const char *what;   /* it is */
	const char *when;   /* KVM makes the CPU take it */
	const char *look;   /* at what: what makes many of them, and what tells more */
	const char *manual; /* the section, by its title: numbers change with the edition */
};

/* By code. */
extern const struct explanation vmx_explanations[], svm_explanations[];
extern const size_t vmx_nexplanations, svm_nexplanations;

/* NULL: the code, which is VMX's basic one, has no name either. */
const struct explanation *explain_reason(uint32_t isa, uint32_t code);

/* What one of VMX's flags above the code says; NULL: it has no name either. */
const char *explain_flag(uint32_t flag);

#endif
