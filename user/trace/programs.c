// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "bpf/exitstat.h"
#include "trace/programs.h"

/*
 * In the order in which they are attached: entries before exits, so that no exit is
 * counted whose entry goes unseen, and the ends of vCPUs before both; what becomes of an
 * exit between the two, so that it is seen of each, and of none that was not counted;
 * answers last, so that none is seen whose question was before.
 *
 * Where a program is hit while it runs on that CPU, the kernel skips it and counts that
 * in the program. Older kernels do not for plain tracepoints' (plain_exit): the ledger has
 * those. What audit_answer misses, audit_answer_plain has; an answer to a question that
 * audit_emulated missed is counted as one that was not checked.
 */
static const struct {
	const char *name;
	unsigned int need;
	unsigned int misses; /* what is not seen when it is skipped */
	bool is_attached;    /* not those that are asked */
	bool is_self;	     /* runs at each exit or entry: what --self tells of */
} table[] = {
	{ "destroy_fentry", NEED_FENTRY, MISSED_ENDS, true, false },
	{ "destroy_kprobe", NEED_KPROBE, MISSED_ENDS, true, false },
	{ "split_load", NEED_PARTS, MISSED_LEAVES, true, false },
	{ "split_put", NEED_PARTS, MISSED_LEAVES, true, false },
	{ "slow_switch", NEED_SLOWEST, MISSED_LEAVES, true, false },
	{ "typed_entry", NEED_TYPED, MISSED_EXITS, true, true },
	{ "detail_entry", NEED_DETAIL, MISSED_EXITS, true, true },
	{ "rip_entry", NEED_RIP, MISSED_EXITS, true, true },
	{ "split_entry", NEED_SPLIT, MISSED_EXITS, true, true },
	{ "detail_split_entry", NEED_DETAIL_SPLIT | NEED_RIP_SPLIT, MISSED_EXITS, true, true },
	{ "nested_reflected", NEED_TYPED | NEED_DETAIL | NEED_RIP | NEED_PARTS, MISSED_REFLECTED,
	  true, false },
	{ "typed_exit", NEED_EXIT, MISSED_EXITS, true, true },
	{ "asking_exit", NEED_ASKING_EXIT, MISSED_EXITS, true, true },
	{ "rip_exit", NEED_RIP_EXIT, MISSED_EXITS, true, true },
	/* Its misses older kernels do not tell: the ledger has them. */
	{ "detail_rip", NEED_RIP_RECORD, 0, true, true },
	{ "plain_entry", NEED_PLAIN, MISSED_EXITS, true, true },
	{ "plain_hand_over", NEED_PLAIN, MISSED_EXITS, true, true },
	{ "plain_exit", NEED_PLAIN, 0, true, true },
	{ "audit_emulated", NEED_ANSWERS, 0, true, false },
	{ "audit_answer_plain", NEED_ANSWERS_TWICE, MISSED_ANSWERS, true, false },
	{ "audit_answer", NEED_ANSWERS, 0, true, false },
	{ "detail_pio", NEED_KIND(EXITSTAT_IO), MISSED_KEYS, true, false },
	{ "detail_msr", NEED_KIND(EXITSTAT_MSR), MISSED_KEYS, true, false },
	{ "detail_mmio", NEED_KIND(EXITSTAT_MMIO), MISSED_KEYS, true, false },
	{ "detail_fast_mmio", NEED_KIND(EXITSTAT_MMIO), MISSED_KEYS, true, false },
	{ "detail_fault", NEED_KIND(EXITSTAT_FAULT), MISSED_KEYS, true, false },
	{ "detail_cpuid", NEED_KIND(EXITSTAT_CPUID), MISSED_KEYS, true, false },
	{ "detail_hypercall", NEED_KIND(EXITSTAT_HYPERCALL), MISSED_KEYS, true, false },
	{ "detail_hv_hypercall", NEED_KIND(EXITSTAT_HYPERCALL), MISSED_KEYS, true, false },
	{ "detail_xen_hypercall", NEED_KIND(EXITSTAT_HYPERCALL), MISSED_KEYS, true, false },
	{ "apicv_changed", NEED_APICV, MISSED_APICV, true, false },
	{ "apicv_set", NEED_APICV_CALLS, MISSED_APICV, true, false },
	{ "read_counters", NEED_COUNTERS, 0, false, false },
	{ "read_host", NEED_ALWAYS, 0, false, false },
};

