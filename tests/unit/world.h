/* SPDX-License-Identifier: GPL-2.0-only */
/* BPF's maps as plain memory, exactly as long as they say, and what BPF does in them. */
#ifndef EXITSTAT_UNIT_WORLD_H
#define EXITSTAT_UNIT_WORLD_H

#include "bpf/exitstat.h"
#include "trace/maps.h"

#define MAX_VCPUS   8u
#define MAX_RECORDS 32u
#define NO_PID	    0x7ffffff0u /* beyond any pid_max */

struct world {
	struct maps maps;
	struct exitstat_lines *lines;
	struct exitstat_ledger ledger;
	struct exitstat_room room;
	uint64_t missed;
	struct reader *reader;
	struct snapshot snap;
	unsigned int vcpu_freed[MAX_VCPUS + 1];
	unsigned int record_freed[MAX_RECORDS + 1];
	unsigned int garbage_freed;
	int free_result;
	uint32_t last_record;
};

/* Of a test, whose state is a world. */
int world_setup(void **state);
int world_teardown(void **state);
#define world_test(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

struct exitstat_vcpu *world_vcpu(struct world *world, uint32_t slot, uint64_t vm, uint32_t pid,
				 uint32_t id);
struct exitstat_record *world_record(struct world *world, struct exitstat_vcpu *v, uint32_t reason);
/* So many that took so long. */
void world_exits(struct exitstat_record *r, uint64_t ns, uint64_t times);
/* Its line, which is the n-th of all; n 0: the one in its slot. */
struct exitstat_line *world_line(struct world *world, struct exitstat_vcpu *v, uint32_t n);
/* An exit that has no entry yet. */
void world_pend(struct exitstat_line *line, uint32_t reason, uint64_t ns);
void world_end(struct exitstat_vcpu *v);

/* What the reader sees now: the world's own, until the next call. */
const struct snapshot *world_take(struct world *world);

#endif
