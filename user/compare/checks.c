// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/clock.h"
#include "compare/checks.h"
#include "model/reasons.h"

/* How far CLOCK_MONOTONIC can be from the TSC: NTP slews it by 500 ppm at most. */
#define SCALE_PPM	   500u
#define MEASURED_SCALE_PPM 1000u /* where the TSC's frequency was measured in 20 ms */

/* The one before it that is right. */
static const struct number *previous(const struct number *number)
{
	const struct number *p = number->previous;

	while (p && (p->verdict == VERDICT_DISAGREE || !p->o->defined))
		p = p->previous;
	return p;
}

/* --- counts ------------------------------------------------------------------------------ */

bool checks_say_older(const struct numbers *numbers)
{
	const struct timeline *timeline = numbers->timeline;

	for_each_element(number, numbers->list, numbers->n) {
		uint64_t most = timeline_count(timeline, number->after, number->o);

		if (!timeline->vm->whole && is_count(number->o) && number->o->value > most &&
		    number->o->value - most > timeline_lost(timeline, number->after))
			return true;
	}
	return false;
}

/* What the guest may have: of an older VM what it had, and what the host has counted since. */
static bool bound_count(const struct timeline *timeline, struct number *number, bool older)
{
	const struct number *from = older ? previous(number) : NULL;
	uint64_t high = timeline_count(timeline, number->after, number->o);

	number->low = timeline_count(timeline, number->before, number->o);
	if (!older) {
		number->high = high;
	} else if (from) {
		uint64_t most = timeline_count(timeline, from->after, number->o);

		number->low = from->o->value + (number->low > most ? number->low - most : 0);
		if (high != UINT64_MAX)
			number->high = from->o->value + high -
				       timeline_count(timeline, from->before, number->o);
	}
	return !older || from;
}

/* Whether it could be held against the host's. */
static bool check_count(const struct timeline *timeline, struct number *number, bool older)
{
	uint64_t value = number->o->value, others = timeline->vm->nvcpus - 1;
	uint64_t lost = timeline_lost(timeline, number->after);
	uint64_t before = timeline_count(timeline, number->before - 1, number->o);
	bool held = bound_count(timeline, number, older);

	if (value < number->low && others && number->seen && !older && value >= before)
		/* It is formed, and then given: meanwhile the others go on. */
		number_judge(number, VERDICT_EXPLAINED,
			     "%" PRIu64 " less than the host's: exits of other vCPUs between KVM's "
			     "forming the answer and giving it",
			     number->low - value);
	else if (value < number->low)
		number_judge(number, VERDICT_DISAGREE, "%" PRIu64 " less than the host's",
			     number->low - value);
	else if (value <= number->high)
		return held;
	else if (value - number->high <= lost)
		number_judge(number, VERDICT_EXPLAINED,
			     "%" PRIu64 " more than the host's, whose losses were %" PRIu64
			     " exits",
			     value - number->high, lost);
	else if (number->seen && value - number->high <= others)
		number_judge(number, VERDICT_EXPLAINED,
			     "%" PRIu64 " more than the host's: exits of other vCPUs in flight",
			     value - number->high);
	else
		number_judge(number, VERDICT_DISAGREE, "%" PRIu64 " more than the host's%s",
			     value - number->high,
			     number->after + 1 < timeline->nmoments
				     ? ""
				     : ", unless it was read after the host's run");
	return held;
}

/* A reason that is not defined has no count, in any reading. */
static void check_defined(const struct numbers *numbers, struct number *number)
{
	const struct observation *o = number->o;
	enum definition definition = numbers_define(numbers, o->code);

	if (definition == (o->defined ? CODE_UNDEFINED : CODE_DEFINED))
		number_judge(number, VERDICT_DISAGREE,
			     o->defined ? "the manual defines no such reason"
					: "the manual defines this reason");
	else if (!o->defined && timeline_count(numbers->timeline, number->after, o))
		number_judge(number, VERDICT_EXPLAINED,
			     "the manual defines no such reason: it is in the totals only");
}

/* --- cycles ------------------------------------------------------------------------------- */

/*
 * The host's windows lie within the guest's: each of them is at most as long, but
 * for the scale of the clock and the rounding of both its ends to a nanosecond.
 */
