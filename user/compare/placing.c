// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "compare/placing.h"

#define NEVER	     (INT64_MIN / 4)
#define FOREVER	     (INT64_MAX / 4)
#define NEIGHBOURS   100u /* readings before and behind that tell how the clocks differ */
#define MAX_SUSPECTS 256u
#define SLEW	     1000 /* two clocks: 1 part in 1000, by what NTP corrects at most */

/* --- the counts of a reading ------------------------------------------------------------- */

static bool is_cpuid(const struct guest_doc *doc, const struct observation *o)
{
	return o->leaf == LEAF_COUNT && o->code == cpuid_reason(doc->isa);
}

/* Only where the file's own numbers of own exits are right: guestcheck() has told. */
static bool own_is_right(const struct findings *findings, const char *file, size_t r)
{
	char field[64];
	size_t len = (size_t)snprintf(field, sizeof(field), "readings[%zu].own.", r);

	for (size_t i = 0; i < findings->n; i++)
		if (findings->list[i].file == file && !strncmp(findings->list[i].field, field, len))
			return false;
	return true;
}

static void set_own(struct placed *placed, const struct guest_own *own, uint64_t in_count)
{
	placed->has_own = true;
	placed->own_before = in_count - (own->so_far - own->reading);
	placed->own_after = own->so_far - in_count;
	if (placed->own_before > own->reading || placed->own_after > own->reading ||
	    placed->own_before > placed->observation->value)
		placed->has_own = false;
}

static int find_counts(struct placing *placing, const struct guest_doc *doc, size_t r,
		       const struct timeline *timeline, bool own_right)
{
	const struct guest_reading *reading = &doc->readings[r];

	placing->placed = calloc(reading->nobservations + 1, sizeof(*placing->placed));
	if (!placing->placed)
		return -ENOMEM;
	for (size_t i = 0; i < reading->nobservations; i++) {
		const struct observation *o = &reading->observations[i];
		struct placed *placed = &placing->placed[placing->nplaced];

		if (o->leaf != LEAF_COUNT && o->leaf != LEAF_COUNT_ALL)
			continue;
		placing->nplaced++;
		placed->observation = o;
		placed->column = o->leaf == LEAF_COUNT ? timeline_column(timeline, o->code)
						       : timeline_total(timeline);
		if (!reading->timed || !own_right)
			continue;
		if (o->leaf == LEAF_COUNT_ALL)
			set_own(placed, &reading->own, reading->own.in_total);
		else if (is_cpuid(doc, o) && reading->own.has_cpuid)
			set_own(placed, &reading->own, reading->own.in_cpuid);
	}
	return 0;
}

/* --- claims --------------------------------------------------------------------------------- */

/*
 * A reading's claims: what there was before its first own exit, each count, what
 * there was after its last. Returns how many; claims has room for three each.
 */
static size_t make_claims(const struct placing *placing, const struct timeline *timeline,
			  struct claim *claims)
{
	size_t n = 0;

	for (size_t i = 0; i < placing->nplaced; i++) {
		const struct placed *p = &placing->placed[i];

		if (p->has_own)
			claim_at_most(&claims[n++], timeline, p->column,
				      p->observation->value - p->own_before);
	}
	for (size_t i = 0; i < placing->nplaced; i++) {
		const struct placed *p = &placing->placed[i];

		claim_count(&claims[n++], timeline, p->column, p->observation->value);
		/* A reason that the manual does not define says nothing. */
		if (!p->observation->defined)
			claim_at_least(&claims[n - 1], timeline, p->column, 0);
	}
	for (size_t i = 0; i < placing->nplaced; i++) {
		const struct placed *p = &placing->placed[i];

		if (p->has_own)
			claim_at_least(&claims[n++], timeline, p->column,
				       p->observation->value + p->own_after);
	}
	return n;
}

/* Back to the counts: one holds where all its claims do. */
static void take_claims(struct placing *placing, const struct claim *claims, size_t n)
{
	size_t nown = (n - placing->nplaced) / 2, own = 0;

	for (size_t i = 0; i < placing->nplaced; i++) {
		struct placed *p = &placing->placed[i];

		p->count = claims[nown + i];
		p->holds = p->count.holds;
		if (p->has_own) {
			p->holds &= claims[own].holds && claims[n - nown + own].holds;
			own++;
		}
	}
	placing->first_gap = claims[0].gap;
	placing->last_gap = claims[n - 1].gap;
}

