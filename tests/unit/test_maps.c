// SPDX-License-Identifier: GPL-2.0-only
/* The reader of BPF's maps. vCPUs that end, and lists that are garbage: test_maps_ends.c. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/programs.h"
#include "unit.h"
#include "world.h"

static void test_nothing_yet(void **state)
{
	const struct snapshot *snap = world_take(*state);

	assert_int_equal(snap->nvms, 0);
	assert_int_equal(snap->losses.map_full + snap->losses.unpaired + snap->losses.missed, 0);
}

static void test_live_vcpu(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, MAX_VCPUS, 1, NO_PID, 3);
	struct exitstat_record *r = world_record(world, v, 0x80000021);
	const struct reason_stat *got;
	const struct snapshot *snap;

	world_exits(r, 100, 2);
	world_exits(r, 7000, 1);
	world_pend(world_line(world, v, 3), 0x80000021, 5000);
	world_exits(world_record(world, v, 12), 9, 4);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 1);
	assert_int_equal(snap->vms[0].pid, NO_PID);
	assert_int_equal(snap->vms[0].ended, false);
	assert_string_equal(snap->vms[0].name, "vmm");
	assert_int_equal(snap->vms[0].nvcpus, 1);
	assert_int_equal(snap->vms[0].vcpus[0].id, 3);
	assert_int_equal(snap->vms[0].vcpus[0].nreasons, 2);
	assert_int_equal(snap->vms[0].vcpus[0].reasons[0].reason, 12);
	got = &snap->vms[0].vcpus[0].reasons[1];
	assert_int_equal(got->isa, EXITSTAT_ISA_VMX);
	assert_int_equal(got->reason, 0x80000021);
	assert_int_equal(got->count, 4);
	assert_int_equal(got->timed, 3);
	assert_int_equal(got->sum_ns, 7200);
	assert_int_equal(got->min_ns, 100);
	assert_int_equal(got->max_ns, 7000);
	assert_int_equal(got->nbuckets, 2);
	assert_int_equal(got->buckets[0].index, exitstat_bucket(100));
	assert_int_equal(got->buckets[0].count, 2);
	assert_int_equal(got->buckets[1].index, exitstat_bucket(7000));
	assert_int_equal(world->vcpu_freed[MAX_VCPUS] + world->record_freed[1], 0);
}

/* The same reason twice: of the VM, and of its nested guest. */
static void test_levels(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	struct exitstat_record *r = world_record(world, v, 10);
	const struct vcpu_stat *vcpu;
	struct slot_counts counts;

	r->class.level = EXITSTAT_L2;
	r->reflected = 5;
	world_exits(r, 100, 7);
	world_exits(world_record(world, v, 10), 50, 2);
	vcpu = &world_take(world)->vms[0].vcpus[0];
	assert_int_equal(vcpu->nreasons, 2);
	assert_int_equal(vcpu->reasons[0].level, EXITSTAT_L1);
	assert_int_equal(vcpu->reasons[0].count, 2);
	assert_int_equal(vcpu->reasons[0].reflected, 0);
	assert_int_equal(vcpu->reasons[1].level, EXITSTAT_L2);
	assert_int_equal(vcpu->reasons[1].count, 7);
	assert_int_equal(vcpu->reasons[1].reflected, 5);
	/* The audit's: as KVM counts, both together. */
	for (int bound = SLOT_AT_MOST; bound <= SLOT_AT_LEAST; bound++) {
		world_pend(world_line(world, v, 1), 12, 5000);
		slot_read(&world->maps, 1, (enum slot_bound)bound, &counts);
		assert_int_equal(counts.count[10], 9);
		assert_int_equal(counts.ns[10], 800);
		assert_int_equal(counts.count[12], 1);
		assert_int_equal(counts.ns[12], 0);
		assert_true(counts.waiting);
		world_pend(world_line(world, v, 1), 12, 0);
		slot_read(&world->maps, 1, (enum slot_bound)bound, &counts);
		assert_int_equal(counts.count[12], 0);
		assert_false(counts.waiting);
	}
	/* An ended vCPU's are kept so. */
	world_end(v);
	vcpu = &world_take(world)->vms[0].vcpus[0];
	assert_int_equal(vcpu->reasons[1].level, EXITSTAT_L2);
	assert_int_equal(vcpu->reasons[1].reflected, 5);
}

