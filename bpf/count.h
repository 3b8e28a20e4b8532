/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done at every exit, at every entry, and at the end of a vCPU. */
#ifndef EXITSTAT_COUNT_H
#define EXITSTAT_COUNT_H

#include "audit.h"
#include "detail.h"
#include "slowest.h"
#include "split.h"
#include "vcpus.h"

/* Another exit, but no entry was seen: what it was is counted, but has no time. */
static __noinline int count_unpaired(struct exitstat_vcpu *v)
{
	__u32 index = find_record(v);
	struct exitstat_record *r = record_at(index);

	lost(&ledger.unpaired);
	line_of(v)->exit_ns = 0;
	barrier();
	if (index && r)
		r->count++;
	else
		lost(&ledger.map_full);
	forget_parts(v);
	v->accesses = 0;
	v->has_rip = 0;
	return 0;
}

/* Its reason is in the line already. Last, so that what we do is not in the time. */
static __always_inline void begin_exit(struct exitstat_line *line)
{
	line->exit_ns = bpf_ktime_get_ns();
}

/* Of a vCPU that runs no nested guest: the reason goes right to where it is kept. */
static __always_inline void take_exit(struct exitstat_line *line)
{
	compat_copy_u32(line, offsetof(struct exitstat_line, class.reason),
			offsetof(struct exitstat_line, reason_at));
	begin_exit(line);
}

/* The place that remembers the record of the exit in the line. */
static __always_inline __u32 *recent_of(struct exitstat_line *line)
{
	return &line->record[exitstat_recent(line->class.reason)];
}

/* Where it does not, from now on it does; or it is beyond those that are found at once. */
static __noinline struct exitstat_record *look_up_record(struct exitstat_line *line)
{
	__u32 *recent = recent_of(line);
	struct exitstat_record *r = record_at(*recent);
	struct exitstat_vcpu *v;

	if (r && r->class.both == line->class.both)
		return r;
	v = vcpu_of(line);
	*recent = v ? find_record(v) : 0;
	if (*recent)
		return record_at(*recent);
	lost(&ledger.map_full);
	return NULL;
}

static __always_inline void end_also(struct exitstat_line *line, const struct kvm_vcpu *vcpu,
				     struct exitstat_record *r, __u64 now, __u64 ns, __u32 also)
{
	struct exitstat_vcpu *v = vcpu_of(line);

	if (!v)
		return;
	if (also & ALSO_SPLIT)
		split_time(v, vcpu, r, ns);
	if (also & ALSO_DETAIL)
		end_detail(v, r, ns, also);
	if (also & ALSO_DETAIL && also & ALSO_SPLIT && nslowest && ns > r->slowest_ns)
		note_slow(v, r, now, ns);
	if (also & ALSO_DETAIL)
		v->accesses = 0;
	/* Looked up, not remembered: so the verifier has one case of it, not two. */
	if (also & ALSO_SPLIT && v->left)
		forget_parts(v);
}

static __always_inline void time_entry(struct exitstat_line *line, const struct kvm_vcpu *vcpu,
				       __u64 now, __u64 ns, __u32 also)
{
	struct exitstat_record *r = bpf_map_lookup_elem(&records, recent_of(line));
	__u32 bucket;

	if (__builtin_expect(!r || r->class.both != line->class.both, false)) {
		r = look_up_record(line);
		if (!r) {
			line->exit_ns = 0;
			return;
		}
	}
	/* Before it is counted: whoever looks at both the other way round sees no exit twice. */
	line->exit_ns = 0;
	barrier();
	r->count++;
	r->sum_ns += ns;
	if (ns < r->min_ns)
		r->min_ns = ns;
	if (ns > r->max_ns)
		r->max_ns = ns;
	/* The mask is for the verifier. */
	bucket = exitstat_bucket_offset(ns) & (sizeof(r->hist) - sizeof(*r->hist));
	++*(__u32 *)((void *)r->hist + bucket);
	if (also)
		end_also(line, vcpu, r, now, ns, also);
}

/* No VM ends, and another one begins, in less. */
#define SOONEST_NS 32768u

/*
 * A vCPU that has not exited yet is not the one of which we have an exit: that has
 * ended unseen. exits grows after kvm_exit, and is set to 0 by whoever resets KVM's
 * statistics, so that the VM's time of birth must differ, too.
 */
static __noinline bool typed_is_another(const struct kvm_vcpu *vcpu, struct exitstat_line *line)
{
	struct exitstat_vcpu *v = vcpu_of(line);

	if (compat_is_null(vcpu) || !v)
		return false;
	/* Meanwhile user space may have made it one whose nested guest runs. */
	if (compat_vcpu_load(vcpu, stat.guest_mode))
		line->own = 0;
	return !compat_vcpu_load(vcpu, stat.exits) && born(vm_of(vcpu)) != v->born;
}

static __noinline struct exitstat_line *find_other(const struct kvm_vcpu *vcpu)
{
	struct exitstat_vcpu *v = find_vcpu((__u64)vcpu);

	return v ? line_of(v) : NULL;
}

static __noinline int end_unseen(struct exitstat_line *line)
{
	struct exitstat_vcpu *v = vcpu_of(line);

	if (v)
		end_vm(v->vm_serial);
	return 0;
}

static __always_inline void
on_entry(const struct kvm_vcpu *vcpu,
	 bool (*is_another)(const struct kvm_vcpu *vcpu, struct exitstat_line *line), __u32 also)
{
	__u64 ns, now = bpf_ktime_get_ns();
	struct exitstat_line *line = find_own(vcpu) ?: find_other(vcpu);

	if (!line)
		return;
	/* Without an exit this is the time since boot: that is looked for among the long ones. */
	ns = now - line->exit_ns;
	/* Else the compiler looks first. */
	barrier_var(ns);
	if (ns >= SOONEST_NS) {
		if (!line->exit_ns)
			return;
		if (is_another(vcpu, line)) {
			end_unseen(line);
			return;
		}
	}
	time_entry(line, vcpu, now, ns, also);
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
