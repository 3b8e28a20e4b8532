// SPDX-License-Identifier: GPL-2.0-only
#include "doc/encode_buckets.h"

void compare_buckets(struct encoder *e, const struct reason_stat *now,
		     const struct reason_stat *was)
{
	struct grown_buckets *grown = &e->grown;
	size_t a = 0;

	grown->known_n = 0;
	grown->fresh_n = 0;
	grown->known_exits = 0;
	grown->exits = 0;
	for_each_bucket(b, now) {
		struct bucket more = *b;

		if (b->index >= EXITSTAT_HIST_BUCKETS || !b->count ||
		    (b != now->buckets && b[-1].index >= b->index) ||
		    __builtin_add_overflow(grown->exits, b->count, &grown->exits)) {
			e->shrunk = true;
			return;
		}
		if (a == was->nbuckets || was->buckets[a].index != b->index) {
			grown->fresh[grown->fresh_n++] = more;
			continue;
		}
		e->shrunk |= b->count < was->buckets[a].count;
		more.count -= was->buckets[a].count;
		grown->had[grown->known_n] = was->buckets[a].count;
		grown->known[grown->known_n++] = more;
		grown->exits -= was->buckets[a++].count;
		grown->known_exits += more.count;
	}
	e->shrunk |= a != was->nbuckets;
}

static void put_fresh(struct encoder *e)
{
	uint32_t from = 0;

	pack_number(&e->pack, PACK_ONCE, e->grown.fresh_n);
	for (size_t i = 0; i < e->grown.fresh_n; i++) {
		const struct bucket *b = &e->grown.fresh[i];

		pack_number(&e->pack, PACK_ONCE, b->index - from);
		pack_number(&e->pack, PACK_ONCE, b->count - 1);
		from = b->index + 1;
	}
}

/* So many exits of a part that had "had" of all known ones, which have "all" new ones. */
static void put_growth(struct encoder *e, uint64_t exits, uint64_t had, uint64_t all,
		       uint64_t known)
{
	uint64_t quarters = expected_growth(had, all, known);

	pack_noise(&e->pack, expected_section(quarters), exits - (quarters + 2) / 4,
		   expected_bits(quarters));
}

/* What each bucket has, as it differs from its share of what is left. The last has the rest. */
static void put_each(struct encoder *e, struct share *share)
{
	for (size_t i = 0; i + 1 < share->n && share->exits; i++) {
		uint64_t had = e->grown.had[share->index[i]];
		uint64_t exits = e->grown.known[share->index[i]].count;

		put_growth(e, exits, had, share->exits, share->known);
		share->exits -= exits;
		share->known -= had;
	}
}

/* How far it is from each exit to the next; all in the last bucket are the rest. */
static void put_sparse(struct encoder *e, const struct share *share)
{
	uint64_t left = share->exits;
	size_t from = 0;

	for (size_t i = 0; left && from + 1 < share->n; i++) {
		uint64_t n = e->grown.known[share->index[i]].count;

		for (; n && from + 1 < share->n; n--) {
			pack_number(&e->pack, PACK_GAP, i - from);
			from = i;
			left--;
		}
	}
}

static void put_share(struct encoder *e, struct share *share)
{
	if (share_is_sparse(share))
		put_sparse(e, share);
	else
		put_each(e, share);
}

/* Of the buckets that had some before. */
static void put_known(struct encoder *e)
{
	const struct grown_buckets *grown = &e->grown;
	uint64_t exits = grown->known_exits, known = 0;

	share_begin(&e->most);
	share_begin(&e->rest);
	for (size_t i = 0; i < grown->known_n; i++)
		known += grown->had[i];
	for (size_t i = 0; i < grown->known_n; i++) {
		bool few = !share_has(grown->had[i], exits, known);
		struct share *share = few ? &e->rest : &e->most;

		share_add(share, i, grown->had[i]);
		share->exits += grown->known[i].count;
	}
	if (e->most.n && e->rest.n)
		put_growth(e, e->rest.exits, e->rest.known, exits, known);
	put_share(e, &e->rest);
	put_share(e, &e->most);
}

void encode_exits(struct encoder *e, const struct reason_stat *now, const struct reason_stat *was,
		  uint64_t expected)
{
	const struct grown_buckets *grown = &e->grown;
	struct expected_sum sum = { 0 };

	pack_noise(&e->pack, PACK_COUNT, grown->exits - expected, expected_noise(expected));
	if (grown->fresh_n)
		put_fresh(e);
	if (grown->known_exits)
		put_known(e);
	for_each_element(b, grown->known, grown->known_n)
		expected_sum_add(&sum, b->index, b->count);
	for_each_element(b, grown->fresh, grown->fresh_n)
		expected_sum_add(&sum, b->index, b->count);
	pack_noise(&e->pack, PACK_SUM, now->sum_ns - was->sum_ns - sum.ns,
		   expected_sum_noise(&sum));
}
