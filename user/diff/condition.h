/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must not be, for --fail-if:
 *
 *	[VM:]REASON|total . count|time|share|avg|p50|p90|p99|max  >|<  [+|-]N[UNIT]
 *
 * With a sign it is about the change from the first side to the second: it must not be beyond
 * N % of the first's value, or N UNIT, and be more than noise. Without it is about the second
 * side's value alone.
 */
#ifndef EXITSTAT_DIFF_CONDITION_H
#define EXITSTAT_DIFF_CONDITION_H

#include "diff/difference.h"

struct condition {
	const char *text; /* as it was given, and to be kept */
	char vm[256];	  /* "": of each group */
	bool is_total;
	struct reason_filter filter;
	uint32_t level;
	enum metric metric;
	bool is_more; /* > */
	enum {
		LIMIT,	  /* of the value */
		BY_SHARE, /* of the first's value, 1 being all of it */
		BY_VALUE,
	} kind;
	double limit; /* in the metric's unit */
};

/* 0, or an errno with err: what is wrong with it. */
int condition_parse(struct condition *condition, const char *text, bool by_vm, struct error *err);

enum outcome {
	OUTCOME_HOLDS,	    /* nothing of the kind: as it should be */
	OUTCOME_NOISE,	    /* beyond the limit, by no more than noise: as good */
	OUTCOME_FAILED,	    /* it is so */
	OUTCOME_NOT_THERE,  /* no side has such a row or value */
	OUTCOME_NOT_JUDGED, /* whether it is more than noise is not known */
};

/* Of a condition and a row that it is about; NULL: there is none. */
struct checked {
	const struct condition *condition;
	const struct difference_row *row;
	enum outcome outcome;
};

struct checks {
	size_t n;
	struct checked *list;
	size_t failed; /* all but those that hold, or are noise */
};

/* 0 or -ENOMEM; checks_free() in any case. */
int conditions_check(struct checks *checks, const struct difference *difference,
		     const struct condition *conditions, size_t n);
void checks_free(struct checks *checks);

bool outcome_is_failure(enum outcome outcome);
/* "holds", "noise", "failed", "not there", "not judged" */
const char *outcome_word(enum outcome outcome);

#endif