static void test_exit_in_flight_is_counted_not_timed(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	const struct reason_stat *got;

	/* In a line, in the slot; without a record of its kind, and with one. */
	for (int i = 0; i < 4; i++) {
		world_pend(world_line(world, v, i % 2 * EXITSTAT_LINES), 12, 5000);
		got = &world_take(world)->vms[0].vcpus[0].reasons[0];
		assert_int_equal(got->reason, 12);
		assert_int_equal(got->level, EXITSTAT_L1);
		assert_int_equal(got->count, 1);
		assert_int_equal(got->timed, 0);
		assert_int_equal(got->nbuckets, 0);
		assert_int_equal(got->min_ns, UINT64_MAX);
		assert_int_equal(world->snap.vms[0].vcpus[0].nreasons, 1);
		if (i == 1)
			world_record(world, v, 12);
	}
	/* Of a vCPU that has ended, too, whose line was taken. */
	world_line(world, v, 0);
	world_end(v);
	got = &world_take(world)->vms[0].vcpus[0].reasons[0];
	assert_int_equal(got->count, 1);
}

/* It is on its way from the line to its record, which is what that looks like in between. */
static void test_count_never_goes_back(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	struct exitstat_line *line = world_line(world, v, 1);
	struct exitstat_record *r = world_record(world, v, 10);

	world_exits(r, 100, 7);
	world_pend(line, 10, 5000);
	assert_int_equal(world_take(world)->vms[0].vcpus[0].reasons[0].count, 8);
	world_pend(line, 10, 0);
	assert_int_equal(world_take(world)->vms[0].vcpus[0].reasons[0].count, 8);
	r->count++;
	assert_int_equal(world_take(world)->vms[0].vcpus[0].reasons[0].count, 8);
	/* Another vCPU's that gets the record later begins at its own. */
	world_end(v);
	world_take(world);
	v = world_vcpu(world, 1, 2, NO_PID, 0);
	world->last_record = 0;
	world_exits(world_record(world, v, 10), 100, 1);
	assert_int_equal(world_take(world)->vms[1].vcpus[0].reasons[0].count, 1);
}

static void test_all_buckets(void **state)
{
	struct world *world = *state;
	struct exitstat_record *r = world_record(world, world_vcpu(world, 1, 1, NO_PID, 0), 1);
	const struct reason_stat *got;

	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++)
		world_exits(r, exitstat_bucket_low(i), i + 1);
	got = &world_take(world)->vms[0].vcpus[0].reasons[0];
	assert_int_equal(got->nbuckets, EXITSTAT_HIST_BUCKETS);
	assert_int_equal(got->timed, got->count);
	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++) {
		assert_int_equal(got->buckets[i].index, i);
		assert_int_equal(got->buckets[i].count, i + 1);
	}
}

static void test_vms_and_vcpus_are_kept_apart(void **state)
{
	struct world *world = *state;
	const struct snapshot *snap;

	/* Two VMs of one process; the vCPUs not in order. */
	world_exits(world_record(world, world_vcpu(world, 1, 7, NO_PID, 1), 10), 10, 1);
	world_exits(world_record(world, world_vcpu(world, 2, 3, NO_PID, 0), 10), 10, 2);
	world_exits(world_record(world, world_vcpu(world, 3, 7, NO_PID, 0), 10), 10, 3);
	snap = world_take(world);
	assert_int_equal(snap->nvms, 2);
	assert_int_equal(snap->vms[0].serial, 3);
	assert_int_equal(snap->vms[0].nvcpus, 1);
	assert_int_equal(snap->vms[0].vcpus[0].reasons[0].count, 2);
	assert_int_equal(snap->vms[1].serial, 7);
	assert_int_equal(snap->vms[1].pid, NO_PID);
	assert_int_equal(snap->vms[1].nvcpus, 2);
	assert_int_equal(snap->vms[1].vcpus[0].id, 0);
	assert_int_equal(snap->vms[1].vcpus[0].reasons[0].count, 3);
	assert_int_equal(snap->vms[1].vcpus[1].id, 1);
	assert_int_equal(snap->vms[1].vcpus[1].reasons[0].count, 1);
}

