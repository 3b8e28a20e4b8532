/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that compare share: one guest's file being compared. */
#ifndef EXITSTAT_COMPARE_JOB_H
#define EXITSTAT_COMPARE_JOB_H

#include "compare/guest.h"
#include "compare/placing.h"

struct job {
	struct compared_guest *out;
	const struct timeline *timeline;
	const struct guest_doc *doc;
	struct findings *findings;
	struct placing *placings; /* one for each reading */
	bool no_memory;
	bool trial;	    /* nothing is written down, only */
	size_t trial_wrong; /* so many disagree */
};

/* One number and what it may be; why says more where the verdict is not "agree". */
struct judged {
	enum leaf leaf;
	uint32_t code;
	const char *where;
	uint64_t value, low, high;
	enum verdict verdict;
	char why[160];
};

void add_judged(struct job *job, const struct judged *judged);
void note(struct job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Column of the timeline that an observation is of. */
size_t column_of(const struct job *job, const struct observation *o);

/*
 * The least cycles away that the guest can have had from one moment to another,
 * when the host had so many.
 */
uint64_t least_away(const struct job *job, size_t from, size_t to, size_t column);

/* Handled is a part of away, in each reading by itself. */
void compare_handled(struct job *job, const struct guest_reading *reading);

/*
 * answercheck.c: are the numbers what the host saw KVM answer, where it has that? What
 * is not goes to the findings. 0, or -1: no memory.
 */
int compare_answers(struct job *job);

/*
 * growth.c: the VM is older than the tracer, so that only what grew between readings
 * can be compared. 0, or -1 with err: not even that can be.
 */
int compare_growth(struct job *job, struct error *err);

#endif
