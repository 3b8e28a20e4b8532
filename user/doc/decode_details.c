// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "doc/decode_details.h"
#include "doc/decode_list.h"

/* --- what exits were about ---------------------------------------------------------------- */

static const struct symbol *new_symbol(struct decoder *d, uint64_t key)
{
	uint64_t offset = take_once(d, key);
	struct symbol *symbol = calloc(1, sizeof(*symbol)), **place = NULL;
	char name[SYMBOL_NAME_LEN];

	unpack_text(&d->unpack, name, sizeof(name));
	if (!decoder_failed(d) && !symbol_name_is_good(name))
		d->unpack.failed = true;
	if (symbol) {
		*symbol = (struct symbol){ .address = key - offset, .code = true };
		symbol->name = strdup(name);
	}
	d->symbol_bytes += sizeof(*symbol) + SYMBOL_NAME_LEN;
	if (d->symbol_bytes > RECORDING_MAX_STATE)
		d->unpack.failed = true;
	if (symbol && symbol->name)
		place = array_append(&d->symbols.list, &d->symbols.n, sizeof(*place));
	if (place) {
		*place = symbol;
		return symbol;
	}
	d->no_memory = true;
	if (symbol)
		free(symbol->name);
	free(symbol);
	return NULL;
}

static const struct symbol *take_symbol(struct decoder *d, const struct detail *key)
{
	size_t known = d->symbols.n - d->symbols_from;
	uint64_t place = unpack_most(&d->unpack, PACK_KEY, known + 1);
	const struct symbol *symbol;

	if (!place || decoder_failed(d))
		return NULL;
	if (key->kind != EXITSTAT_RIP) {
		d->unpack.failed = true;
		return NULL;
	}
	if (place == known + 1)
		return new_symbol(d, key->key);
	symbol = d->symbols.list[d->symbols_from + place - 1];
	if (symbol->address > key->key)
		d->unpack.failed = true;
	return symbol;
}

static void take_key(struct decoder *d, struct detail *key, uint64_t before)
{
	key->kind = unpack_byte(&d->unpack, PACK_KEY);
	key->access = unpack_byte(&d->unpack, PACK_KEY);
	if (key->kind > DETAIL_REST || key->access > EXITSTAT_EXECUTE)
		d->unpack.failed = true;
	key->key = before + take_change(d, PACK_KEY);
	key->symbol = take_symbol(d, key);
}

/* So many known keys pass; the next one is an event. NULL: failed. */
static struct detail *pass_to_event(struct decoder *d, struct merge *merge, uint64_t gap,
				    bool is_new)
{
	while (gap-- && merge_next(d, merge, false))
		;
	return decoder_failed(d) ? NULL : merge_next(d, merge, is_new);
}

/* All new ones have come, in order. */
static void end_details(struct decoder *d, struct merge *merge, struct details *details,
			bool any_new)
{
	if (!decoder_failed(d) && merge->at < merge->from)
		d->unpack.failed = true;
	merge_end(merge, &details->n);
	for (size_t i = 1; any_new && !decoder_failed(d) && i < details->n; i++)
		if (details_compare(&details->list[i - 1], &details->list[i]) >= 0)
			d->unpack.failed = true;
}

/* --- of version 1 ------------------------------------------------------------------------- */

static struct detail *take_event_1(struct decoder *d, struct merge *merge, bool *is_new)
{
	uint64_t gap = unpack_number(&d->unpack, PACK_KEY);

	*is_new = unpack_byte(&d->unpack, PACK_KEY);
	return pass_to_event(d, merge, gap, *is_new);
}

static void decode_details_1(struct decoder *d, struct details *details)
{
	size_t nnew = take_nnew(d, PACK_KEY);
	uint64_t nevents = unpack_number(&d->unpack, PACK_KEY), before = 0, more;
	struct detail *detail;
	struct merge merge;
	bool is_new;

	merge_begin(d, &merge, &details->list, &details->n, sizeof(*detail), nnew);
	while (nevents-- && (detail = take_event_1(d, &merge, &is_new))) {
		if (is_new)
			take_key(d, detail, before);
		before = detail->key;
		more = take_change(d, PACK_KEY);
		detail->count += more;
		detail->accesses += more + take_change(d, PACK_KEY);
		detail->sum_ns += take_change(d, PACK_KEY);
		if (!detail->count)
			d->unpack.failed = true;
	}
	end_details(d, &merge, details, nnew);
}

/* --- of all later ones -------------------------------------------------------------------- */

/* A key that is new, or has changed. */
struct event {
	struct detail *detail;
	uint64_t exits, weight;
};

/*
 * Which it is, and by how much else than exits its accesses have grown. *before: the key of the one
 * before it.
 */
static bool take_event(struct decoder *d, struct merge *merge, struct event *event, bool any_new,
		       uint64_t *before)
{
	uint64_t gap = unpack_number(&d->unpack, PACK_KEY);
	bool is_new = any_new && unpack_byte(&d->unpack, PACK_KEY);

	event->detail = pass_to_event(d, merge, gap / 2, is_new);
	if (!event->detail)
		return false;
	if (is_new)
		take_key(d, event->detail, *before);
	*before = event->detail->key;
	if (gap % 2)
		event->detail->accesses += take_change(d, PACK_KEY);
	return true;
}

