// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "doc/pack.h"
#include "doc/recording.h"

/* The mean forgets a quarter in each frame. */
#define FORGET	   4u
#define SIXTEENTHS 16u
/* Beyond these nothing is expected well, and sums of squares stay within 128 bits. */
#define MAX_WIDTH (1ull << 36)
#define MAX_EXITS (1ull << 40)
/* So that the sum of all that a list can have fits. */
#define MAX_WEIGHT (1ull << 46)

static unsigned int bits_of(uint64_t value)
{
	return value ? 64 - (unsigned int)__builtin_clzll(value) : 0;
}

/* --- rates ------------------------------------------------------------------------- */

static bool make_room(struct rates *rates)
{
	size_t room = rates->room_now * 2 ?: 64;
	uint64_t *grown;

	if (rates->nnow < rates->room_now)
		return true;
	grown = reallocarray(rates->now, room, sizeof(*grown));
	if (!grown) {
		rates->no_memory = true;
		return false;
	}
	rates->now = grown;
	rates->room_now = room;
	return true;
}

static uint64_t known_rate(const struct rates *rates)
{
	return rates->next < rates->nbefore ? rates->before[rates->next] : 0;
}

uint64_t rates_expected(const struct rates *rates, bool is_new)
{
	return is_new ? 0 : (known_rate(rates) + SIXTEENTHS / 2) / SIXTEENTHS;
}

void rates_had(struct rates *rates, bool is_new, uint64_t exits)
{
	uint64_t rate = is_new ? 0 : known_rate(rates);

	if (exits > MAX_EXITS)
		exits = MAX_EXITS;
	/* The first that is told of a reason may be all that it had before the file begins. */
	if (!is_new) {
		rate += exits * SIXTEENTHS / FORGET - rate / FORGET;
		rates->next++;
	}
	if (make_room(rates))
		rates->now[rates->nnow++] = rate;
}

int rates_end(struct rates *rates)
{
	const struct rates done = *rates;

	*rates = (struct rates){
		.before = done.now,
		.nbefore = done.nnow,
		.room_before = done.room_now,
		.now = done.before,
		.room_now = done.room_before,
	};
	return done.no_memory ? -ENOMEM : 0;
}

void rates_free(struct rates *rates)
{
	free(rates->before);
	free(rates->now);
	*rates = (struct rates){ 0 };
}

unsigned int expected_noise(uint64_t expected)
{
	unsigned int half = bits_of(expected) / 2;

	return half > 2 ? half - 2 : 0;
}

/* --- buckets ------------------------------------------------------------------------ */

bool share_has(uint64_t had, uint64_t exits, uint64_t known)
{
	return (unsigned __int128)had * exits >= known;
}

void share_begin(struct share *share)
{
	share->n = 0;
	share->known = 0;
	share->exits = 0;
}

void share_add(struct share *share, size_t index, uint64_t had)
{
	share->index[share->n++] = (uint16_t)index;
	share->known += had;
}

uint64_t expected_growth(uint64_t had, uint64_t exits, uint64_t known)
{
	unsigned __int128 quarters = (unsigned __int128)had * exits;

	if (!known)
		return 0;
	if (!(quarters >> 61))
		return (uint64_t)quarters * 4 / known;
	quarters = quarters / known * 4;
	return quarters >> 62 ? 0 : (uint64_t)quarters;
}

enum pack_section expected_section(uint64_t quarters)
{
	if (quarters < 4 * 4)
		return quarters < 4 ? PACK_FEW : PACK_SOME;
	return quarters < 4 * 16 ? PACK_MORE : PACK_MANY;
}

unsigned int expected_bits(uint64_t quarters)
{
	return quarters < 4 * 16 ? 0 : expected_noise(quarters / 4);
}

bool share_is_sparse(const struct share *share)
{
	return share->exits < share->n;
}

/* --- keys --------------------------------------------------------------------------- */

uint64_t expected_part(uint64_t whole, uint64_t part, uint64_t all)
{
	return all ? (uint64_t)((unsigned __int128)whole * part / all) : 0;
}

uint64_t expected_weight(uint64_t exits, const struct detail *before, const struct keys_growth *all)
{
	uint64_t had = before->count ?: all->exits ?: 1;
	uint64_t had_ns = before->count ? before->sum_ns : all->ns;
	unsigned __int128 weight = (unsigned __int128)exits * had_ns / had;

	return weight < MAX_WEIGHT ? (uint64_t)weight : MAX_WEIGHT;
}

/* A quarter of the spread of their sum, where that of each is its mean. */
unsigned int expected_time_noise(uint64_t ns, uint64_t exits)
{
	unsigned int least = bits_of(exits) / 2 + 4;

	return bits_of(ns) > least ? bits_of(ns) - least : 0;
}

/* --- sums --------------------------------------------------------------------------- */

void expected_sum_add(struct expected_sum *sum, uint32_t bucket, uint64_t exits)
{
	uint64_t low = exitstat_bucket_low(bucket);
	uint64_t next = bucket + 1 < EXITSTAT_HIST_BUCKETS ? exitstat_bucket_low(bucket + 1) : 0;
	uint64_t more = next - 1 - low; /* values than one */

	sum->ns += (low + more / 2) * exits;
	if (more > MAX_WIDTH)
		more = MAX_WIDTH;
	sum->variance += (unsigned __int128)more * more * (exits < MAX_EXITS ? exits : MAX_EXITS);
}

unsigned int expected_sum_noise(const struct expected_sum *sum)
{
	uint64_t high = (uint64_t)(sum->variance >> 64);
	unsigned int half = (high ? 64 + bits_of(high) : bits_of((uint64_t)sum->variance)) / 2;

	return half > 4 ? half - 4 : 0;
}
