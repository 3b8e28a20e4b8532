// SPDX-License-Identifier: GPL-2.0-only
#include "doc/decode_buckets.h"
#include "doc/decode_details.h"
#include "doc/decode_reason.h"

static void take_more(struct decoder *d, struct reason_stat *r, uint8_t more)
{
	if (more & RECORDING_TIMED)
		r->timed += take_change(d, PACK_COUNT);
	if (more & RECORDING_ONLY_SUM)
		r->sum_ns += take_change(d, PACK_SUM);
	if (more & RECORDING_REFLECTED)
		r->reflected += take_change(d, PACK_COUNT);
	if (more & RECORDING_SLOWEST)
		decode_slowest(d, r);
}

static void take_new_reason(struct decoder *d, struct reason_stat *r)
{
	uint32_t isa = (uint32_t)take_once(d, UINT32_MAX);

	reason_init(r, isa, (uint32_t)take_once(d, UINT32_MAX));
	r->level = (uint32_t)take_once(d, EXITSTAT_L2);
	if (r->level < EXITSTAT_L1)
		d->unpack.failed = true;
}

void decode_reason(struct decoder *d, struct reason_stat *r, uint8_t flags)
{
	uint8_t more = flags & RECORDING_MORE ? unpack_byte(&d->unpack, PACK_SHAPE) : 0;
	bool is_new = flags & RECORDING_NEW;
	uint64_t expected = rates_expected(&d->rates, is_new), exits = 0, took_ns;
	enum pack_section part = d->version == 1 ? PACK_SUM : PACK_PART;

	if (is_new)
		take_new_reason(d, r);
	took_ns = r->sum_ns;
	if (flags & RECORDING_EXITS)
		exits = decode_exits(d, r, flags & RECORDING_FRESH, expected);
	took_ns = r->sum_ns - took_ns;
	rates_had(&d->rates, is_new, exits);
	r->count += exits;
	r->timed += exits;
	if (flags & RECORDING_COUNT)
		r->count += take_change(d, PACK_COUNT);
	if (flags & RECORDING_LIMITS) {
		r->min_ns += take_change(d, PACK_ONCE);
		r->max_ns += take_change(d, PACK_ONCE);
	}
	for (int i = 0; flags & RECORDING_PARTS && i < EXITSTAT_PARTS; i++)
		r->part_ns[i] += take_change(d, part);
	if (flags & RECORDING_DETAILS)
		decode_details(d, &r->details, exits, took_ns);
	take_more(d, r, more);
}
