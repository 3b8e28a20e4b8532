// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <unistd.h>

#include "trace/growth.h"

/* The first chunk is for so many at least. */
#define MIN_BITS 8u

/* So many are free, or a chunk is added: others are taken while that is done. */
#define SPARE_VCPUS 128u

/* Of each there are 2^n for a vCPU. */
static const uint32_t room_bits[EXITSTAT_ROOMS] = {
	[EXITSTAT_RECORDS] = EXITSTAT_RECORD_BITS,
	[EXITSTAT_DETAILS] = EXITSTAT_DETAIL_BITS,
};

struct chunk_plan chunks_plan(uint32_t at_start, uint32_t max_vcpus)
{
	struct chunk_plan plan = { .bits = MIN_BITS };

	while (1u << plan.bits <= at_start)
		plan.bits++;
	plan.most = (max_vcpus >> plan.bits) + 1;
	plan.vcpus = plan.most > 1 ? 1u << plan.bits : max_vcpus + 1;
	return plan;
}

void growth_add(struct growth *growth, struct chunks *chunks, enum exitstat_room_of what,
		bool needed)
{
	growth->maps[growth->nmaps++] = (struct growing){ chunks, what, needed, 1 };
}

/* What the numbers of so many chunks end at. */
static uint32_t end_of(const struct growth *growth, enum exitstat_room_of what, uint32_t chunks)
{
	uint32_t end = (chunks * growth->plan.vcpus) << room_bits[what];

	return what == EXITSTAT_VCPUS && end > growth->max_vcpus ? growth->max_vcpus + 1 : end;
}

static void open_room(struct growth *growth, enum exitstat_room_of what)
{
	uint32_t chunks = growth->plan.most;

	for (size_t i = 0; i < growth->nmaps; i++) {
		const struct growing *map = &growth->maps[i];

		if (map->what == what && map->needed && map->n < chunks)
			chunks = map->n;
	}
	__atomic_store_n(&growth->room->end[what], end_of(growth, what, chunks), __ATOMIC_RELEASE);
}

void growth_open(struct growth *growth)
{
	for (enum exitstat_room_of what = 0; what < EXITSTAT_ROOMS; what++) {
		/* That a vCPU starts is told anyway. */
		if (what != EXITSTAT_VCPUS)
			growth->room->few[what] = SPARE_VCPUS << room_bits[what];
		open_room(growth, what);
	}
}

uint32_t growth_entries(const struct growth *growth, const struct chunks *chunks)
{
	for (size_t i = 0; i < growth->nmaps; i++)
		if (growth->maps[i].chunks == chunks)
			return growth->maps[i].n * chunks->entries;
	return 0;
}

/* What BPF counts in must be seen here before. */
static int add_chunk(const struct growth *growth, size_t number)
{
	const struct growing *map = &growth->maps[number];
	const bool kept = growth->keeper.pid;
	int fd = kept ? keeper_ask(&growth->keeper, number) : chunk_make(map->chunks);
	int err, put;

	if (fd < 0)
		return fd;
	err = chunk_map(map->chunks, map->n, fd);
	if (kept)
		put = keeper_put(&growth->keeper, !err);
	else
		put = err ?: chunk_put(map->chunks, map->n, fd);
	close(fd);
	return err ?: put;
}

static bool is_short(const struct growth *growth, const struct growing *map)
{
	uint32_t last = __atomic_load_n(&growth->room->last[map->what], __ATOMIC_RELAXED);

	return map->n < growth->plan.most &&
	       last + (SPARE_VCPUS << room_bits[map->what]) >= end_of(growth, map->what, map->n);
}

int growth_look(struct growth *growth)
{
	for (size_t i = 0; i < growth->nmaps; i++) {
		struct growing *map = &growth->maps[i];

		while (is_short(growth, map)) {
			int err = add_chunk(growth, i);

			if (err)
				return err;
			map->n++;
			open_room(growth, map->what);
		}
	}
	return 0;
}

int growth_keep(struct growth *growth, const struct user *user)
{
	struct chunks *maps[KEEPER_MAPS];

	if (growth->plan.most == 1)
		return 0;
	for (size_t i = 0; i < growth->nmaps; i++)
		maps[i] = growth->maps[i].chunks;
	return keeper_start(&growth->keeper, maps, growth->nmaps, growth->plan.most, user);
}

void growth_close(struct growth *growth)
{
	keeper_stop(&growth->keeper);
}