/* How far the clocks are apart, by all claims that hold. */
static void find_offset(struct placing *placing, const struct guest_reading *reading,
			const struct timeline *timeline, const struct claim *claims, size_t n)
{
	struct interval *offset = &placing->offset;
	int64_t start = (int64_t)reading->start_ns, end = start + (int64_t)reading->took_ns;

	*offset = (struct interval){ NEVER, FOREVER };
	for (size_t i = 0; i < n; i++) {
		const struct claim *claim = &claims[i];
		int64_t lo = NEVER, hi = FOREVER;

		if (!claim->holds)
			continue;
		if (claim->first_gap >= 0)
			lo = (int64_t)timeline->moments[claim->first_gap].start_ns - end;
		if (claim->last_gap + 1 < (long)timeline->nmoments)
			hi = (int64_t)timeline->moments[claim->last_gap + 1].end_ns - start;
		offset->lo = lo > offset->lo ? lo : offset->lo;
		offset->hi = hi < offset->hi ? hi : offset->hi;
	}
}

/* The gaps that a reading can begin in, and the last that it can end in. */
struct range {
	long first, last, end;
};

static size_t violated(const struct placing *placing)
{
	size_t n = 0;

	for (size_t i = 0; i < placing->nplaced; i++)
		n += !placing->placed[i].holds;
	return n;
}

static int place(struct placing *placing, const struct guest_reading *reading,
		 const struct timeline *timeline, const struct range *range)
{
	struct claim *claims = calloc(3 * placing->nplaced + 1, sizeof(*claims));
	size_t n = claims ? make_claims(placing, timeline, claims) : 0;
	long ret = claims ? 0 : -ENOMEM;

	if (n)
		ret = align(claims, n, timeline, range->first, range->last, range->end,
			    reading->timed ? reading->took_ns : UNLIMITED);
	if (n && ret >= 0) {
		take_claims(placing, claims, n);
		find_offset(placing, reading, timeline, claims, n);
	}
	free(claims);
	return ret < 0 ? -ENOMEM : 0;
}

/* A number that is taken for wrong says nothing. */
static void free_claims(const struct placing *placing, struct claim *claims, size_t n, size_t i,
			const struct timeline *timeline)
{
	size_t nown = (n - placing->nplaced) / 2, own = 0;
	const struct claim any = { .first_gap = -1, .last_gap = (long)timeline->nmoments };

	for (size_t j = 0; j < i; j++)
		own += placing->placed[j].has_own;
	claims[nown + i] = any;
	if (placing->placed[i].has_own)
		claims[own] = claims[n - nown + own] = any;
}

/*
 * Where one number does not fit, it may be another one that is wrong: those without
 * which more would hold are told as well.
 */
static int find_suspects(struct placing *placing, const struct guest_reading *reading,
			 const struct timeline *timeline, const struct range *range)
{
	uint64_t took = reading->timed ? reading->took_ns : UNLIMITED;
	struct claim *claims = calloc(3 * placing->nplaced + 1, sizeof(*claims));
	long best = -ENOMEM, without = 0;

	for (size_t i = 0; claims && i <= placing->nplaced && without >= 0; i++) {
		size_t n = make_claims(placing, timeline, claims);

		if (!i) {
			best = align(claims, n, timeline, range->first, range->last, range->end,
				     took);
			continue;
		}
		if (!placing->placed[i - 1].holds)
			continue;
		free_claims(placing, claims, n, i - 1, timeline);
		without = align(claims, n, timeline, range->first, range->last, range->end, took);
		placing->placed[i - 1].suspect = without > best;
	}
	free(claims);
	return best < 0 || without < 0 ? -ENOMEM : 0;
}

/* --- all readings ------------------------------------------------------------------------------
 */

/* Within the run; only the clocks can tell that a reading was taken after it. */
static struct range whole_run(const struct guest_reading *reading, const struct timeline *timeline)
{
	long last = (long)timeline->nmoments - 2;

	if (reading->timed && reading->real_ns > timeline->doc->end_ns)
		last++;
	return (struct range){ 0, last, last };
}

static struct interval widened(const struct interval *interval, uint64_t a, uint64_t b)
{
	int64_t by = (int64_t)((a > b ? a - b : b - a) / SLEW);

	return (struct interval){ interval->lo - by, interval->hi + by };
}

/* How far the clocks are apart at this reading, by most of those around it. */
static int agreed_offset(const struct placing *placings, const struct guest_doc *doc, size_t r,
			 struct interval *agreed)
{
	size_t first = r > NEIGHBOURS ? r - NEIGHBOURS : 0, n = 0;
	size_t last = r + NEIGHBOURS < doc->nreadings ? r + NEIGHBOURS : doc->nreadings - 1;
	struct interval *all = calloc(last - first + 1, sizeof(*all));
	long ret;