/* Where time went, and the slowest exits: read, harvested, and zeroed for the next vCPU. */
static void test_parts_and_slowest(void **state)
{
	struct exitstat_slow slowest[(MAX_RECORDS + 1) * 2] = { 0 };
	static const struct exitstat_slow none[2];
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 2, 1, NO_PID, 0);
	struct exitstat_record *r = world_record(world, v, 10);
	const struct reason_stat *found;

	world->maps.slowest = slowest;
	world->maps.nslowest = 2;
	world_exits(r, 700, 3);
	r->part_ns[EXITSTAT_USER] = 100;
	r->part_ns[EXITSTAT_RUNNABLE] = 1999;
	r->nslowest = 1;
	slowest[2] = (struct exitstat_slow){ .writes = 2,
					     .entry_ns = 9000,
					     .ns = 700,
					     .accesses = 1,
					     .key = 0x70,
					     .kind = EXITSTAT_IO,
					     .access = EXITSTAT_WRITE,
					     .other_tid = 8 };
	memset(slowest[2].other, 'x', sizeof(slowest[2].other));
	slowest[2].part_ns[EXITSTAT_BLOCKED] = 7;
	slowest[3].ns = 800; /* of another, long ago */
	world_end(v);
	found = &world_take(world)->vms[0].vcpus[0].reasons[0];
	assert_int_equal(found->part_ns[EXITSTAT_USER], 100);
	assert_int_equal(found->part_ns[EXITSTAT_RUNNABLE], 1999);
	assert_int_equal(found->part_ns[EXITSTAT_BLOCKED], 0);
	assert_int_equal(found->nslow, 1);
	assert_int_equal(found->slow[0].ns, 700);
	assert_int_equal(found->slow[0].entry_ns, 9000);
	assert_int_equal(found->slow[0].part_ns[EXITSTAT_BLOCKED], 7);
	assert_int_equal(found->slow[0].key.key, 0x70);
	assert_int_equal(found->slow[0].key.accesses, 1);
	assert_string_equal(found->slow[0].other, "xxxxxxxxxxxxxxx");
	assert_memory_equal(&slowest[2], none, sizeof(none));
	assert_int_equal(world->garbage_freed, 0);
	world->maps.slowest = NULL;
}

static void test_losses(void **state)
{
	struct world *world = *state;
	const struct snapshot *snap;

	world->ledger = (struct exitstat_ledger){ .map_full = 5, .unpaired = 6, .missed = 7 };
	world->missed = 100;
	assert_int_equal(maps_lost(&world->maps), 5 + 7 + 100 * MISSED_EXITS);
	snap = world_take(world);
	assert_int_equal(snap->losses.map_full, 5);
	assert_int_equal(snap->losses.unpaired, 6);
	assert_int_equal(snap->losses.missed, 7 + 100 * MISSED_ANY);
}

/* --- a vCPU that runs ---------------------------------------------------------- */

static void add(__u64 *to, uint64_t n)
{
	__atomic_store_n(to, *to + n, __ATOMIC_RELEASE);
}

struct runner {
	struct exitstat_line *line;
	struct exitstat_record *record;
	bool stop;
	uint64_t exits; /* with an entry */
};

/* Exits of all times from 1 ns on, as BPF counts them, the last of them without an entry. */
static void *run_vcpu(void *arg)
{
	struct runner *runner = arg;
	struct exitstat_record *r = runner->record;

	for (; !__atomic_load_n(&runner->stop, __ATOMIC_ACQUIRE); runner->exits++) {
		uint64_t ns = 1ull << (runner->exits % 60);

		world_pend(runner->line, 10, runner->exits + 1);
		__atomic_store_n(&runner->line->exit_ns, 0, __ATOMIC_RELEASE);
		add(&r->count, 1);
		add(&r->sum_ns, ns);
		if (ns < r->min_ns)
			__atomic_store_n(&r->min_ns, ns, __ATOMIC_RELEASE);
		if (ns > r->max_ns)
			__atomic_store_n(&r->max_ns, ns, __ATOMIC_RELEASE);
		__atomic_store_n(&r->hist[exitstat_bucket(ns)], r->hist[exitstat_bucket(ns)] + 1,
				 __ATOMIC_RELEASE);
	}
	world_pend(runner->line, 10, runner->exits + 1);
	return NULL;
}

