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

static int open_maps(struct memory *memory)
{
	struct maps *maps = &memory->maps;
	struct exitstat *skel = memory->skel;
	int ret;

	maps->max_vcpus = skel->rodata->max_vcpus;
	maps->max_records = skel->rodata->max_records;
	ret = mapped_open(&memory->vcpus, bpf_map__fd(skel->maps.vcpus), maps->max_vcpus + 1,
			  sizeof(*maps->vcpus));
	ret = ret
		      ?: mapped_open(&memory->records, bpf_map__fd(skel->maps.records),
				     maps->max_records + 1, sizeof(*maps->records));
	maps->vcpus = memory->vcpus.memory;
	maps->records = memory->records.memory;
	maps->lines = skel->bss->lines;
	maps->ledger = &skel->bss->ledger;
	maps->free_vcpu = free_vcpu;
	maps->free_record = free_record;
	maps->free_detail = free_detail;
	maps->read_apicv = read_apicv;
	maps->missed = missed;
	maps->owner = memory;
	return ret;
}

static int open_details(struct memory *memory)
{
	struct maps *maps = &memory->maps;
	struct exitstat *skel = memory->skel;
	int ret;

	maps->max_details = skel->rodata->max_details;
	ret = mapped_open(&memory->details, bpf_map__fd(skel->maps.details), maps->max_details + 1,
			  sizeof(*maps->details));
	ret = ret
		      ?: mapped_open(&memory->chains, bpf_map__fd(skel->maps.chains),
				     maps->max_vcpus + 1, sizeof(*maps->chains));
	maps->details = memory->details.memory;
	maps->chains = memory->chains.memory;
	return ret;
}

static int open_slowest(struct memory *memory)
{
	struct maps *maps = &memory->maps;
	int ret;

	maps->nslowest = memory->skel->rodata->nslowest;
	ret = mapped_open(&memory->slowest, bpf_map__fd(memory->skel->maps.slowest),
			  (maps->max_records + 1) * maps->nslowest, sizeof(*maps->slowest));
	maps->slowest = memory->slowest.memory;
	return ret;
}

static int open_audit(struct memory *memory)
{
	struct exitstat *skel = memory->skel;
	int ret = mapped_open(&memory->audited, bpf_map__fd(skel->maps.audited),
			      memory->maps.max_vcpus + 1, sizeof(*memory->maps.audited));

	memory->maps.audited = memory->audited.memory;
	return ret
		       ?: counters_open(&memory->counters, bpf_map__fd(skel->maps.counters),
					bpf_program__fd(skel->progs.read_counters));
}

int memory_open(struct memory *memory, struct exitstat *skel, const struct programs *programs,
		const struct tracer_options *options)
{
	int ret;

	memory->skel = skel;
	memory->programs = programs;
	ret = open_maps(memory);
	if (options->kinds)
		ret = ret ?: open_details(memory);
	if (options->nslowest)
		ret = ret ?: open_slowest(memory);
	if (options->audit)
		ret = ret ?: open_audit(memory);
	if (options->audit || options->answers)
		ret = ret ?: answers_open(&memory->answers, bpf_map__fd(skel->maps.answers));
	return ret;
}

void memory_close(struct memory *memory)
{
	mapped_close(&memory->vcpus);
	mapped_close(&memory->records);
	mapped_close(&memory->audited);
	mapped_close(&memory->details);
	mapped_close(&memory->chains);
	mapped_close(&memory->slowest);
	counters_close(&memory->counters);
	answers_close(&memory->answers);
}
