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

#include "../bpf/exitstat.h"
#include "align.h"
#include "compare_job.h"

/* The last moment before a reading, and the first after it; none: it is not used. */
struct bracket {
	bool known;
	size_t before, after;
};

struct growth {
	struct job *job;
	struct bracket *brackets;		 /* of the readings */
	struct interval *intervals;		 /* of one count: what it can have been before */
	const struct observation **observations; /* these are of */
	const struct bracket **around;
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
	struct bracket bracket = { false, 0, 0 };
	bool has_before = false;

	if (!reading->timed)
		return (struct bracket){ true, 0, timeline->nmoments - 1 };
	for (size_t i = 0; i < timeline->nmoments && !bracket.known; i++) {
		if ((int64_t)moments[i].end_ns <= start - ahead->hi) {
			bracket.before = i;
			has_before = true;
		} else if ((int64_t)moments[i].start_ns >= end - ahead->lo) {
			bracket.after = i;
			bracket.known = has_before;
			break;
		}
	}
	return bracket;
}

static size_t set_brackets(struct growth *growth, const struct interval *ahead)
{
	const struct job *job = growth->job;
	size_t known = 0;

	for (size_t r = 0; r < job->doc->nreadings; r++) {
		growth->brackets[r] = bracket_of(job, &job->doc->readings[r], ahead);
		known += growth->brackets[r].known;
	}
	return known;
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

/* What each reading of this count says that there was before. */
static void collect(struct growth *growth, const struct observation *like)
{
	const struct job *job = growth->job;
	size_t column = column_of(job, like);

	growth->n = 0;
	for (size_t r = 0; r < job->doc->nreadings; r++) {
		const struct guest_reading *reading = &job->doc->readings[r];
		const struct bracket *bracket = &growth->brackets[r];

		for (size_t i = 0; bracket->known && i < reading->nobservations; i++) {
			const struct observation *o = &reading->observations[i];
			int64_t value = (int64_t)o->value;
			int64_t lost = (int64_t)job->timeline->moments[bracket->after].lost;

			if (!is_same(o, like))
				continue;
			growth->observations[growth->n] = o;
			growth->around[growth->n] = bracket;
			growth->intervals[growth->n++] = (struct interval){
				value - lost -
					(int64_t)timeline_count(job->timeline, bracket->after,
								column),
				value - (int64_t)timeline_count(job->timeline, bracket->before,
								column),
			};
		}
	}
}

static bool overlaps(const struct interval *a, const struct interval *b)
{
	return a->lo <= b->hi && a->hi >= b->lo;
}

/* How many of them do not fit the one number from before that most do; 0 for just one. */
static size_t misfits(struct growth *growth, struct interval *before)
{
	size_t wrong = 0;

	if (growth->n < 2)
		return 0;
	if (best_cover(growth->intervals, growth->n, before) < 0)
		growth->no_memory = true;
	for (size_t i = 0; i < growth->n; i++)
		wrong += !overlaps(&growth->intervals[i], before);
	return wrong;
}

static void judge_collected(struct growth *growth, const struct interval *before)
{
	struct job *job = growth->job;

	for (size_t i = 0; growth->n > 1 && i < growth->n; i++) {
		const struct observation *o = growth->observations[i];
		size_t column = column_of(job, o);
		int64_t low =
			(int64_t)timeline_count(job->timeline, growth->around[i]->before, column) +
			before->lo;
		int64_t high =
			(int64_t)timeline_count(job->timeline, growth->around[i]->after, column) +
			before->hi;
		struct judged judged = {
			.leaf = o->leaf,
			.code = o->code,
			.where = o->where,
			.value = o->value,
			.low = low > 0 ? (uint64_t)low : 0,
			.high = high > 0 ? (uint64_t)high : 0,
		};

		if (!overlaps(&growth->intervals[i], before) || before->hi < 0) {
			judged.verdict = VERDICT_DISAGREE;
			snprintf(judged.why, sizeof(judged.why),
				 before->hi < 0 ? "less than the host alone has counted"
						: "has not grown as the host's, between the other "
						  "readings");
		}
		add_judged(job, &judged);
	}
}

/* Each count once, at its first reading. */
static size_t for_each_count(struct growth *growth, bool judge_them)
{
	const struct job *job = growth->job;
	struct interval before = { 0, 0 };
	size_t wrong = 0;

	for (size_t r = 0; r < job->doc->nreadings; r++) {
		const struct guest_reading *reading = &job->doc->readings[r];

		for (size_t i = 0; growth->brackets[r].known && i < reading->nobservations; i++) {
			if (!is_count(&reading->observations[i]))
				continue;
			collect(growth, &reading->observations[i]);
			if (growth->observations[0] != &reading->observations[i])
				continue;
			wrong += misfits(growth, &before);
			if (judge_them)
				judge_collected(growth, &before);
		}
	}
	return wrong;
}

/* --- cycles -------------------------------------------------------------------------------- */

static const struct observation *find_same(const struct guest_reading *reading,
					   const struct observation *like)
{
	for (size_t i = 0; i < reading->nobservations; i++)
		if (is_same(&reading->observations[i], like))
			return &reading->observations[i];
	return NULL;
}

/* From one reading to the next the guest was away for no less than the host says. */
static size_t compare_away_growth(struct growth *growth, size_t r, bool judge_them)
{
	const struct guest_reading *reading = &growth->job->doc->readings[r];
	size_t from = growth->brackets[r - 1].after, to = growth->brackets[r].before, wrong = 0;

	if (!growth->brackets[r - 1].known || !growth->brackets[r].known || from >= to)
		return 0;
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
			wrong++;
			judged.verdict = VERDICT_DISAGREE;
			snprintf(judged.why, sizeof(judged.why),
				 "grown less than the host's windows, which lie within these");
		}
		if (judge_them)
			add_judged(growth->job, &judged);
	}
	return wrong;
}

