// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an exit and its entry take on this CPU, without a VM: the very functions of bpf/, on
 * vCPUs that are made up. The same loop that does nothing is the floor, and has what the CPU
 * does at each exit: it writes the reason down.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <asm/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "../../bpf/count.h"
#include "native.h"

char LICENSE[] SEC("license") = "GPL";

/* As far from each other as KVM's are. */
struct made_vcpu {
	__u64 before[7];
	__u32 reason;
	__u32 after[1041];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NATIVE_VCPUS);
	__type(key, __u32);
	__type(value, struct made_vcpu);
} made SEC(".maps");

struct cache_line {
	__u64 value[8];
};

/* What a guest touches while it runs. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NATIVE_LINES);
	__type(key, __u32);
	__type(value, struct cache_line);
} other_memory SEC(".maps");

/* Peers: a count for each reason in a hash; a sample for each exit and for each entry. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} peer_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20);
} peer_samples SEC(".maps");

__u32 order[NATIVE_STEPS]; /* reasons */
__u32 rounds;		   /* how often, */
__u32 nvcpus;		   /* of so many vCPUs, */
__u32 touched;		   /* and how much other memory is touched in between */
__u64 took_ns;		   /* in all */
__u64 seen;		   /* of other memory, so that it is read */
__u32 failed;

/* Not on the stack, where the verifier would follow each of their values. */
static __u32 turn; /* the vCPU whose it is */
static __u32 next_touched;

static long touch(__u32 i, void *ctx)
{
	__u32 index = (next_touched + i) & (NATIVE_LINES - 1);
	struct cache_line *line = bpf_map_lookup_elem(&other_memory, &index);

	if (line)
		seen += line->value[0];
	return 0;
}

/* Whose turn it is; its exit's reason is written down. */
static __always_inline struct made_vcpu *next_exit(__u32 i)
{
	struct made_vcpu *vcpu;

	if (!(i % NATIVE_IN_ROW) && ++turn >= nvcpus)
		turn = 0;
	if (touched) {
		bpf_loop(touched, touch, NULL, 0);
		next_touched += touched;
	}
	vcpu = bpf_map_lookup_elem(&made, &turn);
	if (vcpu)
		vcpu->reason = order[i & (NATIVE_STEPS - 1)];
	return vcpu;
}

/* The clock is looked at around what is measured only, of the floor as well. */
static __always_inline long trip(__u32 i, void (*done)(struct made_vcpu *vcpu))
{
	struct made_vcpu *vcpu = next_exit(i);
	__u64 begin;

	if (!vcpu)
		return 1;
	begin = bpf_ktime_get_ns();
	done(vcpu);
	took_ns += bpf_ktime_get_ns() - begin;
	return 0;
}

static __always_inline void nothing(struct made_vcpu *vcpu)
{
}

static long empty_trip(__u32 i, void *ctx)
{
	return trip(i, nothing);
}

SEC("raw_tp")
int empty(void *ctx)
{
	bpf_loop(rounds, empty_trip, NULL, 0);
	return 0;
}

/* --- ours --------------------------------------------------------------------------- */

/* The first exit of each vCPU, as rare_exit() has it. */
static long begin_one(__u32 i, void *ctx)
{
	struct made_vcpu *vcpu = bpf_map_lookup_elem(&made, &i);
	struct exitstat_vcpu *v;

	if (!vcpu)
		return 1;
	v = add_vcpu((__u64)vcpu, 1, i, EXITSTAT_ISA_VMX);
	if (!v)
		return 1;
	line_of(v)->own = (__u64)vcpu;
	line_of(v)->reason_at = (__u64)&vcpu->reason;
	return 0;
}

SEC("raw_tp")
int begin(void *ctx)
{
	bpf_loop(nvcpus, begin_one, NULL, 0);
	return 0;
}

static bool never_another(const struct kvm_vcpu *vcpu, struct exitstat_line *line)
{
	return false;
}

static __always_inline void exit_and_entry(struct made_vcpu *made)
{
	const struct kvm_vcpu *vcpu = (const struct kvm_vcpu *)made;
	struct exitstat_line *line = find_own(vcpu);

	if (!line || line->exit_ns) {
		failed++;
		return;
	}
	take_exit(line);
	on_entry(vcpu, never_another, 0);
}

static long our_trip(__u32 i, void *ctx)
{
	return trip(i, exit_and_entry);
}

SEC("raw_tp")
int ours(void *ctx)
{
	bpf_loop(rounds, our_trip, NULL, 0);
	return 0;
}

/* --- peers -------------------------------------------------------------------------- */

static __always_inline void update_hash(struct made_vcpu *vcpu)
{
	__u64 one = 1;
	__u32 key = vcpu->reason;

	bpf_map_update_elem(&peer_counts, &key, &one, BPF_ANY);
}

static long hash_trip(__u32 i, void *ctx)
{
	return trip(i, update_hash);
}

SEC("raw_tp")
int hash(void *ctx)
{
	bpf_loop(rounds, hash_trip, NULL, 0);
	return 0;
}

static __always_inline void sample(__u32 reason)
{
	struct cache_line *line = bpf_ringbuf_reserve(&peer_samples, sizeof(*line), 0);

	if (!line) {
		failed++;
		return;
	}
	line->value[0] = bpf_ktime_get_ns();
	line->value[1] = reason;
	bpf_ringbuf_submit(line, BPF_RB_NO_WAKEUP);
}

static __always_inline void take_samples(struct made_vcpu *vcpu)
{
	sample(vcpu->reason);
	sample(0);
}

static long sample_trip(__u32 i, void *ctx)
{
	return trip(i, take_samples);
}

SEC("raw_tp")
int samples(void *ctx)
{
	bpf_loop(rounds, sample_trip, NULL, 0);
	return 0;
}
