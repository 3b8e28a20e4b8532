// SPDX-License-Identifier: GPL-2.0-only
/* The reader of BPF's maps, of vCPUs that end and of lists that do not. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"
#include "world.h"

static void test_ended_vcpu_is_harvested_once(void **state)
{
	static const struct exitstat_vcpu free_slot;
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 2, 1, NO_PID, 0);

	world_exits(world_record(world, v, 10), 10, 1);
	world_exits(world_record(world, v, 12), 20, 2);
	world->maps.indexes[2].record[10] = 1;
	world->maps.indexes[2].record[12] = 2;
	world_end(v);
	for (int i = 0; i < 3; i++) {
		const struct snapshot *snap = world_take(world);

		assert_int_equal(snap->nvms, 1);
		assert_int_equal(snap->vms[0].ended, true);
		assert_int_equal(snap->vms[0].nvcpus, 1);
		assert_int_equal(snap->vms[0].vcpus[0].nreasons, 2);
		assert_int_equal(snap->vms[0].vcpus[0].reasons[1].count, 2);
		assert_int_equal(world->vcpu_freed[2], 1);
		assert_int_equal(world->record_freed[1], 1);
		assert_int_equal(world->record_freed[2], 1);
		assert_int_equal(world->garbage_freed, 0);
		assert_memory_equal(v, &free_slot, sizeof(free_slot));
	}
}

static void test_slot_used_again_is_another_vm(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	const struct snapshot *snap;

	world_exits(world_record(world, v, 10), 10, 1);
	world_end(v);
	world_take(world);
	/* The same pid, name and vCPU number; only the serial tells. */
	world->last_record = 0;
	world_exits(world_record(world, world_vcpu(world, 1, 2, NO_PID, 0), 10), 10, 50);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 2);
	assert_int_equal(snap->vms[0].ended, true);
	assert_int_equal(snap->vms[0].vcpus[0].reasons[0].count, 1);
	assert_int_equal(snap->vms[1].ended, false);
	assert_int_equal(snap->vms[1].nvcpus, 1);
	assert_int_equal(snap->vms[1].vcpus[0].reasons[0].count, 50);
	assert_int_equal(world->vcpu_freed[1], 1);
}

static void test_vm_has_ended_when_all_its_vcpus_have(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v0 = world_vcpu(world, 1, 1, NO_PID, 0);
	struct exitstat_vcpu *v1 = world_vcpu(world, 2, 1, NO_PID, 1);
	const struct snapshot *snap;

	world_exits(world_record(world, v0, 10), 10, 1);
	world_exits(world_record(world, v1, 10), 10, 2);
	world_end(v0);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 1);
	assert_int_equal(snap->vms[0].nvcpus, 2);
	assert_int_equal(snap->vms[0].ended, false);
	world_end(v1);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 1);
	assert_int_equal(snap->vms[0].nvcpus, 2);
	assert_int_equal(snap->vms[0].ended, true);
	assert_int_equal(snap->vms[0].vcpus[1].reasons[0].count, 2);
}

static void test_growth_goes_on_over_the_end(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	struct snapshot before, growth;

	world_exits(world_record(world, v, 10), 10, 5);
	assert_int_equal(reader_take(world->reader, &before), 0);
	world_exits(&world->maps.records[1], 10, 2);
	world_end(v);
	assert_int_equal(snapshot_subtract(&growth, world_take(world), &before), 0);
	assert_int_equal(growth.vms[0].vcpus[0].reasons[0].count, 2);
	snapshot_free(&growth);
	snapshot_free(&before);
}

static void test_what_cannot_be_given_back_is_still_counted(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);

	world->free_result = -E2BIG;
	world_exits(world_record(world, v, 10), 10, 5);
	world_end(v);
	world_take(world);
	assert_int_equal(world_take(world)->vms[0].vcpus[0].reasons[0].count, 5);
	assert_int_equal(world->vcpu_freed[1], 1);
}

static void test_garbage_index_ends_the_list(void **state)
{
	static const uint32_t garbage[] = { MAX_RECORDS + 1, 0x10000, UINT32_MAX };
	struct world *world = *state;

	for (size_t i = 0; i < COUNT(garbage); i++) {
		struct exitstat_vcpu *v = world_vcpu(world, 1, 10 + i, NO_PID, 0);

		world->last_record = 0;
		world_exits(world_record(world, v, 10), 10, 5);
		world->maps.records[1].next = garbage[i];
		v = world_vcpu(world, 2, 20 + i, NO_PID, 0);
		v->first = garbage[i];
		assert_int_equal(world_take(world)->nvms, 2 * (i + 1));
		world_end(&world->maps.vcpus[1]);
		world_end(v);
		world_take(world);
		assert_int_equal(world->record_freed[1], i + 1);
		assert_int_equal(world->garbage_freed, 0);
	}
}

static void test_cyclic_list_ends(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	const struct snapshot *snap;

	for (uint32_t i = 1; i <= 3; i++)
		world_exits(world_record(world, v, i), 10, i);
	world->maps.records[1].next = 3;
	v = world_vcpu(world, 2, 2, NO_PID, 0);
	world_exits(world_record(world, v, 1), 10, 1);
	world->maps.records[4].next = 4;
	alarm(20);
	snap = world_take(world);
	alarm(0);
	assert_int_equal(snap->nvms, 2);
	assert_true(snap->vms[0].vcpus[0].nreasons >= 3);
	assert_true(snap->vms[0].vcpus[0].nreasons <= MAX_RECORDS);
}

static void test_ended_cyclic_list_is_given_back_once(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);

	for (uint32_t i = 1; i <= 3; i++)
		world_exits(world_record(world, v, i), 10, i);
	world->maps.records[1].next = 3;
	world_end(v);
	alarm(20);
	world_take(world);
	alarm(0);
	assert_int_equal(world->vcpu_freed[1], 1);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(world->record_freed[i], 1);
	assert_int_equal(world->garbage_freed, 0);
}

/* What a service has added up elsewhere need not be kept for good. */
static void test_forgotten_vm(void **state)
{
	struct world *world = *state;
	const struct snapshot *snap;

	for (uint32_t i = 1; i <= 3; i++)
		world_exits(world_record(world, world_vcpu(world, i, i, NO_PID, 0), 12), 9, i);
	world_take(world);
	world_end(&world->maps.vcpus[2]);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 3);
	assert_true(snap->vms[1].ended);
	reader_forget(world->reader, 2);
	reader_forget(world->reader, 2);
	reader_forget(world->reader, 77);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 2);
	assert_int_equal(snap->vms[0].serial, 1);
	assert_int_equal(snap->vms[1].serial, 3);
	assert_int_equal(vm_count(&snap->vms[1]), 3);
	assert_string_equal(snap->vms[1].name, "vmm");
}

UNIT_TESTS(maps_ends)
{
	const struct CMUnitTest tests[] = {
		world_test(test_ended_vcpu_is_harvested_once),
		world_test(test_slot_used_again_is_another_vm),
		world_test(test_vm_has_ended_when_all_its_vcpus_have),
		world_test(test_growth_goes_on_over_the_end),
		world_test(test_what_cannot_be_given_back_is_still_counted),
		world_test(test_garbage_index_ends_the_list),
		world_test(test_cyclic_list_ends),
		world_test(test_ended_cyclic_list_is_given_back_once),
		world_test(test_forgotten_vm),
	};

	RUN_GROUP(tally, "maps_ends", tests);
}