static uint64_t least_away(const struct timeline *timeline, long from, long to,
			   const struct observation *o)
{
	const struct host *host = &timeline->doc->host;
	uint64_t ppm = host->tsc_measured ? MEASURED_SCALE_PPM : SCALE_PPM;
	uint64_t count = timeline_count(timeline, to, o) - timeline_count(timeline, from, o);
	uint64_t cycles = ns_to_cycles(
		timeline_ns(timeline, to, o) - timeline_ns(timeline, from, o), host->tsc_khz);
	/* An exit that was counted before is timed after. */
	uint64_t exits = count + timeline->vm->nvcpus;
	uint64_t off = cycles / 1000000 * ppm + ppm + exits * (host->tsc_khz / 1000000 + 1) + 1;

	return cycles > off ? cycles - off : 0;
}

/* No vCPU was away for longer than the host's run so far, in which all its exits were. */
static uint64_t most_away(const struct timeline *timeline, long after)
{
	const struct point *points = timeline->doc->series.points;
	unsigned __int128 cycles;

	if (!points || after >= timeline->nmoments)
		return UINT64_MAX;
	cycles = points[after].start_ns + points[after].took_ns - points[0].start_ns;
	cycles = cycles * (timeline->doc->host.tsc_khz + 1) / 1000000 * timeline->vm->nvcpus;
	cycles += cycles / 1000000 * (MEASURED_SCALE_PPM + 1) + MEASURED_SCALE_PPM;
	return cycles < UINT64_MAX ? (uint64_t)cycles : UINT64_MAX;
}

static void check_away(const struct timeline *timeline, struct number *number, bool older)
{
	const struct number *from = older ? previous(number) : NULL;

	if (number->before >= 0 && !older)
		number->low = least_away(timeline, 0, number->before, number->o);
	else if (from && from->after < number->before)
		number->low = from->o->value +
			      least_away(timeline, from->after, number->before, number->o);
	if (!older)
		number->high = most_away(timeline, number->after);
	if (number->o->value < number->low)
		number_judge(number, VERDICT_DISAGREE,
			     "the host's windows, which lie within these, are longer");
	else if (number->o->value > number->high)
		number_judge(number, VERDICT_DISAGREE,
			     "longer than the host's run, in which all exits were");
}

/* Read before the cycles away of the same exits, of which they are a part. */
static void check_handled(const struct numbers *numbers, struct number *number)
{
	enum leaf leaf = number->o->leaf == LEAF_HANDLED ? LEAF_AWAY : LEAF_AWAY_ALL;
	const struct number *away = number + 1, *end = numbers->list + numbers->n;
	size_t others = numbers->timeline->vm->nvcpus - 1;

	while (away < end &&
	       (away->o->leaf != leaf || (leaf == LEAF_AWAY && away->o->code != number->o->code)))
		away++;
	if (away == end || away->o->reading != number->o->reading || !away->o->defined)
		return;
	number->high = away->o->value;
	if (number->o->value > number->high && others)
		number_judge(number, VERDICT_EXPLAINED,
			     "more than away: up to %zu other vCPUs were in user space, handled "
			     "but still away",
			     others);
	else if (number->o->value > number->high)
		number_judge(number, VERDICT_DISAGREE, "more than away, which it is a part of");
}

/* --- all ----------------------------------------------------------------------------------- */

size_t checks_run(struct numbers *numbers, bool older)
{
	const struct timeline *timeline = numbers->timeline;
	size_t held = 0;

	for_each_element(number, numbers->list, numbers->n) {
		const struct number *before = previous(number);
		enum leaf leaf = number->o->leaf;

		if (!is_total(number->o))
			check_defined(numbers, number);
		if (!number->o->defined)
			continue;
		if (is_count(number->o))
			held += check_count(timeline, number, older);
		else if (leaf == LEAF_AWAY || leaf == LEAF_AWAY_ALL)
			check_away(timeline, number, older);
		else
			check_handled(numbers, number);
		if (before && number->o->value < before->o->value)
			number_judge(number, VERDICT_DISAGREE, "counters only grow");
	}
	return held;
}
