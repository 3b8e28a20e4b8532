/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done at every exit, at every entry, and at the end of a vCPU. */
#ifndef EXITSTAT_COUNT_H
#define EXITSTAT_COUNT_H

#include "vcpus.h"

static __always_inline void count_exit(struct exitstat_vcpu *v, __u32 reason)
{
	__u32 index = find_record(v, reason);
	struct exitstat_record *r = bpf_map_lookup_elem(&records, &index);

	if (v->pending)
		lost(&ledger.unpaired);
	v->pending = index;
	if (!r || !index) {
		lost(&ledger.map_full);
		return;
	}
	r->count++;
	/* Last, so that what we do here is not in the time. */
	v->exit_ns = bpf_ktime_get_ns();
}

static __always_inline void time_entry(struct exitstat_vcpu *v, __u64 now)
{
	struct exitstat_record *r = bpf_map_lookup_elem(&records, &v->pending);
	__u64 ns = now - v->exit_ns;
	__u32 bucket;

	v->pending = 0;
	if (!r)
		return;
	r->sum_ns += ns;
	if (ns < r->min_ns)
		r->min_ns = ns;
	if (ns > r->max_ns)
		r->max_ns = ns;
	bucket = exitstat_bucket(ns);
	if (bucket < EXITSTAT_HIST_BUCKETS)
		r->hist[bucket]++;
}

static __always_inline void on_entry(const struct kvm_vcpu *vcpu)
{
	__u64 now = bpf_ktime_get_ns();
	struct exitstat_vcpu *v = find_vcpu(vcpu);

	if (v && v->pending)
		time_entry(v, now);
}

/*
 * The address may be given to a new vCPU at once, so the slot stops answering to
 * it here. A vCPU that has run is destroyed only with its VM.
 */
static __always_inline void on_destroy(const struct kvm_vcpu *vcpu, __u64 vm)
{
	__u64 addr = (__u64)vcpu;
	__u32 *slot = bpf_map_lookup_elem(&slot_of_vcpu, &addr);
	struct exitstat_vcpu *v;
	__u32 index;

	if (!slot)
		return;
	index = *slot;
	bpf_map_delete_elem(&slot_of_vcpu, &addr);
	bpf_map_delete_elem(&serial_of_vm, &vm);
	v = bpf_map_lookup_elem(&vcpus, &index);
	if (!v)
		return;
	v->addr = 0;
	barrier();
	v->end_ns = bpf_ktime_get_ns();
	tell(EXITSTAT_VCPU_ENDED, index);
}

#endif
