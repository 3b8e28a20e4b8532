// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "doc/encode_details.h"
#include "doc/encode_list.h"
#include "model/symbols.h"

/* --- what exits were about ------------------------------------------------------------ */

/* By its place among those that the file knows, from 1; after these comes a new one. */
static void put_symbol(struct encoder *e, const struct detail *key)
{
	const struct symbol **place;
	size_t i = 0;

	while (key->symbol && i < e->nsymbols && e->symbols[i] != key->symbol)
		i++;
	pack_number(&e->pack, PACK_KEY, key->symbol ? i + 1 : 0);
	if (!key->symbol || i < e->nsymbols)
		return;
	place = array_append(&e->symbols, &e->nsymbols, sizeof(*place));
	if (!place) {
		e->pack.no_memory = true;
		return;
	}
	*place = key->symbol;
	pack_number(&e->pack, PACK_ONCE, key->key - key->symbol->address);
	pack_text(&e->pack, key->symbol->name);
}

static void put_key(struct encoder *e, const struct detail *key, uint64_t before)
{
	pack_byte(&e->pack, PACK_KEY, key->kind);
	pack_byte(&e->pack, PACK_KEY, key->access);
	pack_signed(&e->pack, PACK_KEY, key->key - before);
	put_symbol(e, key);
}

static bool detail_has_grown(const struct detail *now, const struct detail *was)
{
	return now->count != was->count || now->accesses != was->accesses ||
	       now->sum_ns != was->sum_ns;
}

static bool detail_is_same(const void *a, const void *b)
{
	return !details_compare(a, b);
}

static struct walk walk_details(const struct details *now, const struct details *was)
{
	return (struct walk){ .now = now->list,
			      .n = now->n,
			      .was = was->list,
			      .nwas = was->n,
			      .size = sizeof(*now->list),
			      .same = detail_is_same };
}

size_t changed_details(struct encoder *e, const struct details *now, const struct details *was)
{
	struct walk walk = walk_details(now, was);
	const struct detail *detail;
	const void *old;
	size_t n = 0;

	while ((detail = walk_next(e, &walk, &old))) {
		if (walk.at > 1 && details_compare(detail - 1, detail) >= 0)
			e->shrunk = true;
		n += !old || detail_has_grown(detail, old);
	}
	return n;
}

/* Of a key that is new, or has changed. */
struct event {
	uint64_t exits, ns; /* more than before */
	uint64_t weight;
};

static struct keys_growth growth_of(const struct details *now, const struct details *was)
{
	const struct detail all = details_total(now), before = details_total(was);

	return (struct keys_growth){ .exits = all.count - before.count,
				     .ns = all.sum_ns - before.sum_ns,
				     .known = before.count };
}

/* Which it is: gap known ones lie before it; before: the key of the one before it. */
static void put_which(struct encoder *e, const struct detail *now, const struct detail *old,
		      size_t gap, bool any_new, uint64_t before)
{
	const struct detail none = { 0 }, *was = old ?: &none;
	uint64_t other = now->accesses - was->accesses - (now->count - was->count);

	pack_number(&e->pack, PACK_KEY, 2 * gap + (other != 0));
	if (any_new)
		pack_byte(&e->pack, PACK_KEY, !old);
	if (!old)
		put_key(e, now, before);
	if (other)
		pack_signed(&e->pack, PACK_KEY, other);
}

/* Which have grown, and by how many exits: the last by those that are left. */
static void put_counts(struct encoder *e, const struct reason_stat *now,
		       const struct reason_stat *was, struct event *events, size_t nevents)
{
	struct walk walk = walk_details(&now->details, &was->details);
	const struct keys_growth all = growth_of(&now->details, &was->details);
	struct keys_growth left = all;
	const struct detail none = { 0 }, *detail;
	uint64_t before = 0, expected;
	size_t n = 0, gap = 0;
	const void *old;

	while ((detail = walk_next(e, &walk, &old))) {
		const struct detail *had = old ?: &none;

		expected = expected_part(left.exits, had->count, left.known);
		left.known -= had->count;
		if (old && !detail_has_grown(detail, old)) {
			gap++;
			continue;
		}
		put_which(e, detail, old, gap, walk_nnew(&walk), before);
		gap = 0;
		before = detail->key;
		events[n].exits = detail->count - had->count;
		events[n].ns = detail->sum_ns - had->sum_ns;
		events[n].weight = expected_weight(events[n].exits, had, &all);
		left.exits -= events[n].exits;
		if (++n < nevents)
			pack_noise(&e->pack, PACK_KEY_COUNT, events[n - 1].exits - expected,
				   expected_noise(expected));
	}
}

