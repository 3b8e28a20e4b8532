/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between two sides, reason by reason, and whether it differs by more than the
 * noise between intervals: model/samples.h says how that is judged.
 *
 * What a second, a share and an average are of is clear. Of a percentile it is judged whether
 * on one side more exits take longer than it: than that of both sides together. So it does not
 * matter how many exits an interval has, as it would if each had a percentile of its own.
 */
#ifndef EXITSTAT_DIFF_DIFFERENCE_H
#define EXITSTAT_DIFF_DIFFERENCE_H

#include "diff/side.h"

/* How improbable it must be that noise alone names anything at all. */
#define DIFFERENCE_PROBABILITY 0.001
/* And a change that matters is at least so large. */
#define DIFFERENCE_LEAST 0.05

enum judgement {
	NOT_JUDGED, /* too few intervals, or exits */
	IS_NOISE,   /* or too small to matter */
	IS_CHANGE,
};

/* Of a metric, from the first side to the second. */
struct change {
	bool known[2];
	double values[2];
	double relative; /* of the first's value; infinite from 0 on */
	enum judgement judgement;
	double probability; /* of such a difference where there is none, adjusted for their number
			     */
};

struct difference_row {
	const char *vm;			/* "": of all */
	struct side_row like;		/* which reason it is, or the total */
	const struct side_row *rows[2]; /* NULL: this side has it not */
	struct change changes[METRICS];
};

struct difference {
	const struct side *sides[2];
	double least;
	size_t nrows;
	struct difference_row *rows; /* by VM; the total first, then most time first */
};

/*
 * Of two sides that have all but their intervals: their rows and values, and from where on an
 * exit of each is slow. 0 or -ENOMEM; difference_free() in any case.
 */
int difference_begin(struct difference *difference, struct side *a, struct side *b);
/* When they have their intervals: what is more than noise. least: of 1. 0 or -ENOMEM. */
int difference_judge(struct difference *difference, double least);
void difference_free(struct difference *difference);

/* "web1: CPUID/L2", "all reasons" */
#define DIFFERENCE_NAME_LEN 400
void difference_name(char name[DIFFERENCE_NAME_LEN], const struct difference_row *row);

#endif
