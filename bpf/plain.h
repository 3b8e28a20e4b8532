/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plain way in: where BTF lacks the types that have the reason, the plain
 * tracepoint's record has it.
 */
#ifndef EXITSTAT_PLAIN_H
#define EXITSTAT_PLAIN_H

#include "count.h"

/* Offsets in the record, from the tracepoint's format file; set before load. */
const volatile __u32 plain_reason_offset;
const volatile __u32 plain_isa_offset;
const volatile __u32 plain_vcpu_id_offset;

/* Set while all the plain programs are attached: only then do they count. */
volatile bool plain_on;

/*
 * One hit of the tracepoint is seen by two programs, of which each
 * knows a half. The one that comes first leaves its half here for the other.
 */
enum plain_half {
	HALF_NONE,
	HALF_VCPU,   /* the vCPU, of plain_hand_over */
	HALF_RECORD, /* the reason, of plain_exit */
};

struct plain_hit {
	__u64 vcpu;
	__u32 half;
	__u32 reason;
	__u32 isa;
	__u32 vcpu_id;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct plain_hit);
} plain_hits SEC(".maps");

/* struct kvm is the first member of struct kvm_vcpu; no BTF says so here. */
static __always_inline __u64 plain_vm(__u64 vcpu)
{
	__u64 vm = 0;

	bpf_probe_read_kernel(&vm, sizeof(vm), (void *)vcpu);
	return vm;
}

/*
 * Usually plain_hand_over runs first. But where another user of the tracepoint,
 * perf say, was there before us, plain_exit runs with his, and is. A half that is
 * still alone when a guest is entered, or when its like comes again, means that
 * the kernel skipped a program: it does so on plain tracepoints, without a word,
 * while a map is being updated on that CPU.
 */
static __always_inline bool make_whole(struct plain_hit *hit, enum plain_half half)
{
	__u32 waiting = hit->half;

	hit->half = HALF_NONE;
	if (!plain_on)
		return false;
	if (waiting && waiting != half)
		return true;
	if (waiting)
		lost(&ledger.missed);
	hit->half = half;
	return false;
}

static __noinline struct exitstat_vcpu *plain_add(const struct plain_hit *hit)
{
	struct exitstat_vcpu *v = add_vcpu(hit->vcpu, plain_vm(hit->vcpu), hit->vcpu_id, hit->isa);

	if (v)
		line_of(v)->own = hit->vcpu;
	return v;
}

static __always_inline void count_plain(const struct plain_hit *hit)
{
	struct exitstat_vcpu *v = find_vcpu(hit->vcpu) ?: plain_add(hit);
	struct exitstat_line *line;

	if (!v)
		return;
	line = line_of(v);
	if (line->exit_ns)
		count_unpaired(v);
	line->class.reason = hit->reason;
	begin_exit(line);
}

SEC("raw_tp/kvm_exit")
int plain_hand_over(struct bpf_raw_tracepoint_args *ctx)
{
	struct plain_hit *hit = bpf_map_lookup_elem(&plain_hits, &(__u32){ 0 });

	if (!hit)
		return 0;
	hit->vcpu = ctx->args[0];
	if (make_whole(hit, HALF_VCPU))
		count_plain(hit);
	return 0;
}

/* Returns 1: a 0 would hide the event from perf. */
SEC("tp/kvm/kvm_exit")
int plain_exit(void *ctx)
{
	struct plain_hit *hit = bpf_map_lookup_elem(&plain_hits, &(__u32){ 0 });

	if (!hit)
		return 1;
	hit->reason = compat_read_u32(ctx, plain_reason_offset);
	hit->isa = compat_read_u32(ctx, plain_isa_offset);
	hit->vcpu_id = compat_read_u32(ctx, plain_vcpu_id_offset);
	if (make_whole(hit, HALF_RECORD))
		count_plain(hit);
	return 1;
}

/*
 * A VM belongs to one process. What a new one of the same process has in common with one
 * that ended unseen cannot be told apart without KVM's types.
 */
static __noinline bool plain_is_another(const struct kvm_vcpu *vcpu, struct exitstat_line *line)
{
	struct exitstat_vcpu *v = vcpu_of(line);

	return v && (v->pid != bpf_get_current_pid_tgid() >> 32 || v->vm != plain_vm((__u64)vcpu));
}

SEC("raw_tp/kvm_entry")
int plain_entry(struct bpf_raw_tracepoint_args *ctx)
{
	struct plain_hit *hit = bpf_map_lookup_elem(&plain_hits, &(__u32){ 0 });

	if (hit && hit->half) {
		hit->half = HALF_NONE;
		if (plain_on)
			lost(&ledger.missed);
	}
	on_entry((void *)ctx->args[0], plain_is_another, 0);
	return 0;
}

#endif
