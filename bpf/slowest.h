/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slowest exits of each record: so those of a vCPU, of a VM, with HLT or without, are
 * among them. A record knows what an exit must exceed to be one; few do, once there are as
 * many as were asked for.
 */
#ifndef EXITSTAT_SLOWEST_H
#define EXITSTAT_SLOWEST_H

#include <bpf/bpf_tracing.h>

#include "compat.h"
#include "detail.h"
#include "split.h"

/* A record has `nslowest` of them, from its index times that on. */
CHUNKS(slowest, struct exitstat_slow);

static __always_inline void *slow_chunk(const struct exitstat_record *r)
{
	__u32 chunk = r->index >> (chunk_bits + EXITSTAT_RECORD_BITS);

	return bpf_map_lookup_elem(&slowest, &chunk);
}

static __always_inline struct exitstat_slow *slow_at(void *chunk, const struct exitstat_record *r,
						     __u32 i)
{
	__u32 record = r->index & ((1u << (chunk_bits + EXITSTAT_RECORD_BITS)) - 1);
	__u32 index = record * nslowest + i;

	return bpf_map_lookup_elem(chunk, &index);
}

/*
 * The shortest of a record's, which all are there; its time is what others must exceed. Not
 * static: the verifier goes through it once.
 */
__noinline __u32 find_shortest(struct exitstat_record *r)
{
	__u64 shortest_ns = ~0ULL;
	__u32 shortest = 0, i;
	void *chunk = r ? slow_chunk(r) : NULL;

	if (!r || !chunk)
		return 0;
	for (i = 0; i < EXITSTAT_MAX_SLOWEST && i < nslowest; i++) {
		struct exitstat_slow *slow = slow_at(chunk, r, i);

		if (!slow || slow->ns >= shortest_ns)
			continue;
		shortest_ns = slow->ns;
		shortest = i;
	}
	r->slowest_ns = shortest_ns;
	return shortest;
}

/* User space sees by the number of writes that it has read none that was half written. */
static __always_inline void write_slow(struct exitstat_slow *slow, const struct exitstat_vcpu *v,
				       __u64 now, __u64 ns)
{
	slow->writes++;
	barrier();
	slow->entry_ns = now;
	slow->ns = ns;
	__builtin_memcpy(slow->part_ns, v->part_ns, sizeof(slow->part_ns));
	slow->accesses = v->accesses;
	slow->key = v->key;
	slow->kind = v->kind;
	slow->access = v->access;
	slow->other_tid = v->other_tid;
	__builtin_memcpy(slow->other, v->other, sizeof(slow->other));
	barrier();
	slow->writes++;
}

/* Not static, as above. */
__noinline int note_slow(struct exitstat_vcpu *v, struct exitstat_record *r, __u64 now, __u64 ns)
{
	void *chunk = r ? slow_chunk(r) : NULL;
	struct exitstat_slow *slow;

	if (!v || !r || !chunk)
		return 0;
	slow = slow_at(chunk, r, r->nslowest < nslowest ? r->nslowest : find_shortest(r));
	if (!slow)
		return 0;
	write_slow(slow, v, now, ns);
	if (r->nslowest < nslowest)
		r->nslowest++;
	if (r->nslowest == nslowest)
		find_shortest(r);
	return 0;
}

/* Whoever had the CPU before a vCPU's thread, which may have waited for it. */
SEC("tp_btf/sched_switch")
int BPF_PROG(slow_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct exitstat_vcpu *v;

	if (!next || !prev || !next->preempt_notifiers.first || !prev->pid)
		return 0;
	v = find_of(next);
	if (!v || !line_of(v)->exit_ns)
		return 0;
	v->other_tid = prev->pid;
	bpf_probe_read_kernel_str(v->other, sizeof(v->other), prev->comm);
	return 0;
}

#endif
