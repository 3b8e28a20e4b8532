/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host's document against what was read in its guest. A number is one of the answers
 * that the host saw KVM give, and lies between what the host had counted before and
 * after that; without answers it lies within what is known. No tolerance; what does not
 * fit is explained or wrong.
 */
#ifndef EXITSTAT_COMPARE_GUEST_H
#define EXITSTAT_COMPARE_GUEST_H

#include "compare/numbers.h"
#include "doc/findings.h"

/* All readings of one number; the values are those of the last reading. */
struct compare_line {
	enum leaf leaf;
	uint32_t code;
	size_t readings; /* in which it was checked */
	uint64_t guest;
	uint64_t low, high;   /* of the host; high is UINT64_MAX where there is no bound */
	enum verdict verdict; /* the worst */
	char why[WHY_LEN];    /* of that; empty: nothing to explain */
};

struct compared_guest {
	const struct guest_doc *doc;
	bool growth_only; /* the VM is older than the tracer */
	size_t nlines;
	struct compare_line *lines;
	size_t nnotes;
	char (*notes)[256]; /* how it was done, what was not checked */
	/* Each number is placed at an answer, held against bounds alone, or not checked. */
	size_t placed, bounded, unchecked;
	size_t checked, explained, wrong; /* of those that are placed or bounded */
};

/*
 * Compare; what does not fit goes to findings, too. 0, or -1 with err: no memory, or
 * (STATUS_CANNOT) nothing in it can be compared.
 */
int compare_guest(struct compared_guest *compared, const struct timeline *timeline,
		  const struct guest_doc *doc, struct findings *findings, struct error *err);
void compared_free(struct compared_guest *compared);

#endif
