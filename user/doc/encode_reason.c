// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "doc/encode_buckets.h"
#include "doc/encode_details.h"
#include "doc/encode_reason.h"

static uint8_t flags_of(struct encoder *e, const struct reason_stat *now,
			const struct reason_stat *was, bool is_new, bool has_more)
{
	const struct grown_buckets *grown = &e->grown;
	uint8_t flags = is_new ? RECORDING_NEW : 0;

	if (grown->exits)
		flags |= RECORDING_EXITS;
	if (grown->fresh_n)
		flags |= RECORDING_FRESH;
	if (now->count - was->count != grown->exits)
		flags |= RECORDING_COUNT;
	if (now->min_ns != was->min_ns || now->max_ns != was->max_ns)
		flags |= RECORDING_LIMITS;
	if (memcmp(now->part_ns, was->part_ns, sizeof(now->part_ns)))
		flags |= RECORDING_PARTS;
	if (changed_details(e, &now->details, &was->details))
		flags |= RECORDING_DETAILS;
	return has_more ? flags | RECORDING_MORE : flags;
}

static uint8_t more_flags_of(const struct encoder *e, const struct reason_stat *now,
			     const struct reason_stat *was)
{
	uint8_t flags = 0;

	if (now->timed - was->timed != e->grown.exits)
		flags |= RECORDING_TIMED;
	if (!e->grown.exits && now->sum_ns != was->sum_ns)
		flags |= RECORDING_ONLY_SUM;
	if (now->reflected != was->reflected)
		flags |= RECORDING_REFLECTED;
	if (!slowest_are_same(now, was))
		flags |= RECORDING_SLOWEST;
	return flags;
}

static void put_reason_more(struct encoder *e, const struct reason_stat *now,
			    const struct reason_stat *was, uint8_t more)
{
	if (more & RECORDING_TIMED)
		pack_signed(&e->pack, PACK_COUNT, now->timed - was->timed - e->grown.exits);
	if (more & RECORDING_ONLY_SUM)
		pack_signed(&e->pack, PACK_SUM, now->sum_ns - was->sum_ns);
	if (more & RECORDING_REFLECTED)
		pack_signed(&e->pack, PACK_COUNT, now->reflected - was->reflected);
	if (more & RECORDING_SLOWEST)
		encode_slowest(e, now, was);
}

bool encode_reason(struct encoder *e, const struct reason_stat *now, const struct reason_stat *old)
{
	const struct reason_stat none = { .min_ns = UINT64_MAX }, *was = old ?: &none;
	uint64_t expected = rates_expected(&e->rates, !old);
	uint8_t flags, more;

	compare_buckets(e, now, was);
	more = more_flags_of(e, now, was);
	flags = flags_of(e, now, was, !old, more);
	rates_had(&e->rates, !old, e->grown.exits);
	pack_byte(&e->pack, PACK_SHAPE, flags);
	if (more)
		pack_byte(&e->pack, PACK_SHAPE, more);
	if (!old) {
		pack_number(&e->pack, PACK_ONCE, now->isa);
		pack_number(&e->pack, PACK_ONCE, now->reason);
		pack_number(&e->pack, PACK_ONCE, now->level);
	}
	if (flags & RECORDING_EXITS)
		encode_exits(e, now, was, expected);
	if (flags & RECORDING_COUNT)
		pack_signed(&e->pack, PACK_COUNT, now->count - was->count - e->grown.exits);
	if (flags & RECORDING_LIMITS) {
		pack_signed(&e->pack, PACK_ONCE, now->min_ns - was->min_ns);
		pack_signed(&e->pack, PACK_ONCE, now->max_ns - was->max_ns);
	}
	for (int i = 0; flags & RECORDING_PARTS && i < EXITSTAT_PARTS; i++)
		pack_signed(&e->pack, PACK_PART, now->part_ns[i] - was->part_ns[i]);
	if (flags & RECORDING_DETAILS)
		encode_details(e, now, was);
	put_reason_more(e, now, was, more);
	return flags;
}