/* Of those between the event before and this one, too. */
static uint64_t known_of(const struct merge *merge, size_t from)
{
	const struct detail *list = (const struct detail *)merge->list;
	uint64_t known = 0;

	for (size_t i = from; i < merge->at; i++)
		known += list[i].count;
	return known;
}

static void take_counts(struct decoder *d, struct merge *merge, const struct keys_growth *all,
			struct event *events, size_t nevents, bool any_new)
{
	struct keys_growth left = *all;
	uint64_t before = 0, expected;

	for (size_t n = 0; n < nevents; n++) {
		struct event *event = &events[n];
		size_t from = merge->at;

		if (!take_event(d, merge, event, any_new, &before))
			return;
		left.known -= known_of(merge, from) - event->detail->count;
		expected = expected_part(left.exits, event->detail->count, left.known);
		left.known -= event->detail->count;
		event->exits = left.exits;
		if (n + 1 < nevents)
			event->exits = expected + unpack_noise(&d->unpack, PACK_KEY_COUNT,
							       expected_noise(expected));
		event->weight = expected_weight(event->exits, event->detail, all);
		left.exits -= event->exits;
		event->detail->count += event->exits;
		event->detail->accesses += event->exits;
		if (!event->detail->count)
			d->unpack.failed = true;
	}
}

static void take_times(struct decoder *d, struct event *events, size_t nevents, uint64_t left)
{
	uint64_t weight = 0, expected, ns;

	for (size_t i = 0; i < nevents; i++)
		weight += events[i].weight;
	for (size_t i = 0; i < nevents && !decoder_failed(d); i++) {
		ns = left;
		expected = expected_part(left, events[i].weight, weight);
		if (i + 1 < nevents)
			ns = expected +
			     unpack_noise(&d->unpack, PACK_KEY_SUM,
					  expected_time_noise(expected, events[i].exits));
		events[i].detail->sum_ns += ns;
		left -= ns;
		weight -= events[i].weight;
	}
}

static struct event *make_events(struct decoder *d, uint64_t nevents, size_t most)
{
	struct event *events;

	if (!nevents || nevents > most)
		d->unpack.failed = true;
	if (decoder_failed(d))
		return NULL;
	events = calloc(nevents, sizeof(*events));
	d->no_memory |= !events;
	return events;
}

void decode_details(struct decoder *d, struct details *details, uint64_t exits, uint64_t ns)
{
	struct keys_growth all = { .known = details_total(details).count };
	struct event *events;
	struct merge merge;
	uint64_t nevents;
	size_t nnew;

	if (d->version == 1) {
		decode_details_1(d, details);
		return;
	}
	nnew = take_nnew(d, PACK_KEY);
	nevents = unpack_number(&d->unpack, PACK_KEY);
	all.exits = exits + take_change(d, PACK_KEY_COUNT);
	all.ns = ns + take_change(d, PACK_KEY_SUM);
	merge_begin(d, &merge, &details->list, &details->n, sizeof(*details->list), nnew);
	events = make_events(d, nevents, merge.total);
	if (events) {
		take_counts(d, &merge, &all, events, nevents, nnew);
		take_times(d, events, nevents, all.ns);
	}
	free(events);
	end_details(d, &merge, details, nnew);
}

/* --- slowest exits ------------------------------------------------------------------------ */

static void take_slow(struct decoder *d, struct slow *slow)
{
	*slow = (struct slow){ .entry_ns = d->slow_ns + take_change(d, PACK_KEY) };
	d->slow_ns = slow->entry_ns;
	slow->ns = unpack_number(&d->unpack, PACK_KEY);
	if (slow->entry_ns > MAX_NS || slow->ns > slow->entry_ns)
		d->unpack.failed = true;
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		slow->part_ns[i] = unpack_number(&d->unpack, PACK_KEY);
	take_key(d, &slow->key, 0);
	slow->key.accesses = unpack_number(&d->unpack, PACK_KEY);
	slow->other_tid = (uint32_t)unpack_most(&d->unpack, PACK_KEY, UINT32_MAX);
	unpack_text(&d->unpack, slow->other, sizeof(slow->other));
}

void decode_slowest(struct decoder *d, struct reason_stat *r)
{
	size_t n = unpack_most(&d->unpack, PACK_KEY, EXITSTAT_MAX_SLOWEST);
	struct slow *list;

	if (decoder_failed(d) || !n) {
		r->nslow = 0;
		return;
	}
	list = reallocarray(r->slow, n, sizeof(*list));
	if (!list) {
		d->no_memory = true;
		return;
	}
	d->bytes += n * sizeof(*list);
	r->slow = list;
	if (r->nslow > n)
		r->nslow = n;
	for (size_t i = 0; i < n; i++) {
		bool is_new = unpack_byte(&d->unpack, PACK_KEY);

		if (!is_new && i >= r->nslow)
			d->unpack.failed = true;
		if (is_new)
			take_slow(d, &list[i]);
		if (decoder_failed(d))
			return;
		if (i >= r->nslow)
			r->nslow = i + 1;
	}
}
