// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM that is older than the tracer: the guest's counts have an unknown number of
 * exits from before. It is the same for all readings of a count, so that one such
 * number must do for them all.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "compare/align.h"
#include "compare/job.h"

/* The last moment before a reading, and the first after it. */
struct bracket {
	bool has_before, has_after;
	bool within; /* the host's run: there can be both */
	bool wrong;  /* it has a number that does not fit */
	size_t before, after;
};

struct growth {
	struct job *job;
	struct bracket *brackets;		 /* of the readings */
	struct interval *intervals;		 /* of one count: what it can have been before */
	const struct observation **observations; /* these are of */
	struct bracket **around;
	size_t n;
	bool no_memory;
};

/* --- when a reading was taken ------------------------------------------------------------- */

/* By the guest's clock, when it is ahead of the host's by something in this range. */
static struct bracket bracket_of(const struct job *job, const struct guest_reading *reading,
				 const struct interval *ahead)
{
	const struct timeline *timeline = job->timeline;
	const struct moment *moments = timeline->moments;
	int64_t start = (int64_t)(reading->real_ns - moments[0].real_ns + moments[0].start_ns);
	int64_t end = start + (int64_t)reading->took_ns;
	size_t last = timeline->nmoments - 1;
	struct bracket bracket = {
		.within = (int64_t)moments[0].end_ns <= start - ahead->lo &&
			  (int64_t)moments[last].start_ns >= end - ahead->hi,
	};

	if (!reading->timed)
		return (struct bracket){ true, true, true, false, 0, last };
	for (size_t i = 0; i <= last && !bracket.has_after; i++) {
		if ((int64_t)moments[i].end_ns <= start - ahead->hi) {
			bracket.before = i;
			bracket.has_before = true;
		} else if ((int64_t)moments[i].start_ns >= end - ahead->lo) {
			bracket.after = i;
			bracket.has_after = true;
		}
	}
	return bracket;
}

static size_t set_brackets(struct growth *growth, const struct interval *ahead)
{
	const struct job *job = growth->job;
	size_t within = 0;

	for (size_t r = 0; r < job->doc->nreadings; r++) {
		growth->brackets[r] = bracket_of(job, &job->doc->readings[r], ahead);
		within += growth->brackets[r].within;
	}
	return within;
}

/* --- one count in all readings --------------------------------------------------------------- */

static bool is_count(const struct observation *o)
{
	return (o->leaf == LEAF_COUNT || o->leaf == LEAF_COUNT_ALL) && o->defined;
}

static bool is_same(const struct observation *a, const struct observation *b)
{
	return a->leaf == b->leaf && (a->leaf < LEAF_COUNT || a->code == b->code);
}

/* What a value of this count says that there was before. */
static struct interval before_by(const struct job *job, const struct bracket *bracket,
				 size_t column, uint64_t value)
{
	const struct timeline *timeline = job->timeline;
	struct interval before = { 0, INT64_MAX };

	if (bracket->has_after)
		before.lo = (int64_t)(value - timeline->moments[bracket->after].lost -
				      timeline_count(timeline, bracket->after, column));
	if (bracket->has_before)
		before.hi = (int64_t)(value - timeline_count(timeline, bracket->before, column));
	return before;
}

/* The readings of a count, each with what it says. */
static void collect(struct growth *growth, const struct observation *like)
{
	const struct job *job = growth->job;
	size_t column = column_of(job, like);

	growth->n = 0;
	for (size_t r = 0; r < job->doc->nreadings; r++) {
		const struct guest_reading *reading = &job->doc->readings[r];
		struct bracket *bracket = &growth->brackets[r];

		for (size_t i = 0; bracket->within && i < reading->nobservations; i++) {
			const struct observation *o = &reading->observations[i];

			if (!is_same(o, like))
				continue;
			growth->observations[growth->n] = o;
			growth->around[growth->n] = bracket;
			growth->intervals[growth->n++] = before_by(job, bracket, column, o->value);
		}
	}
}

static bool overlaps(const struct interval *a, const struct interval *b)
{
	return a->lo <= b->hi && a->hi >= b->lo;
}

/* What was before may be less than nothing, or anything. */
static uint64_t plus(uint64_t count, int64_t before)
{
	if (before < 0)
		return count > (uint64_t)-before ? count - (uint64_t)-before : 0;
	return before == INT64_MAX ? UINT64_MAX : count + (uint64_t)before;
}