_Static_assert(COUNT_OF(table) <= PROGRAMS_MAX, "a link for each program");

static struct bpf_program *find(const struct programs *programs, size_t i)
{
	return bpf_object__find_program_by_name(programs->object, table[i].name);
}

int programs_choose(struct programs *programs, struct bpf_object *object, unsigned int needs)
{
	struct bpf_program *program;
	size_t known = 0;

	*programs = (struct programs){ .object = object };
	for (size_t i = 0; i < COUNT_OF(table); i++) {
		program = find(programs, i);
		if (!program)
			return -ENOENT;
		bpf_program__set_autoload(program, needs & table[i].need);
	}
	bpf_object__for_each_program(program, object)
		known++;
	return known == COUNT_OF(table) ? 0 : -ENOENT;
}

int programs_attach(struct programs *programs)
{
	int err;

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		struct bpf_program *program = find(programs, i);

		if (!table[i].is_attached || bpf_program__fd(program) < 0)
			continue;
		/* An exit that is being handled has asked before we could see it. */
		err = table[i].misses == MISSED_ANSWERS ? programs_wait() : 0;
		if (err)
			return err;
		programs->links[i] = bpf_program__attach(program);
		if (!programs->links[i])
			return -errno;
	}
	return 0;
}

void programs_detach(struct programs *programs)
{
	for (size_t i = COUNT_OF(table); i-- > 0;) {
		bpf_link__destroy(programs->links[i]);
		programs->links[i] = NULL;
	}
}

int programs_wait(void)
{
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, sizeof(__u32), sizeof(__u32), 1, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = (__u32)inner);
	int outer = inner < 0 ? -1
			      : bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, NULL, sizeof(__u32),
					       sizeof(__u32), 1, &opts);
	int ret = outer < 0 || bpf_map_update_elem(outer, &(__u32){ 0 }, &inner, BPF_ANY) ? -errno
											  : 0;

	if (outer >= 0)
		close(outer);
	if (inner >= 0)
		close(inner);
	return ret;
}

static bool is_loaded(const struct programs *programs, size_t i)
{
	return bpf_program__fd(find(programs, i)) >= 0;
}

/* Of one that is loaded. 0 or -errno. */
static int read_info(const struct programs *programs, size_t i, struct bpf_prog_info *info)
{
	__u32 len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_obj_get_info_by_fd(bpf_program__fd(find(programs, i)), info, &len) ? -errno : 0;
}

uint64_t programs_missed(const struct programs *programs, unsigned int what)
{
	struct bpf_prog_info info;
	uint64_t missed = 0;

	for (size_t i = 0; i < COUNT_OF(table); i++) {
		if (!(table[i].misses & what) || !is_loaded(programs, i))
			continue;
		/* Not to know of any is not to know that there was none. */
		missed += read_info(programs, i, &info) ? 1 : info.recursion_misses;
	}
	return missed;
}

int programs_read_self(const struct programs *programs, struct self *self)
{
	struct bpf_prog_info info;
	int err;

	self->nprograms = 0;
	for (size_t i = 0; i < COUNT_OF(table) && self->nprograms < SELF_PROGRAMS; i++) {
		struct self_program *program = &self->programs[self->nprograms];

		if (!table[i].is_self || !is_loaded(programs, i))
			continue;
		err = read_info(programs, i, &info);
		if (err)
			return err;
		self->nprograms++;
		snprintf(program->name, sizeof(program->name), "%s",
			 bpf_program__name(find(programs, i)));
		program->runs = info.run_cnt;
		program->ns = info.run_time_ns;
	}
	return 0;
}
