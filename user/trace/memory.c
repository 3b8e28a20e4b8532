// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "trace/memory.h"
#include "exitstat.skel.h" /* after the types its maps use */

static int push_free(struct bpf_map *map, uint32_t index)
{
	return bpf_map_update_elem(bpf_map__fd(map), NULL, &index, BPF_ANY);
}

static int free_vcpu(void *owner, uint32_t index)
{
	struct memory *memory = owner;

	return push_free(memory->skel->maps.free_vcpus, index);
}

static int free_record(void *owner, uint32_t index)
{
	struct memory *memory = owner;

	return push_free(memory->skel->maps.free_records, index);
}

static int free_detail(void *owner, uint32_t index)
{
	struct memory *memory = owner;

	return push_free(memory->skel->maps.free_details, index);
}

static int read_apicv(void *owner, uint64_t vm_serial, bool last, struct exitstat_apicv *apicv)
{
	const struct memory *memory = owner;
	int fd = bpf_map__fd(memory->skel->maps.apicv_of_vm);
	int err = bpf_map_lookup_elem(fd, &vm_serial, apicv) ? -errno : 0;

	if (!err && last)
		bpf_map_delete_elem(fd, &vm_serial);
	return err;
}

static uint64_t missed(void *owner, unsigned int what)
{
	const struct memory *memory = owner;

	return programs_missed(memory->programs, what);
}

static int open_vcpus(struct memory *memory)
{
	struct maps *maps = &memory->maps;
	struct exitstat *skel = memory->skel;
	int ret = mapped_open(&memory->vcpus, bpf_map__fd(skel->maps.vcpus),
			      bpf_map__max_entries(skel->maps.vcpus), sizeof(*maps->vcpus));

	maps->vcpus = memory->vcpus.memory;
	maps->lines = skel->bss->lines;
	maps->ledger = &skel->bss->ledger;
	maps->room = &skel->bss->room;
	maps->free_vcpu = free_vcpu;
	maps->free_record = free_record;
	maps->free_detail = free_detail;
	maps->read_apicv = read_apicv;
	maps->missed = missed;
	maps->owner = memory;
	return ret;
}

static int begin(struct memory *memory, struct chunks *chunks, enum exitstat_room_of what,
		 bool needed)
{
	growth_add(&memory->growth, chunks, what, needed);
	return chunks_begin(chunks);
}

static int open_records(struct memory *memory)
{
	struct maps *maps = &memory->maps;
	int ret = begin(memory, &memory->records, EXITSTAT_RECORDS, true);

	maps->indexes = memory->indexes.mapped.memory;
	maps->records = memory->records.mapped.memory;
	maps->max_records = memory->growth.plan.most * memory->records.entries;
	return ret ?: begin(memory, &memory->indexes, EXITSTAT_VCPUS, false);
}

static int open_details(struct memory *memory)
{
	struct maps *maps = &memory->maps;
	int ret = begin(memory, &memory->details, EXITSTAT_DETAILS, true);

	maps->details = memory->details.mapped.memory;
	maps->chains = memory->chains.mapped.memory;
	return ret ?: begin(memory, &memory->chains, EXITSTAT_VCPUS, false);
}

static int open_slowest(struct memory *memory)
{
	memory->maps.nslowest = memory->skel->rodata->nslowest;
	memory->maps.slowest = memory->slowest.mapped.memory;
	return begin(memory, &memory->slowest, EXITSTAT_RECORDS, true);
}

static int open_audit(struct memory *memory)
{
	struct exitstat *skel = memory->skel;
	int ret = begin(memory, &memory->audited, EXITSTAT_VCPUS, true);

	memory->maps.audited = memory->audited.mapped.memory;
	return ret
		       ?: counters_open(&memory->counters, bpf_map__fd(skel->maps.counters),
					bpf_program__fd(skel->progs.read_counters));
}

static void count_entries(struct memory *memory)
{
	memory->maps.nindexes = growth_entries(&memory->growth, &memory->indexes);
	memory->maps.nchains = growth_entries(&memory->growth, &memory->chains);
}

int memory_open(struct memory *memory, struct exitstat *skel, const struct programs *programs,
		const struct tracer_options *options)
{
	int ret;

	memory->skel = skel;
	memory->programs = programs;
	memory->growth.max_vcpus = options->max_vcpus;
	memory->growth.room = &skel->bss->room;
	ret = open_vcpus(memory);
	ret = ret ?: open_records(memory);
	if (options->kinds)
		ret = ret ?: open_details(memory);
	if (options->nslowest)
		ret = ret ?: open_slowest(memory);
	if (options->audit)
		ret = ret ?: open_audit(memory);
	if (options->audit || options->answers)
		ret = ret ?: answers_open(&memory->answers, bpf_map__fd(skel->maps.answers));
	if (ret)
		return ret;
	growth_open(&memory->growth);
	count_entries(memory);
	return 0;
}

int memory_grow(struct memory *memory)
{
	int err = growth_look(&memory->growth);

	count_entries(memory);
	return err;
}

void memory_close(struct memory *memory)
{
	growth_close(&memory->growth);
	mapped_close(&memory->vcpus);
	chunks_close(&memory->indexes);
	chunks_close(&memory->records);
	chunks_close(&memory->audited);
	chunks_close(&memory->details);
	chunks_close(&memory->chains);
	chunks_close(&memory->slowest);
	counters_close(&memory->counters);
	answers_close(&memory->answers);
}
