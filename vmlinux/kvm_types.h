/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The slice of the kernel's types that the BPF programs read, and nothing more,
 * so that the build needs no BTF of the machine it runs on. Offsets are not
 * taken from here: preserve_access_index makes libbpf relocate every access to
 * the running kernel (CO-RE). vmlinux/generate writes the full header of a
 * kernel for those who want to look something up.
 *
 * "since" and "until" name the first and last release with that field.
 */
#ifndef EXITSTAT_KVM_TYPES_H
#define EXITSTAT_KVM_TYPES_H

#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* include/linux/refcount_types.h (refcount.h in older releases) */
struct refcount_struct {
	struct {
		int counter;
	} refs;
};

/* include/linux/types.h, include/linux/preempt.h */
struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct preempt_notifier {
	struct hlist_node link;
};

/* include/linux/sched.h; run_delay with CONFIG_SCHED_INFO, in ns */
struct sched_info {
	unsigned long long run_delay;
};

struct task_struct {
	unsigned int __state; /* since 5.14 */
	struct sched_info sched_info;
	struct hlist_head preempt_notifiers; /* CONFIG_PREEMPT_NOTIFIERS, as KVM has it */
	int pid;
	struct task_struct *group_leader;
	char comm[16];
};

/* kernel/bpf/verifier.c; KF_bpf_rdonly_cast since 6.2 */
enum special_kfunc_type {
	KF_bpf_rdonly_cast,
};

/*
 * arch/x86/include/asm/kvm_host.h; kvmclock_offset is set from the clock when the VM is
 * created; apicv_inhibit_reasons since 5.6, named since 5.18
 */
struct kvm_arch {
	__s64 kvmclock_offset;
	unsigned long apicv_inhibit_reasons;
};

struct kvm {
	struct refcount_struct users_count;
	int created_vcpus;
	struct kvm_arch arch;
};

/* include/linux/kvm_types.h; the two, in ns, since 5.14 */
struct kvm_vcpu_stat_generic {
	__u64 halt_poll_success_ns;
	__u64 halt_poll_fail_ns;
};

/*
 * arch/x86/include/asm/kvm_host.h; guest_mode since 5.13: 1 while a nested guest runs.
 * exits counts them all, and grows after the exit's tracepoint.
 */
struct kvm_vcpu_stat {
	struct kvm_vcpu_stat_generic generic;
	__u64 guest_mode;
	__u64 exits;
};

/* arch/x86/include/asm/kvm_host.h, only with kernel-patch/ */
struct kvm_exit_counter {
	__u64 sum[3];
};

struct kvm_vcpu_exitstat {
	struct kvm_exit_counter *counters;
};

struct kvm_vcpu_arch {
	unsigned long regs[17]; /* as instructions number them; the last is RIP until 7.2 or so, */
	unsigned long rip;	/* then this */
	__u64 efer;
	_Bool guest_state_protected; /* since 5.11: an encrypted guest's, which KVM does not see */
};

struct kvm_vcpu {
	struct kvm *kvm; /* first member in every release */
	struct preempt_notifier preempt_notifier;
	int vcpu_id;
	_Bool preempted; /* runnable, but not on its CPU: set before kvm_arch_vcpu_put() */
	struct kvm_vcpu_stat stat;
	struct kvm_vcpu_arch arch;
	struct kvm_vcpu_exitstat exitstat; /* only with kernel-patch/ */
};

/* arch/x86/kvm/svm/svm.h and vmx/vmx.h */
struct kvm_svm {
	struct kvm kvm; /* first member in every release */
};

struct kvm_vmx {
	struct kvm kvm; /* first member in every release */
};

/* arch/x86/kvm/vmx: a union of the full word and its bits */
union vmx_exit_reason {
	__u32 full;
};

/* arch/x86/kvm/vmx/vmx.h; vmxon: it is a hypervisor */
struct nested_vmx {
	_Bool vmxon;
};

/* The two of an exit until 6.15. */
struct vcpu_vmx {
	struct kvm_vcpu vcpu; /* first member in every release */
	struct nested_vmx nested;
	union vmx_exit_reason exit_reason;
	__u32 exit_intr_info;
};

/* arch/x86/kvm/vmx/common.h, since 6.16: shared by VMX and TDX guests */
struct vcpu_vt {
	union vmx_exit_reason exit_reason;
	__u32 exit_intr_info;
};

struct vcpu_vmx___vt {
	struct vcpu_vt vt;
};

/* arch/x86/kvm/trace.h: the record of the tracepoint */
struct trace_event_raw_kvm_exit {
	unsigned long guest_rip;
};

/* arch/x86/kvm/trace.h; cpl since 6.9 or so */
struct trace_event_raw_kvm_xen_hypercall {
	__u8 cpl;
};

/* arch/x86/include/asm/svm.h; exit_code is 32 bits wide and little-endian */
struct vmcb_control_area {
	__u32 exit_code;
};

struct vmcb {
	struct vmcb_control_area control;
};

/* arch/x86/kvm/svm/svm.h */
struct vcpu_svm {
	struct kvm_vcpu vcpu; /* first member in every release */
	struct vmcb *vmcb;
};

/* arch/x86/kvm/trace.h: the record of the tracepoint */
struct trace_event_raw_kvm_cpuid {
	unsigned int function;
	unsigned int index;
	unsigned long rax;
	unsigned long rbx;
	unsigned long rcx;
	unsigned long rdx;
	_Bool found;
};

#pragma clang attribute pop

#endif
