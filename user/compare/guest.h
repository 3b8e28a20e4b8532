/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host's document against what was read in its guest. Counters only grow: a
 * number that was read between two snapshots lies between theirs. No tolerance;
 * what does not fit is explained or wrong.
 */
#ifndef EXITSTAT_COMPARE_GUEST_H
#define EXITSTAT_COMPARE_GUEST_H

#include "doc/findings.h"
#include "doc/guest_read.h"
#include "compare/timeline.h"
#include "model/verdict.h"

const char *verdict_name(enum verdict verdict);

/* All readings of one number; the values are those of the last reading. */
struct compare_line {
	enum leaf leaf;
	uint32_t code;
	size_t readings; /* in which it was checked */
	uint64_t guest;
	uint64_t low, high;   /* of the host; high is UINT64_MAX where there is no bound */
	enum verdict verdict; /* the worst */
	char why[160];	      /* of that; empty: nothing to explain */
};

struct compared_guest {
	const struct guest_doc *doc;
	bool growth_only; /* the VM is older than the tracer */
	size_t nlines;
	struct compare_line *lines;
	size_t nnotes;
	char (*notes)[256]; /* how it was done, what was not checked */
	size_t checked, explained, wrong;
};

/*
 * Compare; what does not fit goes to findings, too. 0, or -1 with err: no memory, or
 * (STATUS_CANNOT) nothing in it can be compared.
 */
int compare_guest(struct compared_guest *compared, const struct timeline *timeline,
		  const struct guest_doc *doc, struct findings *findings, struct error *err);
void compared_free(struct compared_guest *compared);

#endif
