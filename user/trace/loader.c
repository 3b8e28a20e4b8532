// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>

#include "trace/loader.h"
#include "exitstat.skel.h" /* after the types its maps use */

/* Bytes, some 18,000 answers: as many as come while there is no CPU for who takes them. */
#define ANSWERS_SIZE (4u << 20)

static unsigned int typed_need(const struct tracer_options *options)
{
	if (options->kinds & 1u << EXITSTAT_RIP)
		return options->split ? NEED_RIP_SPLIT : NEED_RIP;
	if (options->kinds)
		return options->split ? NEED_DETAIL_SPLIT : NEED_DETAIL;
	return options->split ? NEED_SPLIT : NEED_TYPED;
}

static unsigned int exit_need(const struct tracer_options *options)
{
	if (options->kinds & 1u << EXITSTAT_RIP)
		return NEED_RIP_EXIT;
	return options->audit || options->answers ? NEED_ASKING_EXIT : NEED_EXIT;
}

static unsigned int needs_of(struct ways ways, const struct tracer_options *options)
{
	unsigned int needs = NEED_ALWAYS;

	if (ways.typed)
		needs |= typed_need(options) | exit_need(options);
	else
		needs |= NEED_PLAIN;
	if (ways.end == END_BY_FENTRY)
		needs |= NEED_FENTRY;
	if (ways.end == END_BY_KPROBE)
		needs |= NEED_KPROBE;
	if (ways.apicv)
		needs |= NEED_APICV;
	if (ways.apicv && ways.apicv_calls && ways.end == END_BY_FENTRY)
		needs |= NEED_APICV_CALLS;
	if (options->audit || options->answers)
		needs |= NEED_ANSWERS | (ways.preempted ? NEED_ANSWERS_TWICE : 0);
	if (options->nslowest)
		needs |= NEED_SLOWEST;
	for (unsigned int kind = 0; kind < EXITSTAT_KINDS; kind++)
		if (options->kinds & 1u << kind)
			needs |= NEED_KIND(kind);
	/* On SVM it is where the program at the exit can read it. */
	if (options->kinds & 1u << EXITSTAT_RIP && options->isa != EXITSTAT_ISA_SVM)
		needs |= NEED_RIP_RECORD;
	return options->audit ? needs | NEED_COUNTERS : needs;
}

/* Each vCPU has so many entries. */
static int size_chunks(struct memory *memory, struct chunks *chunks, struct bpf_map *outer,
		       struct bpf_map *near, size_t entry_size, uint32_t each)
{
	const struct chunk_plan *plan = &memory->growth.plan;

	return chunks_open(chunks, outer, near, entry_size, plan->vcpus * each, plan->most);
}

static int size_records(struct memory *memory, struct exitstat *skel)
{
	const struct chunk_plan *plan = &memory->growth.plan;
	int err = size_chunks(memory, &memory->records, skel->maps.record_chunks,
			      skel->maps.records, sizeof(struct exitstat_record),
			      1u << EXITSTAT_RECORD_BITS);

	err = err
		      ?: bpf_map__set_max_entries(skel->maps.free_records,
						  plan->most * memory->records.entries);
	return err
		       ?: size_chunks(memory, &memory->indexes, skel->maps.indexes, NULL,
				      sizeof(struct exitstat_index), 1);
}

