// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "model/reasons.h"
#include "compare/self.h"

/* What a reading asks besides its reasons: who answers, twice, and three totals. */
#define ASKED_WHO    2u
#define ASKED_TOTALS 3u

struct check {
	const struct guest_doc *doc;
	struct findings *findings;
	char where[96];
};

static void expect(struct check *check, const char *field, uint64_t value, uint64_t low,
		   uint64_t high, const char *why)
{
	struct finding *f;

	if (value >= low && value <= high)
		return;
	f = findings_add(check->findings, check->doc->file);
	finding_field(f, "%s%s%s", check->where, *check->where ? "." : "", field);
	finding_value(f, value);
	if (low == high)
		finding_expected(f, "%" PRIu64, low);
	else if (high == UINT64_MAX)
		finding_expected(f, "%" PRIu64 " or more", low);
	else
		finding_expected(f, "%" PRIu64 " to %" PRIu64, low, high);
	finding_why(f, "%s", why);
}

static uint32_t cpuid_code(const struct guest_doc *doc)
{
	return cpuid_reason(doc->isa);
}

/* --- what exitstat-guest asked, to the single exit ------------------------------------- */

/* Each reason is asked about once, and twice more for its cycles if it happened. */
static uint64_t asked_for(const struct guest_doc *doc, const struct guest_reading *reading,
			  uint64_t above)
{
	uint64_t all = leaves_defined_to(doc->isa, UINT32_MAX);
	uint64_t asked = 0;

	if (doc->selection == SELECTED_COUNTED)
		asked = above ? all - leaves_defined_to(doc->isa, (uint32_t)(above - 1)) : all;
	for (size_t i = 0; i < reading->nreasons; i++) {
		const struct guest_reason *reason = &reading->reasons[i];

		if (reason->code < above)
			continue;
		asked += doc->selection != SELECTED_COUNTED;
		asked += reason->sums.count ? 2 : 0;
	}
	return asked;
}

/* How many the reading asks after it has read the count of CPUID. */
static uint64_t asked_after_cpuid(const struct guest_doc *doc, const struct guest_reading *reading)
{
	/* The count itself is not one of them. */
	return asked_for(doc, reading, cpuid_code(doc)) - 1 + ASKED_TOTALS;
}

/* The value that most of them have, the first of those with as many. */
static uint64_t most_common(const uint64_t *values, size_t n)
{
	uint64_t best = values[0];
	size_t most = 0;

	for (size_t i = 0; i < n; i++) {
		size_t same = 0;

		for (size_t j = 0; j < n; j++)
			same += values[j] == values[i];
		if (same > most) {
			most = same;
			best = values[i];
		}
	}
	return best;
}

/*
 * That this program has so many exits so far is said up to four times over; so_far
 * is what it had before this reading, and then has.
 */
static void check_own(struct check *check, const struct guest_reading *reading, size_t r,
		      uint64_t *so_far)
{
	const struct guest_doc *doc = check->doc;
	const struct guest_own *own = &reading->own;
	uint64_t asked = ASKED_WHO + asked_for(doc, reading, 0) + ASKED_TOTALS;
	uint64_t after_cpuid = asked_after_cpuid(doc, reading);
	uint64_t says[4] = { own->so_far, own->in_total + 2 };
	size_t n = 2;

	if (r)
		says[n++] = *so_far + asked;
	if (own->has_cpuid)
		says[n++] = own->in_cpuid + after_cpuid;
	*so_far = most_common(says, n);
	expect(check, "own.reading", own->reading, asked, asked,
	       "not as many questions as this reading has");
	expect(check, "own.so_far", own->so_far, *so_far, *so_far,
	       "does not go with the other numbers of own exits");
	expect(check, "own.in_total", own->in_total, *so_far - 2, *so_far - 2,
	       "two questions come after that of the total");
	if (own->has_cpuid)
		expect(check, "own.in_cpuid", own->in_cpuid, *so_far - after_cpuid,
		       *so_far - after_cpuid, "not what the questions after it leave");
}

