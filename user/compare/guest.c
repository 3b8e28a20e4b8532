// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "compare/align.h"
#include "base/array.h"
#include "base/clock.h"
#include "compare/job.h"
#include "model/reasons.h"

/* How far CLOCK_MONOTONIC can be from the TSC: NTP slews it by 500 ppm at most. */
#define SCALE_PPM	   500u
#define MEASURED_SCALE_PPM 1000u /* where the TSC's frequency was measured in 20 ms */

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = { "agree", "explained", "disagree" };

	return names[verdict];
}

void note(struct job *job, const char *fmt, ...)
{
	char(*last)[256] = array_append(&job->out->notes, &job->out->nnotes, sizeof(*last));
	va_list args;

	if (!last) {
		job->no_memory = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(*last, sizeof(*last), fmt, args);
	va_end(args);
}

/* --- lines ------------------------------------------------------------------------------ */

static struct compare_line *find_line(struct job *job, enum leaf leaf, uint32_t code)
{
	struct compared_guest *out = job->out;
	struct compare_line *last;

	if (leaf < LEAF_COUNT)
		code = 0;
	for (size_t i = 0; i < out->nlines; i++)
		if (out->lines[i].leaf == leaf && out->lines[i].code == code)
			return &out->lines[i];
	last = array_append(&out->lines, &out->nlines, sizeof(*last));
	if (last)
		*last = (struct compare_line){ .leaf = leaf, .code = code };
	else
		job->no_memory = true;
	return last;
}

static void add_finding(struct job *job, const struct judged *judged)
{
	struct finding *f = findings_add(job->findings, job->doc->file);

	finding_field(f, "%s", judged->where);
	finding_value(f, judged->value);
	if (judged->high == UINT64_MAX)
		finding_expected(f, "%" PRIu64 " or more", judged->low);
	else if (judged->low == judged->high)
		finding_expected(f, "%" PRIu64, judged->low);
	else
		finding_expected(f, "%" PRIu64 " to %" PRIu64, judged->low, judged->high);
	finding_why(f, "%s", judged->why);
	if (f)
		f->explained = judged->verdict == VERDICT_EXPLAINED;
}

void add_judged(struct job *job, const struct judged *judged)
{
	struct compare_line *line;

	if (job->trial) {
		job->trial_wrong += judged->verdict == VERDICT_DISAGREE;
		return;
	}
	line = find_line(job, judged->leaf, judged->code);
	if (!line)
		return;
	line->readings++;
	line->guest = judged->value;
	line->low = judged->low;
	line->high = judged->high;
	if (judged->verdict > line->verdict) {
		line->verdict = judged->verdict;
		memcpy(line->why, judged->why, sizeof(line->why));
	}
	job->out->checked++;
	job->out->explained += judged->verdict == VERDICT_EXPLAINED;
	job->out->wrong += judged->verdict == VERDICT_DISAGREE;
	if (judged->verdict != VERDICT_AGREE)
		add_finding(job, judged);
}

/* --- counts ---------------------------------------------------------------------------------- */

size_t column_of(const struct job *job, const struct observation *o)
{
	return o->leaf == LEAF_COUNT_ALL || o->leaf == LEAF_AWAY_ALL || o->leaf == LEAF_HANDLED_ALL
		       ? timeline_total(job->timeline)
		       : timeline_column(job->timeline, o->code);
}

/* What the host had counted when a gap began, and when it ended. */
static uint64_t host_low(const struct job *job, long gap, size_t column)
{
	return gap < 0 ? 0 : timeline_count(job->timeline, (size_t)gap, column);
}

static uint64_t host_high(const struct job *job, long gap, size_t column)
{
	return (size_t)gap + 1 < job->timeline->nmoments
		       ? timeline_count(job->timeline, (size_t)gap + 1, column)
		       : UINT64_MAX;
}

static void explain_count(const struct job *job, const struct placed *placed, struct judged *judged)
{
	size_t moment = (size_t)placed->count.gap + 1;
	uint64_t lost = moment < job->timeline->nmoments ? job->timeline->moments[moment].lost : 0;

	if (placed->suspect) {
		judged->verdict = VERDICT_DISAGREE;
		snprintf(judged->why, sizeof(judged->why),
			 "fits, but were this the wrong one then more of the others would");
		return;
	}
	if (placed->holds && judged->value <= judged->high && judged->value >= judged->low)
		return;
	judged->verdict = VERDICT_DISAGREE;
	if (judged->value > judged->high) {
		snprintf(judged->why, sizeof(judged->why), "%" PRIu64 " more than the host's%s",
			 judged->value - judged->high,
			 moment + 1 == job->timeline->nmoments
				 ? ", unless it was read after the host's run"
				 : "");
	} else if (judged->value < judged->low) {
		snprintf(judged->why, sizeof(judged->why), "%" PRIu64 " less than the host's",
			 judged->low - judged->value);
	} else {
		snprintf(judged->why, sizeof(judged->why),
			 "does not go with the numbers read before and after it");
	}
	if (placed->holds && judged->value > judged->high && judged->value - judged->high <= lost) {
		judged->verdict = VERDICT_EXPLAINED;
		snprintf(judged->why, sizeof(judged->why),
			 "%" PRIu64 " more than the host's, whose losses were %" PRIu64 " exits",
			 judged->value - judged->high, lost);
	}
}

/* The reading's own exits say more: so many of CPUID before it, so many after it. */
static void narrow(const struct job *job, const struct placing *placing,
		   const struct placed *placed, size_t column, struct judged *judged)
{
	uint64_t low = host_low(job, placing->first_gap, column) + placed->own_before;
	uint64_t high = host_high(job, placing->last_gap, column);

	if (!placed->has_own)
		return;
	if (low > judged->low)
		judged->low = low;
	if (high != UINT64_MAX && high >= placed->own_after &&
	    high - placed->own_after < judged->high)
		judged->high = high - placed->own_after;
}

static void compare_count(struct job *job, const struct placing *placing,
			  const struct placed *placed)
{
	const struct observation *o = placed->observation;
	size_t column = column_of(job, o);
	struct judged judged = {
		.leaf = o->leaf,
		.code = o->code,
		.where = o->where,
		.value = o->value,
		.low = host_low(job, placed->count.gap, column),
		.high = host_high(job, placed->count.gap, column),
	};

	if (!o->defined) {
		judged.verdict = judged.high ? VERDICT_EXPLAINED : VERDICT_AGREE;
		snprintf(judged.why, sizeof(judged.why),
			 "the manual defines no such reason: it is in the totals only");
	} else {
		narrow(job, placing, placed, column, &judged);
		explain_count(job, placed, &judged);
	}
	add_judged(job, &judged);
}

/* --- cycles ----------------------------------------------------------------------------------- */

/*
 * The host's windows lie within the guest's: each of them is at most as long, but
 * for the scale of the clock and the rounding of both its ends to a nanosecond.
 */
uint64_t least_away(const struct job *job, size_t from, size_t to, size_t column)
{
	const struct timeline *timeline = job->timeline;
	const struct host_doc *host = timeline->doc;
	uint64_t ppm = host->tsc_measured ? MEASURED_SCALE_PPM : SCALE_PPM;
	uint64_t count =
		timeline_count(timeline, to, column) - timeline_count(timeline, from, column);
	uint64_t cycles =
		timeline_cycles(timeline, to, column) - timeline_cycles(timeline, from, column);
	/* An exit that was counted before is timed after. */
	uint64_t exits = count + timeline->vm->nvcpus;
	uint64_t off = cycles / 1000000 * ppm + ppm + exits * (host->tsc_khz / 1000000 + 1) + 1;

	return cycles > off ? cycles - off : 0;
}

/* No vCPU was away for longer than the host's run, in which all its exits were. */
static uint64_t most_away(const struct job *job, long gap)
{
	const struct timeline *timeline = job->timeline;
	size_t last = timeline->nmoments - 1;
	unsigned __int128 cycles;

	if (!timeline->has_snapshots || gap >= (long)last)
		return UINT64_MAX;
	cycles = timeline->moments[last].end_ns - timeline->moments[0].start_ns;
	cycles = cycles * (timeline->doc->tsc_khz + 1) / 1000000 * timeline->vm->nvcpus;
	cycles += cycles / 1000000 * (MEASURED_SCALE_PPM + 1) + MEASURED_SCALE_PPM;
	return cycles < UINT64_MAX ? (uint64_t)cycles : UINT64_MAX;
}

static void compare_away(struct job *job, const struct observation *o, long gap)
{
	struct judged judged = {
		.leaf = o->leaf,
		.code = o->code,
		.where = o->where,
		.value = o->value,
		.low = gap < 0 ? 0 : least_away(job, 0, (size_t)gap, column_of(job, o)),
		.high = most_away(job, gap),
	};

	if (judged.value < judged.low) {
		judged.verdict = VERDICT_DISAGREE;
		snprintf(judged.why, sizeof(judged.why),
			 "the host's windows, which lie within these, are longer");
	} else if (judged.value > judged.high) {
		judged.verdict = VERDICT_DISAGREE;
		snprintf(judged.why, sizeof(judged.why),
			 "longer than the host's whole run, in which all exits were");
	}
	add_judged(job, &judged);
}

/* Read before the cycles away of the same exits: those only grow meanwhile. */
static void compare_one_handled(struct job *job, const struct observation *handled,
				const struct observation *away)
{
	struct judged judged = {
		.leaf = handled->leaf,
		.code = handled->code,
		.where = handled->where,
		.value = handled->value,
		.low = 0,
		.high = away->value,
	};

	if (judged.value > judged.high) {
		judged.verdict = job->timeline->vm->nvcpus > 1 ? VERDICT_EXPLAINED
							       : VERDICT_DISAGREE;
		snprintf(
			judged.why, sizeof(judged.why),
			judged.verdict == VERDICT_EXPLAINED
				? "more than away: up to %zu other vCPUs were in user space, handled "
				  "but still away"
				: "more than away, which it is a part of, with %zu other vCPUs",
			job->timeline->vm->nvcpus - 1);
	}
	add_judged(job, &judged);
}

static enum leaf away_of(enum leaf leaf)
{
	return leaf == LEAF_HANDLED ? LEAF_AWAY : LEAF_AWAY_ALL;
}

void compare_handled(struct job *job, const struct guest_reading *reading)
{
	for (size_t i = 0; i < reading->nobservations; i++) {
		const struct observation *o = &reading->observations[i];

		if ((o->leaf != LEAF_HANDLED && o->leaf != LEAF_HANDLED_ALL) || !o->defined)
			continue;
		for (size_t j = i + 1; j < reading->nobservations; j++) {
			const struct observation *away = &reading->observations[j];

			if (away->leaf != away_of(o->leaf) ||
			    (away->leaf == LEAF_AWAY && away->code != o->code))
				continue;
			compare_one_handled(job, o, away);
			break;
		}
	}
}

/* Each was read after the counts before it. */
static void compare_cycles(struct job *job, const struct guest_reading *reading,
			   const struct placing *placing)
{
	long gap = placing->first_gap;
	size_t next = 0;

	for (size_t i = 0; i < reading->nobservations; i++) {
		const struct observation *o = &reading->observations[i];

		if (next < placing->nplaced && placing->placed[next].observation == o) {
			if (placing->placed[next].holds)
				gap = placing->placed[next].count.gap;
			next++;
		} else if ((o->leaf == LEAF_AWAY || o->leaf == LEAF_AWAY_ALL) && o->defined) {
			compare_away(job, o, gap);
		}
	}
	compare_handled(job, reading);
}

/* --- what the guest does not have ---------------------------------------------------------------
 */

static bool has_code(const struct guest_reading *reading, uint32_t code)
{
	for (size_t i = 0; i < reading->nreasons; i++)
		if (reading->reasons[i].code == code)
			return true;
	return false;
}

/* A reading of all reasons lacks one that the host had counted before. */
static void compare_absent(struct job *job, const struct guest_reading *reading, size_t r)
{
	const struct placing *placing = &job->placings[r];
	const struct timeline *timeline = job->timeline;
	char where[WHERE_LEN], name[REASON_NAME_LEN];

	if (!job->doc->root || job->doc->selection == SELECTED_CHOSEN)
		return;
	for (size_t i = 0; i < timeline->ncodes; i++) {
		uint32_t code = timeline->codes[i];
		struct judged judged = {
			.leaf = LEAF_COUNT,
			.code = code,
			.where = where,
			.low = host_low(job, placing->first_gap, i),
			.high = host_high(job, placing->last_gap, i),
		};

		if (has_code(reading, code) || !judged.low)
			continue;
		snprintf(where, sizeof(where), "readings[%zu].reasons", r);
		reason_name(name, job->doc->isa, code);
		judged.verdict = leaves_define(job->doc->isa, code) ? VERDICT_DISAGREE
								    : VERDICT_EXPLAINED;
		snprintf(judged.why, sizeof(judged.why),
			 judged.verdict == VERDICT_DISAGREE
				 ? "there is no %.60s, which the host had counted"
				 : "the manual does not define %.60s: it is in the totals only",
			 name);
		add_judged(job, &judged);
	}
}

/* --- all readings --------------------------------------------------------------------------------
 */

static void compare_reading(struct job *job, size_t r)
{
	const struct guest_reading *reading = &job->doc->readings[r];
	const struct placing *placing = &job->placings[r];

	for (size_t i = 0; i < placing->nplaced; i++)
		compare_count(job, placing, &placing->placed[i]);
	compare_cycles(job, reading, placing);
	compare_absent(job, reading, r);
}

/* A VM that may have run before the host's run, and does not fit it: it has. */
static bool is_older(struct job *job)
{
	if (job->timeline->vm->whole)
		return false;
	job->trial = true;
	for (size_t r = 0; r < job->doc->nreadings; r++)
		compare_reading(job, r);
	job->trial = false;
	return job->trial_wrong > 0;
}

static void check_head(struct job *job)
{
	const struct host_doc *host = job->timeline->doc;
	const struct guest_doc *doc = job->doc;
	struct finding *f;

	if (!doc->has_isa)
		return;
	if (doc->isa != host->isa) {
		f = findings_add(job->findings, doc->file);
		finding_field(f, "%s", doc->isa_where);
		finding_expected(f, "%s", isa_name(host->isa));
		finding_why(f, "the host's document is of another ISA");
	}
	if (host->tsc_measured || doc->tsc_khz == host->tsc_khz)
		return;
	f = findings_add(job->findings, doc->file);
	finding_field(f, "%s", doc->khz_where);
	finding_value(f, doc->tsc_khz);
	finding_expected(f, "%" PRIu64, host->tsc_khz);
	finding_why(f, "not the TSC of the host's document: one of the two is wrong");
	f = findings_add(job->findings, host->file);
	finding_field(f, "host.tsc_khz");
	finding_value(f, host->tsc_khz);
	finding_expected(f, "%" PRIu64, doc->tsc_khz);
	finding_why(f, "not the TSC of the guest's host: one of the two is wrong");
}

static void note_placing(struct job *job)
{
	struct clocks clocks;

	if (!job->timeline->has_snapshots)
		note(job, "the host's file has no snapshots: readings can only be held against the "
			  "run's start and end; trace with --snapshots for more");
	if (!job->doc->root) {
		note(job,
		     "a pasted text has no times: its lines were read in their order, some time "
		     "in the host's run");
		return;
	}
	if (job->doc->selection == SELECTED_CHOSEN)
		note(job, "only the chosen reasons were read");
	clocks = placing_clocks(job->placings, job->doc, job->timeline);
	if (clocks.known && clocks.lo <= 0 && clocks.hi >= 0)
		note(job, "%zu reading%s, placed between snapshots by counts; the clocks agree",
		     job->doc->nreadings, job->doc->nreadings == 1 ? "" : "s");
	else if (clocks.known)
		note(job,
		     "%zu reading%s, placed between snapshots by counts: the guest's clock is %.3f to "
		     "%.3f s %s the host's",
		     job->doc->nreadings, job->doc->nreadings == 1 ? "" : "s",
		     (double)llabs(clocks.lo > 0 ? clocks.lo : clocks.hi) / 1e9,
		     (double)llabs(clocks.lo > 0 ? clocks.hi : clocks.lo) / 1e9,
		     clocks.lo > 0 ? "ahead of" : "behind");
	for (size_t r = 0; r < job->doc->nreadings; r++)
		if (job->placings[r].jumped)
			note(job,
			     "readings[%zu] fits by itself, but was not read when its clock says: was "
			     "the VM stopped, or its clock set?",
			     r);
}

static void note_cycles(struct job *job)
{
	note(job,
	     "cycles: the host's are nanoseconds, scaled, off by 0.%02u %% at most; checked is that "
	     "the guest's are not less, and that handled is not more than away; how much more away "
	     "is than the host's, the probes' own cost, is not",
	     (job->timeline->doc->tsc_measured ? MEASURED_SCALE_PPM : SCALE_PPM) / 100);
}

static int compare_all(struct job *job, struct error *err)
{
	if (placing_all(job->placings, job->doc, job->timeline, job->findings))
		return fail(err, STATUS_FAILED, "out of memory");
	job->out->growth_only = is_older(job);
	if (job->out->growth_only)
		return compare_growth(job, err);
	note_placing(job);
	for (size_t r = 0; r < job->doc->nreadings; r++)
		compare_reading(job, r);
	note_cycles(job);
	return 0;
}

int compare_guest(struct compared_guest *compared, const struct timeline *timeline,
		  const struct guest_doc *doc, struct findings *findings, struct error *err)
{
	struct job job = {
		.out = compared, .timeline = timeline, .doc = doc, .findings = findings
	};
	int ret = -1;

	*compared = (struct compared_guest){ .doc = doc };
	job.placings = calloc(doc->nreadings, sizeof(*job.placings));
	if (job.placings) {
		check_head(&job);
		ret = compare_all(&job, err);
		job.no_memory |= !ret && compare_answers(&job);
		placing_free(job.placings, doc->nreadings);
	}
	if (!job.placings || job.no_memory)
		ret = fail(err, STATUS_FAILED, "out of memory");
	else if (!ret && !compared->checked)
		ret = fail(err, STATUS_CANNOT, "%s has no number to compare", doc->file);
	if (ret)
		compared_free(compared);
	return ret;
}

void compared_free(struct compared_guest *compared)
{
	free(compared->lines);
	free(compared->notes);
	memset(compared, 0, sizeof(*compared));
}
