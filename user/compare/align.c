// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/align.h"

/* --- what a number says ----------------------------------------------------------------- */

/* Exits that the host lost may be in the guest's count. */
static long after(const struct timeline *timeline, size_t column, uint64_t value)
{
	long gap = -1;

	for (size_t i = 0; i < timeline->nmoments; i++)
		if (timeline_count(timeline, i, column) + timeline->moments[i].lost < value)
			gap = (long)i;
	return gap;
}

static long before(const struct timeline *timeline, size_t column, uint64_t value)
{
	for (size_t i = 0; i < timeline->nmoments; i++)
		if (timeline_count(timeline, i, column) > value)
			return (long)i - 1;
	return (long)timeline->nmoments - 1;
}

void claim_count(struct claim *claim, const struct timeline *timeline, size_t column,
		 uint64_t value)
{
	*claim = (struct claim){ .first_gap = after(timeline, column, value),
				 .last_gap = before(timeline, column, value) };
}

void claim_at_most(struct claim *claim, const struct timeline *timeline, size_t column,
		   uint64_t value)
{
	*claim = (struct claim){ .first_gap = -1, .last_gap = before(timeline, column, value) };
}

void claim_at_least(struct claim *claim, const struct timeline *timeline, size_t column,
		    uint64_t value)
{
	*claim = (struct claim){ .first_gap = after(timeline, column, value),
				 .last_gap = (long)timeline->nmoments - 1 };
}

/* --- the most claims that hold together ----------------------------------------------------- */

struct work {
	struct claim *claims;
	size_t n;
	long *gaps; /* those in which anything can change, ascending */
	size_t ngaps;
	uint16_t *from; /* n rows of ngaps: the gap of the claim before */
	long *score;	/* ngaps */
	long best;
};

static int by_gap(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Nothing is won by reading later than right at the beginning of a claim's first gap. */
static void find_gaps(struct work *work, long first, long end)
{
	size_t kept = 0;

	work->gaps[0] = first;
	work->ngaps = 1;
	for (size_t i = 0; i < work->n; i++)
		if (work->claims[i].first_gap > first && work->claims[i].first_gap <= end)
			work->gaps[work->ngaps++] = work->claims[i].first_gap;
	qsort(work->gaps, work->ngaps, sizeof(*work->gaps), by_gap);
	for (size_t i = 0; i < work->ngaps; i++)
		if (!kept || work->gaps[kept - 1] != work->gaps[i])
			work->gaps[kept++] = work->gaps[i];
	work->ngaps = kept;
}

/* The best that ends in each gap, claim by claim: time only goes forward. */
static void fill(struct work *work)
{
	memset(work->score, 0, work->ngaps * sizeof(*work->score));
	for (size_t i = 0; i < work->n; i++) {
		const struct claim *claim = &work->claims[i];
		uint16_t best = 0;
		long best_score = work->score[0];

		for (size_t g = 0; g < work->ngaps; g++) {
			/* The first one is in the first gap. */
			if (work->score[g] > best_score && i) {
				best = (uint16_t)g;
				best_score = work->score[g];
			}
			work->from[i * work->ngaps + g] = best;
			work->score[g] = best_score + (claim->first_gap <= work->gaps[g] &&
						       claim->last_gap >= work->gaps[g]);
		}
	}
}

static void choose(struct work *work)
{
	size_t g = 0;

	for (size_t i = 1; i < work->ngaps; i++)
		if (work->score[i] > work->score[g])
			g = i;
	if (work->score[g] <= work->best)
		return;
	work->best = work->score[g];
	for (size_t i = work->n; i-- > 0;) {
		struct claim *claim = &work->claims[i];

		claim->gap = work->gaps[g];
		claim->holds = claim->first_gap <= claim->gap && claim->last_gap >= claim->gap;
		g = work->from[i * work->ngaps + g];
	}
}

/* The last gap in which one can be that took_ns ago was in gap "first". */
static long reach(const struct timeline *timeline, long first, long end, uint64_t took_ns)
{
	uint64_t limit;
	long gap = first;

	if (took_ns == UNLIMITED || first + 1 >= (long)timeline->nmoments)
		return end;
	/* The guest's clock may be slower: by what NTP corrects at most. */
	limit = timeline->moments[first + 1].end_ns + took_ns + took_ns / 1000 + 1;
	while (gap < end && timeline->moments[gap + 1].start_ns < limit)
		gap++;
	return gap;
}

/*
 * The gaps in which the first claim is worth a try: where a claim begins to hold, and, as
 * a reading takes so long and no longer, where one holds for the last time.
 */
static size_t find_starts(const struct work *work, long first, long last, uint64_t took_ns,
			  long *starts)
{
	size_t n = 1, kept = 0;

	starts[0] = first;
	for (size_t i = 0; took_ns != UNLIMITED && i < work->n; i++) {
		if (work->claims[i].first_gap > first && work->claims[i].first_gap <= last)
			starts[n++] = work->claims[i].first_gap;
		if (work->claims[i].last_gap > first && work->claims[i].last_gap <= last)
			starts[n++] = work->claims[i].last_gap;
	}
	qsort(starts, n, sizeof(*starts), by_gap);
	for (size_t i = 0; i < n; i++)
		if (!kept || starts[kept - 1] != starts[i])
			starts[kept++] = starts[i];
	return kept;
}

long align(struct claim *claims, size_t n, const struct timeline *timeline, long first, long last,
	   long end, uint64_t took_ns)
{
	struct work work = { .claims = claims, .n = n, .best = -1 };
	long *starts = calloc(2 * n + 1, sizeof(*starts));
	size_t nstarts;

	work.gaps = calloc(n + 1, sizeof(*work.gaps));
	work.score = calloc(n + 1, sizeof(*work.score));
	work.from = calloc((n + 1) * (n + 1), sizeof(*work.from));
	if (starts && work.gaps && work.score && work.from) {
		nstarts = find_starts(&work, first, last, took_ns, starts);
		for (size_t i = 0; i < nstarts; i++) {
			find_gaps(&work, starts[i], reach(timeline, starts[i], end, took_ns));
			fill(&work);
			choose(&work);
		}
	} else {
		work.best = -ENOMEM;
	}
	free(starts);
	free(work.gaps);
	free(work.score);
	free(work.from);
	return work.best;
}

/* --- intervals ---------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* From each beginning, in order, to the next end: how many have begun and not ended? */
long best_cover(const struct interval *intervals, size_t n, struct interval *best)
{
	int64_t *los = calloc(n, sizeof(*los)), *his = calloc(n, sizeof(*his));
	long most = los && his ? 0 : -ENOMEM;
	size_t ended = 0;

	for (size_t i = 0; !most && i < n; i++) {
		los[i] = intervals[i].lo;
		his[i] = intervals[i].hi;
	}
	if (!most) {
		qsort(los, n, sizeof(*los), by_value);
		qsort(his, n, sizeof(*his), by_value);
		for (size_t i = 0; i < n; i++) {
			while (ended < n && his[ended] < los[i])
				ended++;
			if ((long)(i + 1 - ended) > most) {
				most = (long)(i + 1 - ended);
				*best = (struct interval){ los[i], his[ended] };
			}
		}
	}
	free(los);
	free(his);
	return most;
}
