/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done at every exit, at every entry, and at the end of a vCPU. */
#ifndef EXITSTAT_COUNT_H
#define EXITSTAT_COUNT_H

#include "audit.h"
#include "detail.h"
#include "slowest.h"
#include "split.h"
#include "vcpus.h"

static __always_inline void count_in(struct exitstat_vcpu *v, __u32 index)
{
	struct exitstat_record *r = bpf_map_lookup_elem(&records, &index);

	if (v->pending) {
		lost(&ledger.unpaired);
		forget_parts(v);
	}
	v->pending = index;
	if (!r || !index) {
		lost(&ledger.map_full);
		return;
	}
	r->count++;
	/* Last, so that what we do here is not in the time. */
	v->exit_ns = bpf_ktime_get_ns();
}

static __always_inline void count_exit(struct exitstat_vcpu *v, __u32 reason)
{
	count_in(v, find_record(v, reason));
}

static __always_inline void time_entry(struct exitstat_vcpu *v, const struct kvm_vcpu *vcpu,
				       __u64 ns, __u32 also)
{
	struct exitstat_record *r = bpf_map_lookup_elem(&records, &v->pending);
	__u32 bucket, record = also & ALSO_DETAIL ? v->pending : 0;
	bool parted = false;

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
	if (also & ALSO_SPLIT)
		parted = split_time(v, vcpu, r, ns);
	if (also & ALSO_DETAIL)
		end_detail(v, record, r, ns, also);
	if (also & ALSO_DETAIL && also & ALSO_SPLIT && nslowest && ns > r->slowest_ns)
		note_slow(v, record, r, ns);
	if (parted)
		forget_parts(v);
}

/* No VM ends, and another one begins, in less. */
#define SOONEST_NS 32768u

/*
 * A vCPU that has not exited yet is not the one of which we have an exit: that has
 * ended unseen. exits grows after kvm_exit, and is set to 0 by whoever resets KVM's
 * statistics, so that the VM's time of birth must differ, too.
 */
static __noinline bool typed_is_another(const struct kvm_vcpu *vcpu, struct exitstat_vcpu *v)
{
	if (compat_is_null(vcpu))
		return false;
	/* Meanwhile user space may have made it one whose nested guest runs. */
	if (v->isa == EXITSTAT_ISA_VMX && compat_vcpu_load(vcpu, stat.guest_mode))
		v->own = 0;
	return !compat_vcpu_load(vcpu, stat.exits) && born(vcpu->kvm) != v->born;
}

static __always_inline void
on_entry(const struct kvm_vcpu *vcpu,
	 bool (*is_another)(const struct kvm_vcpu *vcpu, struct exitstat_vcpu *v), __u32 also)
{
	__u64 ns = bpf_ktime_get_ns();
	struct exitstat_vcpu *v = find_vcpu(vcpu);

	if (!v || !v->pending)
		return;
	ns -= v->exit_ns;
	if (ns >= SOONEST_NS && is_another(vcpu, v))
		end_vm(v->vm_serial);
	else
		time_entry(v, vcpu, ns, also);
}

static __always_inline void on_destroy(const struct kvm_vcpu *vcpu)
{
	__u64 addr = (__u64)vcpu;
	__u32 *slot = bpf_map_lookup_elem(&slot_of_vcpu, &addr);
	struct exitstat_vcpu *v = slot ? bpf_map_lookup_elem(&vcpus, slot) : NULL;

	if (!v || v->addr != addr)
		return;
	if (asking)
		note_end(v, *slot);
	end_slot(v, *slot);
}

#endif