static int size_maps(struct memory *memory, struct exitstat *skel,
		     const struct tracer_options *options)
{
	uint32_t vcpus = options->max_vcpus;
	int err;

	skel->rodata->chunk_bits = memory->growth.plan.bits;
	skel->rodata->filter_pids = (uint32_t)options->npids;
	skel->rodata->filter_vcpus = (uint32_t)options->nvcpus;
	skel->rodata->asking = options->audit || options->answers;
	skel->rodata->auditing = options->audit;
	skel->rodata->apicv = options->apicv;

	err = size_records(memory, skel);
	err = err ?: bpf_map__set_max_entries(skel->maps.vcpus, vcpus + 1);
	err = err ?: bpf_map__set_max_entries(skel->maps.free_vcpus, vcpus);
	err = err ?: bpf_map__set_max_entries(skel->maps.slot_of_vcpu, vcpus);
	err = err ?: bpf_map__set_max_entries(skel->maps.serial_of_vm, vcpus);
	if (options->apicv)
		err = err ?: bpf_map__set_max_entries(skel->maps.apicv_of_vm, vcpus);
	if (options->audit)
		err = err
			      ?: size_chunks(memory, &memory->audited, skel->maps.audited, NULL,
					     sizeof(struct exitstat_audited), 1);
	if (options->audit || options->answers) {
		err = err ?: bpf_map__set_max_entries(skel->maps.questions, vcpus);
		err = err ?: bpf_map__set_max_entries(skel->maps.answers, ANSWERS_SIZE);
	}
	if (options->npids)
		err = err
			      ?: bpf_map__set_max_entries(skel->maps.wanted_pids,
							  (uint32_t)options->npids);
	if (options->nvcpus)
		err = err
			      ?: bpf_map__set_max_entries(skel->maps.wanted_vcpus,
							  (uint32_t)options->nvcpus);
	return err;
}

static int size_details(struct memory *memory, struct exitstat *skel,
			const struct tracer_options *options)
{
	int err;

	if (!options->kinds)
		return 0;
	skel->rodata->kinds = options->kinds;
	err = size_chunks(memory, &memory->details, skel->maps.detail_chunks, skel->maps.details,
			  sizeof(struct exitstat_detail), 1u << EXITSTAT_DETAIL_BITS);
	err = err
		      ?: bpf_map__set_max_entries(skel->maps.free_details,
						  memory->growth.plan.most *
							  memory->details.entries);
	return err
		       ?: size_chunks(memory, &memory->chains, skel->maps.chain_chunks,
				      skel->maps.chains, sizeof(struct exitstat_chains), 1);
}

static int size_slowest(struct memory *memory, struct exitstat *skel,
			const struct tracer_options *options)
{
	skel->rodata->nslowest = options->nslowest;
	if (!options->nslowest)
		return 0;
	return size_chunks(memory, &memory->slowest, skel->maps.slowest, NULL,
			   sizeof(struct exitstat_slow), options->nslowest << EXITSTAT_RECORD_BITS);
}

static int fill_filter(struct bpf_map *map, const uint32_t *keys, size_t n)
{
	const uint8_t yes = 1;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = bpf_map__update_elem(map, &keys[i], sizeof(keys[i]), &yes, sizeof(yes),
					   BPF_ANY);
	return err;
}

int load_programs(struct exitstat **loaded, struct programs *programs,
		  const struct tracer_options *options, struct ways ways,
		  const struct exit_format *format, struct memory *memory)
{
	/*
	 * Where the kernel refuses a program, libbpf has it look again and log each step, which
	 * takes thrice the time: only for those who read it. 4: no steps, but a last line.
	 */
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_level = options->verbose ? 0 : 4);
	struct exitstat *skel = exitstat__open_opts(&opts);
	int ret;

	*loaded = skel;
	if (!skel)
		return -errno;
	ret = programs_choose(programs, skel->obj, needs_of(ways, options));
	if (ret)
		return ret;
	skel->rodata->plain_reason_offset = format->reason;
	skel->rodata->plain_isa_offset = format->isa;
	skel->rodata->plain_vcpu_id_offset = format->vcpu_id;
	skel->rodata->answers_twice = ways.preempted;
	ret = size_maps(memory, skel, options);
	ret = ret ?: size_details(memory, skel, options);
	ret = ret ?: size_slowest(memory, skel, options);
	ret = ret ?: exitstat__load(skel);
	/* libbpf goes on without where it thinks that memory cannot be shared. */
	ret = ret ?: (skel->bss ? 0 : -ENOMEM);
	ret = ret ?: fill_filter(skel->maps.wanted_pids, options->pids, options->npids);
	return ret ?: fill_filter(skel->maps.wanted_vcpus, options->vcpus, options->nvcpus);
}