static void put_times(struct encoder *e, const struct event *events, size_t nevents, uint64_t ns)
{
	uint64_t weight = 0, expected;

	for (size_t i = 0; i < nevents; i++)
		weight += events[i].weight;
	for (size_t i = 0; i + 1 < nevents; i++) {
		expected = expected_part(ns, events[i].weight, weight);
		pack_noise(&e->pack, PACK_KEY_SUM, events[i].ns - expected,
			   expected_time_noise(expected, events[i].exits));
		ns -= events[i].ns;
		weight -= events[i].weight;
	}
}

void encode_details(struct encoder *e, const struct reason_stat *now, const struct reason_stat *was)
{
	const struct keys_growth all = growth_of(&now->details, &was->details);
	size_t nevents = changed_details(e, &now->details, &was->details);
	struct event *events = calloc(nevents, sizeof(*events));
	uint64_t took = e->grown.exits ? now->sum_ns - was->sum_ns : 0;

	if (!events) {
		e->pack.no_memory = true;
		return;
	}
	pack_number(&e->pack, PACK_KEY, now->details.n - was->details.n);
	pack_number(&e->pack, PACK_KEY, nevents);
	pack_signed(&e->pack, PACK_KEY_COUNT, all.exits - e->grown.exits);
	pack_signed(&e->pack, PACK_KEY_SUM, all.ns - took);
	put_counts(e, now, was, events, nevents);
	put_times(e, events, nevents, all.ns);
	free(events);
}

/* --- slowest exits ---------------------------------------------------------------------- */

static bool slow_is_same(const struct slow *a, const struct slow *b)
{
	return a->entry_ns == b->entry_ns && a->ns == b->ns &&
	       !memcmp(a->part_ns, b->part_ns, sizeof(a->part_ns)) &&
	       a->other_tid == b->other_tid && !strcmp(a->other, b->other) &&
	       !details_compare(&a->key, &b->key) && a->key.accesses == b->key.accesses;
}

static bool slow_was_there(const struct reason_stat *was, size_t i, const struct slow *slow)
{
	return i < was->nslow && slow_is_same(&was->slow[i], slow);
}

bool slowest_are_same(const struct reason_stat *now, const struct reason_stat *was)
{
	if (now->nslow != was->nslow)
		return false;
	for (size_t i = 0; i < now->nslow; i++)
		if (!slow_was_there(was, i, &now->slow[i]))
			return false;
	return true;
}

static void put_slow(struct encoder *e, const struct slow *slow)
{
	pack_signed(&e->pack, PACK_KEY, slow->entry_ns - e->slow_ns);
	e->slow_ns = slow->entry_ns;
	pack_number(&e->pack, PACK_KEY, slow->ns);
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		pack_number(&e->pack, PACK_KEY, slow->part_ns[i]);
	put_key(e, &slow->key, 0);
	pack_number(&e->pack, PACK_KEY, slow->key.accesses);
	pack_number(&e->pack, PACK_KEY, slow->other_tid);
	pack_text(&e->pack, slow->other);
}

void encode_slowest(struct encoder *e, const struct reason_stat *now, const struct reason_stat *was)
{
	pack_number(&e->pack, PACK_KEY, now->nslow);
	for (size_t i = 0; i < now->nslow; i++) {
		bool same = slow_was_there(was, i, &now->slow[i]);

		pack_byte(&e->pack, PACK_KEY, !same);
		if (!same)
			put_slow(e, &now->slow[i]);
	}
}