/* --- how far the clocks are apart ------------------------------------------------------------ */

#define MAX_WORK 2000000000ull

/* What does not fit when the guest's clock is ahead by this. */
struct fit {
	struct interval ahead;
	size_t counts, away;
};

static bool fit_at(struct growth *growth, const struct interval *ahead, size_t least_known,
		   struct fit *fit)
{
	*fit = (struct fit){ .ahead = *ahead };
	if (set_brackets(growth, ahead) < least_known)
		return false;
	fit->counts = for_each_count(growth, false);
	for (size_t r = 1; r < growth->job->doc->nreadings; r++)
		fit->away += compare_away_growth(growth, r, false);
	return true;
}

/* Gap k, counted from the one that the first reading was taken in if the clocks agree. */
static bool ahead_by(const struct job *job, size_t k, struct interval *ahead)
{
	const struct guest_reading *first = &job->doc->readings[0];
	const struct moment *moments = job->timeline->moments;
	int64_t start = (int64_t)(first->real_ns - moments[0].real_ns + moments[0].start_ns);
	size_t nearest = 0, gap;

	while (nearest + 2 < job->timeline->nmoments &&
	       (int64_t)moments[nearest + 1].start_ns <= start)
		nearest++;
	gap = k % 2 ? nearest - (k + 1) / 2 : nearest + k / 2;
	if (gap >= job->timeline->nmoments - 1)
		return false;
	*ahead = (struct interval){ start - (int64_t)moments[gap + 1].start_ns,
				    start - (int64_t)moments[gap].start_ns };
	return true;
}

/*
 * Which clock difference, the nearest to none, leaves the fewest misfits? None, if at
 * most one count does not fit then: it is wrong, not the clocks.
 */
static struct interval find_ahead(struct growth *growth)
{
	const struct job *job = growth->job;
	const struct guest_reading *first = &job->doc->readings[0];
	struct fit best, fit;
	uint64_t work = job->doc->nreadings * first->nobservations;
	struct interval ahead = { 0, 0 };

	if (!fit_at(growth, &ahead, 2, &best))
		best.counts = SIZE_MAX / 2;
	if (!first->timed || (best.counts <= 1 && !best.away))
		return best.ahead;
	work *= work;
	for (size_t k = 0; k < 2 * job->timeline->nmoments && (k + 1) * work < MAX_WORK; k++) {
		if (!ahead_by(job, k, &ahead) || !fit_at(growth, &ahead, job->doc->nreadings, &fit))
			continue;
		if (fit.counts + fit.away < best.counts + best.away)
			best = fit;
	}
	return best.ahead;
}

/* --- all ------------------------------------------------------------------------------------- */

static void tell_how(struct growth *growth, const struct interval *ahead, size_t known)
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
	if (known < job->doc->nreadings)
		note(job, "%zu of %zu readings are not between two snapshots: not compared",
		     job->doc->nreadings - known, job->doc->nreadings);
}

static int grow(struct growth *growth, struct error *err)
{
	struct job *job = growth->job;
	struct interval ahead = find_ahead(growth);
	size_t known = set_brackets(growth, &ahead);

	tell_how(growth, &ahead, known);
	for_each_count(growth, true);
	for (size_t r = 0; r < job->doc->nreadings; r++) {
		if (r)
			compare_away_growth(growth, r, true);
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