/* --- one reading ---------------------------------------------------------------------------- */

/* The total is read last, after own exits of which CPUID's count, read before, has none. */
static void check_total(struct check *check, const struct guest_reading *reading)
{
	const struct guest_own *own = &reading->own;
	struct guest_sums sum = { 0 };
	const struct guest_sums *total = &reading->total;

	for (size_t i = 0; i < reading->nreasons; i++) {
		sum.count += reading->reasons[i].sums.count;
		sum.handled += reading->reasons[i].sums.handled;
		sum.away += reading->reasons[i].sums.away;
	}
	if (own->has_cpuid && own->in_total >= own->in_cpuid)
		sum.count += own->in_total - own->in_cpuid;
	expect(check, "total.count", total->count, sum.count, UINT64_MAX,
	       "less than its reasons, and the own exits since CPUID was read, together");
	expect(check, "total.handled", total->handled, sum.handled, UINT64_MAX,
	       "less than its reasons together");
	expect(check, "total.away", total->away, sum.away, UINT64_MAX,
	       "less than its reasons together");
}

static void check_reason(struct check *check, const struct guest_reason *reason, uint32_t previous,
			 bool first)
{
	const struct guest_doc *doc = check->doc;
	char name[REASON_NAME_LEN];
	const char *why = NULL;
	struct finding *f;

	reason_name(name, doc->isa, reason->code);
	if (strcmp(name, reason->name))
		why = "this code has another name";
	else if (!first && reason->code <= previous)
		why = "not in ascending order";
	else if (reason->defined != leaves_define(doc->isa, reason->code))
		why = reason->defined ? "the manual defines no such reason"
				      : "the manual defines this reason";
	else if (!reason->sums.count && (reason->sums.handled || reason->sums.away))
		why = "no exit, and yet it took time";
	if (!why)
		return;
	f = findings_add(check->findings, doc->file);
	finding_field(f, "%s.code", check->where);
	finding_value(f, reason->code);
	finding_why(f, "%s", why);
}

static void check_reading(struct check *check, size_t r, uint64_t *so_far)
{
	const struct guest_reading *reading = &check->doc->readings[r];
	size_t len = (size_t)snprintf(check->where, sizeof(check->where), "readings[%zu]", r);

	for (size_t i = 0; i < reading->nreasons; i++) {
		snprintf(check->where + len, sizeof(check->where) - len, ".reasons[%zu]", i);
		check_reason(check, &reading->reasons[i], i ? reading->reasons[i - 1].code : 0, !i);
	}
	check->where[len] = '\0';
	check_own(check, reading, r, so_far);
	check_total(check, reading);
	if (check->doc->selection == SELECTED_ALL)
		expect(check, "reasons", reading->nreasons, check->doc->defined,
		       check->doc->defined, "not all that are defined");
	if (r)
		expect(check, "monotonic_ns", reading->start_ns,
		       reading[-1].start_ns + reading[-1].took_ns, UINT64_MAX,
		       "before the end of the reading before it");
}

/* --- from one to the next -----------------------------------------------------------------------
 */

static const struct guest_reason *find_reason(const struct guest_reading *reading, uint32_t code)
{
	for (size_t i = 0; i < reading->nreasons; i++)
		if (reading->reasons[i].code == code)
			return &reading->reasons[i];
	return NULL;
}

static const struct guest_sums *sums_of(const struct guest_reading *reading, bool total,
					uint32_t code)
{
	const struct guest_reason *reason;

	if (total)
		return &reading->total;
	reason = find_reason(reading, code);
	return reason ? &reason->sums : NULL;
}

/* The number that is looked at in several readings. */
struct series_of {
	bool total;
	uint32_t code;
	const char *field;
	size_t offset; /* in struct guest_sums */
};