static void judge_one(struct growth *growth, size_t i, const struct interval *before)
{
	struct job *job = growth->job;
	const struct observation *o = growth->observations[i];
	struct bracket *around = growth->around[i];
	size_t column = column_of(job, o);
	uint64_t from = timeline_count(job->timeline, around->before, column);
	uint64_t to = timeline_count(job->timeline, around->after, column);
	struct judged judged = {
		.leaf = o->leaf,
		.code = o->code,
		.where = o->where,
		.value = o->value,
		.low = plus(around->has_before ? from : 0, before->lo),
		.high = around->has_after ? plus(to, before->hi) : UINT64_MAX,
	};

	if (!overlaps(&growth->intervals[i], before) || before->hi < 0) {
		around->wrong = true;
		judged.verdict = VERDICT_DISAGREE;
		snprintf(judged.why, sizeof(judged.why),
			 before->hi < 0
				 ? "less than the host alone has counted"
				 : "has not grown as the host's, between the other readings");
	}
	add_judged(job, &judged);
}

/* Do they fit one number from before? It is the one that most of them fit. */
static void judge_collected(struct growth *growth)
{
	struct interval before = { 0, 0 };

	if (growth->n < 2)
		return;
	if (best_cover(growth->intervals, growth->n, &before) < 0)
		growth->no_memory = true;
	for (size_t i = 0; i < growth->n; i++)
		judge_one(growth, i, &before);
}

static const struct observation *find_same(const struct guest_reading *reading,
					   const struct observation *like)
{
	for (size_t i = 0; i < reading->nobservations; i++)
		if (is_same(&reading->observations[i], like))
			return &reading->observations[i];
	return NULL;
}

/* Whether no reading before this one has it. */
static bool is_first(const struct growth *growth, size_t r, const struct observation *o)
{
	const struct guest_reading *readings = growth->job->doc->readings;

	if (find_same(&readings[r], o) != o)
		return false;
	for (size_t q = 0; q < r; q++)
		if (growth->brackets[q].within && find_same(&readings[q], o))
			return false;
	return true;
}

static void compare_counts(struct growth *growth)
{
	const struct job *job = growth->job;

	for (size_t r = 0; r < job->doc->nreadings; r++) {
		const struct guest_reading *reading = &job->doc->readings[r];

		for (size_t i = 0; growth->brackets[r].within && i < reading->nobservations; i++) {
			const struct observation *o = &reading->observations[i];

			if (!is_count(o) || !is_first(growth, r, o))
				continue;
			collect(growth, o);
			judge_collected(growth);
		}
	}
}

/* --- cycles -------------------------------------------------------------------------------- */

/* From one reading to the next the guest was away for no less than the host says. */
static void compare_away_growth(struct growth *growth, size_t r)
{
	const struct guest_reading *reading = &growth->job->doc->readings[r];
	size_t from = growth->brackets[r - 1].after, to = growth->brackets[r].before;

	if (!growth->brackets[r - 1].has_after || !growth->brackets[r].has_before || from >= to)
		return;
	for (size_t i = 0; i < reading->nobservations; i++) {
		const struct observation *o = &reading->observations[i];
		const struct observation *before = find_same(reading - 1, o);
		struct judged judged = { .leaf = o->leaf,
					 .code = o->code,
					 .where = o->where,
					 .value = o->value,
					 .high = UINT64_MAX };

		if ((o->leaf != LEAF_AWAY && o->leaf != LEAF_AWAY_ALL) || !before)
			continue;
		judged.low = before->value +
			     least_away(growth->job, from, to, column_of(growth->job, o));
		if (judged.value < judged.low) {
			growth->brackets[r].wrong = true;
			judged.verdict = VERDICT_DISAGREE;
			snprintf(judged.why, sizeof(judged.why),
				 "grown less than the host's windows, which lie within these");
		}
		add_judged(growth->job, &judged);
	}
}

/* --- how far the clocks are apart ------------------------------------------------------------ */

#define MAX_WORK     2000000000ull
#define PARTS_OF_GAP 4 /* the narrower a range of differences, the more it tells */

/* How the readings fit when the guest's clock is ahead by this. */
struct fit {
	struct interval ahead;
	size_t outside; /* the host's run: so many readings */
	size_t wrong;	/* so many have a number that does not fit */
	size_t open;	/* so many have no snapshot before, or none after */
};

static struct fit fit_at(struct growth *growth, const struct interval *ahead)
{
	struct job *job = growth->job;
	struct fit fit = { .ahead = *ahead };

	set_brackets(growth, ahead);
	job->trial = true;
	compare_counts(growth);
	for (size_t r = 1; r < job->doc->nreadings; r++)
		compare_away_growth(growth, r);
	job->trial = false;
	for (size_t r = 0; r < job->doc->nreadings; r++) {
		const struct bracket *bracket = &growth->brackets[r];

		fit.wrong += bracket->wrong;
		fit.outside += !bracket->within;
		fit.open += !bracket->has_before || !bracket->has_after;
	}
	return fit;
}

/* Of a reading outside the run nothing can be wrong: it is no better than a wrong one. */
static bool is_better(const struct fit *a, const struct fit *b)
{
	if (a->outside + a->wrong != b->outside + b->wrong)
		return a->outside + a->wrong < b->outside + b->wrong;
	return a->wrong < b->wrong || (a->wrong == b->wrong && a->open < b->open);
}

