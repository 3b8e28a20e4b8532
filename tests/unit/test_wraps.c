// SPDX-License-Identifier: GPL-2.0-only
/* Buckets of 32 bits that begin at 0 again. */
#include "unit.h"
#include "world.h"

#include "trace/wraps.h"

#define ONCE	   (1ULL << 32)
#define HALF	   (1ULL << 31)
#define MINUTE_MAX (HALF - 1) /* no vCPU has more exits between two looks */

static const struct reason_stat *look(struct world *world)
{
	return &world_take(world)->vms[0].vcpus[0].reasons[0];
}

/* With each look as many as there can be: from one half to the other, and over the end. */
static void test_each_time_is_seen(void **state)
{
	struct world *world = *state;
	struct exitstat_record *r = world_record(world, world_vcpu(world, 1, 1, NO_PID, 0), 10);
	const uint64_t steps[] = { 1, MINUTE_MAX, 2, HALF - 2, HALF - 5, 10, MINUTE_MAX, 0, 77 };
	uint64_t all = 0;

	for (int i = 0; i < 90; i++) {
		const struct reason_stat *found;

		all += steps[i % 9];
		world_exits(r, 700, steps[i % 9]);
		assert_int_equal(r->hist[exitstat_bucket(700)], (uint32_t)all);
		found = look(world);
		assert_int_equal(found->nbuckets, 1);
		assert_int_equal(found->buckets[0].count, all);
		assert_int_equal(found->timed, all);
		assert_int_equal(world->snap.losses.unpaired, 0);
	}
	assert_true(all > 20 * ONCE);
}

/* A bucket that begins again is not the one beside it, nor is another record's. */
static void test_each_bucket_has_its_own(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	struct exitstat_record *r = world_record(world, v, 10), *other = world_record(world, v, 12);
	const struct reason_stat *found;

	for (int i = 0; i < 4; i++) {
		for (uint32_t j = 0; j < EXITSTAT_HIST_BUCKETS; j++)
			world_exits(r, exitstat_bucket_low(j), j % 3 ? j : MINUTE_MAX);
		world_exits(other, 1, 5);
		look(world);
	}
	found = look(world);
	assert_int_equal(found[0].nbuckets, EXITSTAT_HIST_BUCKETS);
	for (uint32_t j = 0; j < EXITSTAT_HIST_BUCKETS; j++)
		assert_int_equal(found[0].buckets[j].count, 4ULL * (j % 3 ? j : MINUTE_MAX));
	assert_int_equal(found[1].timed, 20);
	assert_int_equal(found[0].timed, found[0].count);
}

/* Whoever gets the record next begins at 0, though it was in its upper half. */
static void test_record_used_again(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	struct exitstat_record *r = world_record(world, v, 10);
	const struct snapshot *snap;

	for (int i = 0; i < 3; i++) {
		world_exits(r, 700, MINUTE_MAX);
		look(world);
	}
	world_end(v);
	assert_int_equal(look(world)->timed, 3 * MINUTE_MAX);
	world->last_record = 0;
	world_exits(world_record(world, world_vcpu(world, 1, 2, NO_PID, 0), 10), 700, 9);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 2);
	assert_int_equal(snap->vms[0].vcpus[0].reasons[0].timed, 3 * MINUTE_MAX);
	assert_int_equal(snap->vms[1].vcpus[0].reasons[0].timed, 9);
}

/* The process was stopped for an hour: what the histogram lacks is said. */
static void test_too_late_is_told(void **state)
{
	struct world *world = *state;
	struct exitstat_record *r = world_record(world, world_vcpu(world, 1, 1, NO_PID, 0), 10);
	const struct reason_stat *found;

	world->ledger.unpaired = 3;
	world_exits(r, 700, 100);
	r->count += 3;
	look(world);
	assert_int_equal(world->snap.losses.unpaired, 3);
	world_exits(r, 700, 2 * ONCE);
	found = look(world);
	assert_int_equal(found->count, 2 * ONCE + 103);
	assert_int_equal(found->timed, 100);
	assert_int_equal(world->snap.losses.unpaired, 2 * ONCE + 3);
	assert_int_equal(wraps_missed(5, 7), 0);
	assert_int_equal(wraps_missed(ONCE + 6, 7), 0);
	assert_int_equal(wraps_missed(ONCE + 7, 7), ONCE);
}

UNIT_TESTS(wraps)
{
	const struct CMUnitTest tests[] = {
		world_test(test_each_time_is_seen),
		world_test(test_each_bucket_has_its_own),
		world_test(test_record_used_again),
		world_test(test_too_late_is_told),
	};

	RUN_GROUP(tally, "wraps", tests);
}