static const uint64_t *number_of(const struct guest_reading *reading, const struct series_of *of)
{
	const struct guest_sums *sums = sums_of(reading, of->total, of->code);

	return sums ? (const uint64_t *)((const char *)sums + of->offset) : NULL;
}

static void expect_grown(struct check *check, size_t r, const struct series_of *of, uint64_t low,
			 uint64_t high)
{
	const struct guest_reading *reading = &check->doc->readings[r];

	if (of->total)
		snprintf(check->where, sizeof(check->where), "readings[%zu].total", r);
	else
		snprintf(check->where, sizeof(check->where), "readings[%zu].reasons[%zu]", r,
			 (size_t)(find_reason(reading, of->code) - reading->reasons));
	expect(check, of->field, *number_of(reading, of), low, high, "counters only grow");
	check->where[0] = '\0';
}

/*
 * Of two readings of which the later has less, the earlier is wrong where the later
 * has no less than the one before both.
 */
static void check_number_grows(struct check *check, size_t r, const struct series_of *of)
{
	const struct guest_reading *readings = check->doc->readings;
	const uint64_t *now = number_of(&readings[r], of),
		       *before = number_of(&readings[r - 1], of);
	const uint64_t *first = r > 1 ? number_of(&readings[r - 2], of) : NULL;

	if (!now || !before || *now >= *before)
		return;
	if (first && *now >= *first)
		expect_grown(check, r - 1, of, *first, *now);
	else
		expect_grown(check, r, of, *before, UINT64_MAX);
}

static void check_sums_grow(struct check *check, size_t r, bool total, uint32_t code)
{
	const struct series_of numbers[] = {
		{ total, code, "count", offsetof(struct guest_sums, count) },
		{ total, code, "handled", offsetof(struct guest_sums, handled) },
		{ total, code, "away", offsetof(struct guest_sums, away) },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		check_number_grows(check, r, &numbers[i]);
}

static void check_growth(struct check *check, size_t r)
{
	const struct guest_reading *before = &check->doc->readings[r - 1];

	for (size_t i = 0; i < before->nreasons; i++)
		check_sums_grow(check, r, false, before->reasons[i].code);
	check_sums_grow(check, r, true, 0);
}

static const struct observation *last_before(const struct guest_reading *reading, size_t i)
{
	const struct observation *all = reading->observations;

	for (size_t j = i; j-- > 0;)
		if (all[j].leaf == all[i].leaf &&
		    (all[j].code == all[i].code || all[i].leaf < LEAF_COUNT))
			return &all[j];
	return NULL;
}

/* A text's answers to the same question, one after the other. */
static void check_text(struct check *check)
{
	const struct guest_reading *reading = &check->doc->readings[0];

	for (size_t i = 0; i < reading->nobservations; i++) {
		const struct observation *o = &reading->observations[i];
		const struct observation *before = last_before(reading, i);

		if (before)
			expect(check, o->where, o->value, before->value, UINT64_MAX,
			       "counters only grow");
		if (o->leaf >= LEAF_COUNT && check->doc->has_isa &&
		    o->defined != leaves_define(check->doc->isa, o->code))
			expect(check, o->where, 0, 1, 1,
			       o->defined ? "the manual defines no such reason"
					  : "the manual defines this reason");
	}
}

void guestcheck(const struct guest_doc *doc, struct findings *findings)
{
	struct check check = { .doc = doc, .findings = findings };
	uint32_t defined = leaves_defined_to(doc->isa, UINT32_MAX);
	uint64_t so_far = 0;

	if (doc->has_isa)
		expect(&check, doc->defined_where, doc->defined, defined, defined,
		       "not what the manual defines");
	if (!doc->root) {
		check_text(&check);
		return;
	}
	for (size_t i = 0; i < doc->nreadings; i++) {
		check_reading(&check, i, &so_far);
		if (i)
			check_growth(&check, i);
	}
}
