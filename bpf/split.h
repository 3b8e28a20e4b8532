/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Split: where the time of an exit went. A vCPU's thread that goes to user space, sleeps or
 * loses its CPU puts the vCPU away first, and loads it again when it is back: both with
 * preemption off, so that no program is skipped. How long it waited for a CPU meanwhile the
 * scheduler knows (run_delay), and how long a halt was polled for KVM's statistics. Most
 * exits have none of this, and pay for a look at those alone.
 */
#ifndef EXITSTAT_SPLIT_H
#define EXITSTAT_SPLIT_H

#include <bpf/bpf_tracing.h>

#include "compat.h"
#include "vcpus.h"

/* What KVM has polled for this vCPU so far. One instruction loads each. */
static __always_inline __u64 polled_so_far(const struct kvm_vcpu *vcpu)
{
	const struct kvm_vcpu_stat *stat;

	if (bpf_core_type_exists(struct vcpu_svm))
		stat = &((const struct vcpu_svm *)vcpu)->vcpu.stat;
	else
		stat = &((const struct vcpu_vmx *)vcpu)->vcpu.stat;
	return stat->generic.halt_poll_success_ns + stat->generic.halt_poll_fail_ns;
}

/* At the first exit of a vCPU. */
static __always_inline void begin_split(struct exitstat_vcpu *v, const struct kvm_vcpu *vcpu)
{
	v->polled_ns = polled_so_far(vcpu);
}

/* CONFIG_SCHED_INFO */
static __always_inline bool counts_waiting(void)
{
	return bpf_core_field_exists(struct task_struct, sched_info.run_delay);
}

static __always_inline __u64 waited_so_far(const struct task_struct *task)
{
	return counts_waiting() ? task->sched_info.run_delay : 0;
}

/* An exit's parts, one of which never ends, if its entry was not seen. */
static __always_inline void forget_parts(struct exitstat_vcpu *v)
{
	v->left = EXITSTAT_NOT_LEFT;
	v->other_tid = 0;
	__builtin_memset(v->part_ns, 0, sizeof(v->part_ns));
}

/* What KVM polled is part of what is left: a reset of its statistics cannot be told. */
static __noinline int end_split(struct exitstat_vcpu *v, struct exitstat_record *r, __u64 ns,
				__u64 polled)
{
	if (!v || !r)
		return 0;
	ns -= v->part_ns[EXITSTAT_USER] + v->part_ns[EXITSTAT_BLOCKED] +
	      v->part_ns[EXITSTAT_RUNNABLE];
	polled -= polled >= v->polled_ns ? v->polled_ns : 0;
	v->part_ns[EXITSTAT_POLLED] = polled < ns ? polled : ns;
	r->part_ns[EXITSTAT_POLLED] += v->part_ns[EXITSTAT_POLLED];
	r->part_ns[EXITSTAT_USER] += v->part_ns[EXITSTAT_USER];
	r->part_ns[EXITSTAT_BLOCKED] += v->part_ns[EXITSTAT_BLOCKED];
	r->part_ns[EXITSTAT_RUNNABLE] += v->part_ns[EXITSTAT_RUNNABLE];
	return 0;
}

/* At the entry that ends an exit. Where it has parts, left is set: to be forgotten at the end. */
static __always_inline void split_time(struct exitstat_vcpu *v, const struct kvm_vcpu *vcpu,
				       struct exitstat_record *r, __u64 ns)
{
	__u64 polled = polled_so_far(vcpu);

	if (!v->left && polled == v->polled_ns)
		return;
	end_split(v, r, ns, polled);
	v->polled_ns = polled;
	v->left = EXITSTAT_BACK;
}

/* --- away and back --------------------------------------------------------------------- */

static __always_inline __u32 leave_to(const struct kvm_vcpu *vcpu, const struct task_struct *task)
{
	bool preempted = bpf_core_type_exists(struct vcpu_svm)
				 ? ((const struct vcpu_svm *)vcpu)->vcpu.preempted
				 : ((const struct vcpu_vmx *)vcpu)->vcpu.preempted;

	if (preempted)
		return EXITSTAT_PREEMPTED;
	return task->__state ? EXITSTAT_TO_SLEEP : EXITSTAT_TO_USER;
}

SEC("fentry/kvm_arch_vcpu_put")
int BPF_PROG(split_put, struct kvm_vcpu *vcpu)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct exitstat_vcpu *v = find_vcpu((__u64)vcpu);

	if (!v || !line_of(v)->exit_ns)
		return 0;
	v->left = leave_to(vcpu, task);
	v->left_tid = task->pid;
	v->left_wait = waited_so_far(task);
	v->left_ns = bpf_ktime_get_ns();
	return 0;
}

/* Of a thread that was preempted all is waiting; where that is not counted, it is KVM's. */
static __always_inline void come_back(struct exitstat_vcpu *v, __u64 away, __u64 waited)
{
	if (v->left == EXITSTAT_PREEMPTED || waited > away)
		waited = away;
	if (counts_waiting())
		v->part_ns[EXITSTAT_RUNNABLE] += waited;
	if (v->left == EXITSTAT_TO_USER)
		v->part_ns[EXITSTAT_USER] += away - waited;
	else
		v->part_ns[EXITSTAT_BLOCKED] += away - waited;
	v->left = EXITSTAT_BACK;
}

SEC("fentry/kvm_arch_vcpu_load")
int BPF_PROG(split_load, struct kvm_vcpu *vcpu)
{
	__u64 now = bpf_ktime_get_ns();
	struct task_struct *task = bpf_get_current_task_btf();
	struct exitstat_vcpu *v = find_vcpu((__u64)vcpu);
	__u64 waited = 0;

	if (!v || !v->left || v->left == EXITSTAT_BACK)
		return 0;
	/* A VMM may go on with a vCPU in another thread, whose waiting is another's. */
	if (v->left_tid == (__u32)task->pid)
		waited = waited_so_far(task) - v->left_wait;
	come_back(v, now - v->left_ns, waited);
	return 0;
}

#endif
