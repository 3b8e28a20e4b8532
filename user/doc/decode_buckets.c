// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "doc/decode_buckets.h"

static void take_fresh(struct decoder *d)
{
	uint64_t index = 0;

	d->fresh_n = take_once(d, EXITSTAT_HIST_BUCKETS);
	for (size_t i = 0; i < d->fresh_n; i++) {
		uint64_t count;

		index += take_once(d, EXITSTAT_HIST_BUCKETS - 1);
		count = take_once(d, UINT64_MAX - 1) + 1;
		if (index >= EXITSTAT_HIST_BUCKETS ||
		    __builtin_add_overflow(d->fresh_exits, count, &d->fresh_exits))
			d->unpack.failed = true;
		d->fresh[i] = (struct bucket){ (uint32_t)index++, count };
	}
}

/* So many more in this bucket, of those that are left. */
static void add_exits(struct decoder *d, struct bucket *b, uint64_t exits, uint64_t *left,
		      struct expected_sum *sum)
{
	if (exits > *left || __builtin_add_overflow(b->count, exits, &b->count)) {
		d->unpack.failed = true;
		return;
	}
	*left -= exits;
	expected_sum_add(sum, b->index, exits);
}

static uint64_t take_growth(struct decoder *d, uint64_t had, uint64_t exits, uint64_t known)
{
	uint64_t quarters = expected_growth(had, exits, known);

	return (quarters + 2) / 4 +
	       unpack_noise(&d->unpack, expected_section(quarters), expected_bits(quarters));
}

static void take_each(struct decoder *d, struct reason_stat *r, struct share *share,
		      struct expected_sum *sum)
{
	for (size_t i = 0; i < share->n && share->exits && !decoder_failed(d); i++) {
		struct bucket *b = &r->buckets[share->index[i]];
		uint64_t had = b->count;
		uint64_t exits = share->exits;

		if (i + 1 < share->n)
			exits = take_growth(d, had, share->exits, share->known);
		add_exits(d, b, exits, &share->exits, sum);
		share->known -= had;
	}
}

static void take_sparse(struct decoder *d, struct reason_stat *r, struct share *share,
			struct expected_sum *sum)
{
	size_t i = 0;

	while (share->exits && !decoder_failed(d)) {
		if (i + 1 < share->n)
			i += unpack_most(&d->unpack, PACK_GAP, share->n - 1 - i);
		add_exits(d, &r->buckets[share->index[i]], i + 1 < share->n ? 1 : share->exits,
			  &share->exits, sum);
	}
}

static void take_share(struct decoder *d, struct reason_stat *r, struct share *share,
		       struct expected_sum *sum)
{
	if (share_is_sparse(share))
		take_sparse(d, r, share, sum);
	else
		take_each(d, r, share, sum);
}

/* Of the buckets that had some before. */
static void take_known(struct decoder *d, struct reason_stat *r, uint64_t exits,
		       struct expected_sum *sum)
{
	uint64_t known = 0;

	share_begin(&d->most);
	share_begin(&d->rest);
	for_each_bucket(b, r)
		known += b->count;
	for (size_t i = 0; i < r->nbuckets; i++) {
		bool few = !share_has(r->buckets[i].count, exits, known);

		share_add(few ? &d->rest : &d->most, i, r->buckets[i].count);
	}
	d->rest.exits = exits;
	if (d->most.n)
		d->rest.exits = d->rest.n ? take_growth(d, d->rest.known, exits, known) : 0;
	if (d->rest.exits > exits)
		d->unpack.failed = true;
	d->most.exits = exits - d->rest.exits;
	take_share(d, r, &d->rest, sum);
	take_share(d, r, &d->most, sum);
}

/* Those of d->fresh between the others. */
static void merge_fresh(struct decoder *d, struct reason_stat *r, struct expected_sum *sum)
{
	size_t a = r->nbuckets, b = d->fresh_n, at = a + b;
	struct bucket *list;

	if (decoder_failed(d) || !b)
		return;
	list = reallocarray(r->buckets, at, sizeof(*list));
	d->bytes += b * sizeof(*list);
	if (!list) {
		d->no_memory = true;
		return;
	}
	r->buckets = list;
	r->nbuckets = at;
	/* From the end on, so that they go where there is room. */
	while (b) {
		const struct bucket *fresh = &d->fresh[b - 1];

		if (a && list[a - 1].index == fresh->index)
			d->unpack.failed = true;
		if (a && list[a - 1].index >= fresh->index) {
			list[--at] = list[--a];
		} else {
			list[--at] = *fresh;
			b--;
		}
	}
	for (b = 0; b < d->fresh_n; b++)
		expected_sum_add(sum, d->fresh[b].index, d->fresh[b].count);
}

uint64_t decode_exits(struct decoder *d, struct reason_stat *r, bool any_fresh, uint64_t expected)
{
	uint64_t exits = expected + unpack_noise(&d->unpack, PACK_COUNT, expected_noise(expected));
	struct expected_sum sum = { 0 };

	d->fresh_n = 0;
	d->fresh_exits = 0;
	if (any_fresh)
		take_fresh(d);
	if (d->fresh_exits > exits || (!r->nbuckets && d->fresh_exits != exits))
		d->unpack.failed = true;
	if (decoder_failed(d))
		return 0;
	if (exits > d->fresh_exits)
		take_known(d, r, exits - d->fresh_exits, &sum);
	merge_fresh(d, r, &sum);
	r->sum_ns += sum.ns + unpack_noise(&d->unpack, PACK_SUM, expected_sum_noise(&sum));
	return exits;
}
