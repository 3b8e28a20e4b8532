// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "world.h"

static int free_vcpu(void *owner, uint32_t index)
{
	static const struct exitstat_vcpu zero;
	static const struct exitstat_index none;
	struct world *world = owner;

	if (!index || index > MAX_VCPUS ||
	    memcmp(&world->maps.vcpus[index], &zero, sizeof(zero)) != 0 ||
	    memcmp(&world->maps.indexes[index], &none, sizeof(none)) != 0)
		world->garbage_freed++;
	else
		world->vcpu_freed[index]++;
	return world->free_result;
}

static int free_record(void *owner, uint32_t index)
{
	static const struct exitstat_record zero;
	struct world *world = owner;

	if (!index || index > MAX_RECORDS ||
	    memcmp(&world->maps.records[index], &zero, sizeof(zero)) != 0)
		world->garbage_freed++;
	else
		world->record_freed[index]++;
	return world->free_result;
}

/* So many of each kind. */
static uint64_t missed(void *owner, unsigned int what)
{
	return ((struct world *)owner)->missed * what;
}

int world_setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world->lines = calloc(EXITSTAT_LINES / 2, sizeof(*world->lines));
	assert_non_null(world->lines);
	world->room = (struct exitstat_room){
		.end = { MAX_VCPUS + 1, MAX_RECORDS + 1, 0 },
		.last = { MAX_VCPUS, MAX_RECORDS, 0 },
	};
	world->maps = (struct maps){
		.lines = world->lines,
		.vcpus = calloc(MAX_VCPUS + 1, sizeof(struct exitstat_vcpu)),
		.indexes = calloc(MAX_VCPUS + 1, sizeof(struct exitstat_index)),
		.records = calloc(MAX_RECORDS + 1, sizeof(struct exitstat_record)),
		.ledger = &world->ledger,
		.room = &world->room,
		.nindexes = MAX_VCPUS + 1,
		.max_records = MAX_RECORDS,
		.free_vcpu = free_vcpu,
		.free_record = free_record,
		.missed = missed,
		.owner = world,
	};
	assert_non_null(world->maps.vcpus);
	assert_non_null(world->maps.indexes);
	assert_non_null(world->maps.records);
	world->reader = reader_new(&world->maps);
	assert_non_null(world->reader);
	*state = world;
	return 0;
}

int world_teardown(void **state)
{
	struct world *world = *state;

	snapshot_free(&world->snap);
	reader_free(world->reader);
	free(world->maps.vcpus);
	free(world->maps.indexes);
	free(world->maps.records);
	free(world->lines);
	free(world);
	return 0;
}

/* --- what BPF does ----------------------------------------------------------- */

struct exitstat_vcpu *world_vcpu(struct world *world, uint32_t slot, uint64_t vm, uint32_t pid,
				 uint32_t id)
{
	struct exitstat_vcpu *v = &world->maps.vcpus[slot];

	v->serial = 1000 + slot;
	v->vm_serial = vm;
	v->addr = 0xffff888000000000 + slot;
	v->isa = EXITSTAT_ISA_VMX;
	v->pid = pid;
	v->tid = pid + 1 + id;
	v->vcpu_id = id;
	strcpy(v->comm, "vmm");
	return v;
}

struct exitstat_record *world_record(struct world *world, struct exitstat_vcpu *v, uint32_t reason)
{
	struct exitstat_record *r = &world->maps.records[++world->last_record];

	assert_true(world->last_record <= MAX_RECORDS);
	r->class.reason = reason;
	r->class.level = EXITSTAT_L1;
	r->min_ns = UINT64_MAX;
	r->next = v->first;
	v->first = world->last_record;
	return r;
}

void world_exits(struct exitstat_record *r, uint64_t ns, uint64_t times)
{
	r->count += times;
	r->sum_ns += times * ns;
	if (ns < r->min_ns)
		r->min_ns = ns;
	if (ns > r->max_ns)
		r->max_ns = ns;
	r->hist[exitstat_bucket(ns)] += times;
}

struct exitstat_line *world_line(struct world *world, struct exitstat_vcpu *v, uint32_t n)
{
	v->line = n;
	return n ? &world->lines[(n - 1) / 2].two[(n - 1) % 2] : &v->spare;
}

void world_pend(struct exitstat_line *line, uint32_t reason, uint64_t ns)
{
	line->class = (union exitstat_class){ .reason = reason, .level = EXITSTAT_L1 };
	__atomic_store_n(&line->exit_ns, ns, __ATOMIC_RELEASE);
}

void world_end(struct exitstat_vcpu *v)
{
	v->addr = 0;
	v->end_ns = 5000;
}

const struct snapshot *world_take(struct world *world)
{
	snapshot_free(&world->snap);
	assert_int_equal(reader_take(world->reader, &world->snap), 0);
	return &world->snap;
}