/* The first of the readings that the host's run has, if the clocks agree. */
static const struct guest_reading *pivot(const struct growth *growth)
{
	const struct job *job = growth->job;

	for (size_t r = 0; r < job->doc->nreadings; r++)
		if (growth->brackets[r].within)
			return &job->doc->readings[r];
	return &job->doc->readings[0];
}

/*
 * The k-th range of differences: that reading was taken in a part of a gap, the nearer to
 * where it is if the clocks agree the smaller k is. False: there is no such gap.
 */
static bool ahead_by(const struct job *job, const struct guest_reading *reading, size_t k,
		     struct interval *ahead)
{
	const struct moment *moments = job->timeline->moments;
	int64_t start = (int64_t)(reading->real_ns - moments[0].real_ns + moments[0].start_ns);
	size_t nearest = 0, gap, part = k % PARTS_OF_GAP;
	int64_t width;

	k /= PARTS_OF_GAP;
	while (nearest + 2 < job->timeline->nmoments &&
	       (int64_t)moments[nearest + 1].start_ns <= start)
		nearest++;
	gap = k % 2 ? nearest - (k + 1) / 2 : nearest + k / 2;
	if (gap >= job->timeline->nmoments - 1)
		return false;
	width = (int64_t)(moments[gap + 1].start_ns - moments[gap].start_ns);
	ahead->hi = start - (int64_t)moments[gap].start_ns - width * (int64_t)part / PARTS_OF_GAP;
	ahead->lo = ahead->hi - width / PARTS_OF_GAP - 1;
	return true;
}

/* Which clock difference, the nearest to none, do the readings fit best? */
static struct interval find_ahead(struct growth *growth)
{
	const struct job *job = growth->job;
	struct fit best = fit_at(growth, &(struct interval){ 0, 0 });
	const struct guest_reading *reading = pivot(growth);
	uint64_t work = job->doc->nreadings * reading->nobservations * reading->nobservations;

	if (!reading->timed || best.outside + best.wrong == 0)
		return best.ahead;
	for (size_t k = 0;
	     k < 2 * PARTS_OF_GAP * job->timeline->nmoments && (k + 1) * work < MAX_WORK; k++) {
		struct interval ahead;
		struct fit fit;

		if (!ahead_by(job, reading, k, &ahead))
			continue;
		fit = fit_at(growth, &ahead);
		if (is_better(&fit, &best))
			best = fit;
	}
	return best.ahead;
}

/* --- all ------------------------------------------------------------------------------------- */

static void tell_how(struct growth *growth, const struct interval *ahead, size_t within)
{
	struct job *job = growth->job;

	note(job, "the VM is older than the tracer: the guest counts since its creation, the host "
		  "since the tracer's start, so what grew between readings is compared");
	if (!job->doc->root)
		note(job,
		     "a pasted text has no times: what grew must be within the whole run's growth");
	else if (ahead->lo || ahead->hi)
		note(job,
		     "the clocks differ: the guest's seems to be %.3f to %.3f s ahead of the host's",
		     (double)ahead->lo / 1e9, (double)ahead->hi / 1e9);
	if (within < job->doc->nreadings)
		note(job, "%zu of %zu readings are not between two snapshots: not compared",
		     job->doc->nreadings - within, job->doc->nreadings);
}

static int grow(struct growth *growth, struct error *err)
{
	struct job *job = growth->job;
	struct interval ahead = find_ahead(growth);
	size_t within = set_brackets(growth, &ahead);

	tell_how(growth, &ahead, within);
	compare_counts(growth);
	for (size_t r = 0; r < job->doc->nreadings; r++) {
		if (r)
			compare_away_growth(growth, r);
		if (job->out->checked)
			compare_handled(job, &job->doc->readings[r]);
	}
	if (growth->no_memory)
		return fail(err, STATUS_FAILED, "out of memory");
	if (!job->out->checked)
		return fail(err, STATUS_CANNOT,
			    "%s: the VM is older than the host's run: give two readings or more, "
			    "taken while it was traced, each between two snapshots",
			    job->doc->file);
	return 0;
}

int compare_growth(struct job *job, struct error *err)
{
	struct growth growth = { .job = job };
	size_t most = 1;
	int ret = -1;

	for (size_t r = 0; r < job->doc->nreadings; r++)
		most += job->doc->readings[r].nobservations;
	growth.brackets = calloc(job->doc->nreadings, sizeof(*growth.brackets));
	growth.intervals = calloc(most, sizeof(*growth.intervals));
	growth.observations = calloc(most, sizeof(*growth.observations));
	growth.around = calloc(most, sizeof(*growth.around));
	if (growth.brackets && growth.intervals && growth.observations && growth.around)
		ret = grow(&growth, err);
	else
		fail(err, STATUS_FAILED, "out of memory");
	free(growth.brackets);
	free(growth.intervals);
	free(growth.observations);
	free(growth.around);
	return ret;
}