	if (!all)
		return -ENOMEM;
	for (size_t q = first; q <= last; q++)
		all[n++] = widened(&placings[q].offset, doc->readings[q].start_ns,
				   doc->readings[r].start_ns);
	ret = best_cover(all, n, agreed);
	free(all);
	return ret < 0 ? -ENOMEM : 0;
}

/* The gaps that are within the run at these clock offsets; a text has no clock. */
static struct range range_at(const struct guest_reading *reading, const struct timeline *timeline,
			     const struct interval *offset)
{
	struct range run = whole_run(reading, timeline), range = { run.last, run.first, run.first };
	int64_t start = (int64_t)reading->start_ns, end = start + (int64_t)reading->took_ns;

	for (long gap = run.first; reading->timed && gap <= run.last; gap++) {
		int64_t begins = (int64_t)timeline->moments[gap].start_ns, ends = FOREVER;

		if (gap + 1 < (long)timeline->nmoments)
			ends = (int64_t)timeline->moments[gap + 1].end_ns;
		if (begins < start + offset->hi && ends > start + offset->lo) {
			range.first = gap < range.first ? gap : range.first;
			range.last = gap;
		}
		if (begins < end + offset->hi)
			range.end = gap;
	}
	return reading->timed && range.first <= range.last && range.end >= range.last ? range : run;
}

/* Once more, when its clock says: where it then fits less, see what that means. */
static int place_by_clock(struct placing *placing, const struct guest_reading *reading,
			  const struct timeline *timeline, const struct interval *agreed)
{
	struct range range = range_at(reading, timeline, agreed);
	struct placing alone = *placing;
	size_t size = placing->nplaced * sizeof(*placing->placed);

	if (placing->offset.lo <= agreed->hi && placing->offset.hi >= agreed->lo &&
	    !violated(placing))
		return 0;
	alone.placed = malloc(size + 1);
	if (!alone.placed)
		return -ENOMEM;
	memcpy(alone.placed, placing->placed, size);
	if (place(placing, reading, timeline, &range)) {
		free(alone.placed);
		return -ENOMEM;
	}
	/* One number that is wrong does not move the others. */
	if (!violated(&alone) && violated(placing) > 1) {
		memcpy(placing->placed, alone.placed, size);
		placing->first_gap = alone.first_gap;
		placing->last_gap = alone.last_gap;
		placing->jumped = true;
	}
	free(alone.placed);
	return 0;
}

int placing_all(struct placing *placings, const struct guest_doc *doc,
		const struct timeline *timeline, const struct findings *findings)
{
	struct interval *agreed = calloc(doc->nreadings, sizeof(*agreed));
	int err = agreed ? 0 : -ENOMEM;

	for (size_t r = 0; r < doc->nreadings && !err; r++) {
		struct range range = whole_run(&doc->readings[r], timeline);

		err = find_counts(&placings[r], doc, r, timeline,
				  own_is_right(findings, doc->file, r));
		err = err ?: place(&placings[r], &doc->readings[r], timeline, &range);
	}
	for (size_t r = 0; r < doc->nreadings && !err; r++)
		err = agreed_offset(placings, doc, r, &agreed[r]);
	for (size_t r = 0; r < doc->nreadings && !err && doc->nreadings > 1; r++)
		err = place_by_clock(&placings[r], &doc->readings[r], timeline, &agreed[r]);
	for (size_t r = 0; r < doc->nreadings && !err; r++) {
		struct range range = range_at(&doc->readings[r], timeline, &agreed[r]);

		if (violated(&placings[r]) && placings[r].nplaced <= MAX_SUSPECTS)
			err = find_suspects(&placings[r], &doc->readings[r], timeline, &range);
	}
	free(agreed);
	return err;
}

void placing_free(struct placing *placings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(placings[i].placed);
	free(placings);
}

struct clocks placing_clocks(const struct placing *placings, const struct guest_doc *doc,
			     const struct timeline *timeline)
{
	struct interval *all = calloc(doc->nreadings, sizeof(*all)), best;
	const struct moment *first = &timeline->moments[0];
	struct clocks clocks = { false, 0, 0 };
	size_t n = 0;

	for (size_t r = 0; all && r < doc->nreadings; r++) {
		const struct guest_reading *reading = &doc->readings[r];
		const struct interval *offset = &placings[r].offset;
		int64_t ahead = (int64_t)(reading->real_ns - reading->start_ns) -
				(int64_t)(first->real_ns - first->start_ns);

		if (reading->timed && offset->lo > NEVER && offset->hi < FOREVER)
			all[n++] = (struct interval){ ahead - offset->hi, ahead - offset->lo };
	}
	if (n && best_cover(all, n, &best) > 0)
		clocks = (struct clocks){ true, best.lo, best.hi };
	free(all);
	return clocks;
}