/* Looked at until exits have come between the histogram and the count. */
static void test_histogram_is_never_ahead(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);
	struct runner runner = {
		.line = world_line(world, v, 1),
		.record = world_record(world, v, 10),
	};
	uint64_t meanwhile = 0, ahead = 0, last = 0, back = 0, begun;
	const struct reason_stat *seen;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run_vcpu, &runner), 0);
	for (int looks = 0; looks < 1000 || (!meanwhile && looks < 1000000); looks++) {
		seen = &world_take(world)->vms[0].vcpus[0].reasons[0];
		begun = __atomic_load_n(&runner.exits, __ATOMIC_ACQUIRE) + 1;
		ahead += seen->timed > seen->count || seen->count > begun;
		back += seen->count < last;
		last = seen->count;
		meanwhile += seen->timed + 1 < seen->count;
	}
	__atomic_store_n(&runner.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_int_equal(ahead, 0);
	assert_int_equal(back, 0);
	assert_true(meanwhile > 0);
	seen = &world_take(world)->vms[0].vcpus[0].reasons[0];
	assert_int_equal(seen->count, runner.exits + 1);
	assert_int_equal(seen->timed, runner.exits);
}

static void test_comm_of_full_length(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v = world_vcpu(world, 1, 1, NO_PID, 0);

	strcpy(v->comm, "123456789012345");
	assert_string_equal(world_take(world)->vms[0].name, "123456789012345");
}

static void test_name_outlives_the_process(void **state)
{
	struct world *world = *state;
	pid_t pid = start_fake_qemu("guest=web1");

	world_vcpu(world, 1, 1, (uint32_t)pid, 0);
	assert_int_equal(reader_notice(world->reader, 1), 0);
	end_fake_qemu(pid);
	assert_string_equal(world_take(world)->vms[0].name, "web1");
	world_end(&world->maps.vcpus[1]);
	assert_string_equal(world_take(world)->vms[0].name, "web1");
}

static void test_notice_of_no_vcpu(void **state)
{
	struct world *world = *state;

	assert_int_equal(reader_notice(world->reader, 0), 0);
	assert_int_equal(reader_notice(world->reader, 1), 0);
	assert_int_equal(reader_notice(world->reader, MAX_VCPUS + 1), 0);
	assert_int_equal(reader_notice(world->reader, UINT32_MAX), 0);
	assert_int_equal(world_take(world)->nvms, 0);
}

/* Only a VM whose process is younger than the reader was counted from its creation. */
static void test_whole(void **state)
{
	struct world *world = *state;
	struct exitstat_vcpu *v;
	pid_t young;

	usleep(2 * 1000000 / (unsigned int)sysconf(_SC_CLK_TCK));
	young = start_fake_qemu("young");
	v = world_vcpu(world, 1, 1, (uint32_t)getpid(), 0);
	world_exits(world_record(world, v, 10), 100, 1);
	v = world_vcpu(world, 2, 2, (uint32_t)young, 0);
	world_exits(world_record(world, v, 10), 100, 1);
	assert_int_equal(reader_take(world->reader, &world->snap), 0);
	end_fake_qemu(young);
	assert_int_equal(world->snap.nvms, 2);
	assert_false(world->snap.vms[0].whole);
	assert_true(world->snap.vms[1].whole);
}

UNIT_TESTS(maps)
{
	const struct CMUnitTest tests[] = {
		world_test(test_whole),
		world_test(test_nothing_yet),
		world_test(test_live_vcpu),
		world_test(test_levels),
		world_test(test_exit_in_flight_is_counted_not_timed),
		world_test(test_count_never_goes_back),
		world_test(test_all_buckets),
		world_test(test_vms_and_vcpus_are_kept_apart),
		world_test(test_parts_and_slowest),
		world_test(test_losses),
		world_test(test_histogram_is_never_ahead),
		world_test(test_comm_of_full_length),
		world_test(test_name_outlives_the_process),
		world_test(test_notice_of_no_vcpu),
	};

	RUN_GROUP(tally, "maps", tests);
}
