/* SPDX-License-Identifier: GPL-2.0-only */
/* The numbers of one guest's file while they are compared. */
#ifndef EXITSTAT_COMPARE_NUMBERS_H
#define EXITSTAT_COMPARE_NUMBERS_H

#include "compare/timeline.h"
#include "model/verdict.h"

#define WHY_LEN 160

struct number {
	const struct observation *o;
	struct number *previous; /* of the same count or cycles; NULL: it is the first */
	size_t line;		 /* the same for all of these */
	/* By what the host saw KVM answer. */
	bool seen; /* it is an answer, given at that time */
	bool told; /* it is not, and this was answered where it was read */
	bool told_defined;
	uint64_t ns, told_value;
	long before, after; /* moments: the last before it was read, the first after it */
	uint64_t low, high; /* what it may be; UINT64_MAX: anything */
	enum verdict verdict;
	char why[WHY_LEN]; /* empty where it agrees */
};

struct numbers {
	const struct timeline *timeline;
	const struct guest_doc *doc;
	size_t n, nlines;
	struct number *list; /* in the order of reading; the owner frees it */
};

/* 0 or -ENOMEM. */
int numbers_make(struct numbers *numbers, const struct timeline *timeline,
		 const struct guest_doc *doc);

/* Does KVM, by what the guest read of it, define this reason? */
enum definition numbers_define(const struct numbers *numbers, uint32_t code);

/* Of several verdicts the first that is the worst counts. */
void number_judge(struct number *number, enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static inline bool is_total(const struct observation *o)
{
	return o->leaf < LEAF_COUNT;
}

static inline bool is_count(const struct observation *o)
{
	return o->leaf == LEAF_COUNT || o->leaf == LEAF_COUNT_ALL;
}

#endif
