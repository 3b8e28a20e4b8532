/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ARCH_X86_KVM_EXITSTAT_H
#define ARCH_X86_KVM_EXITSTAT_H

#include <linux/jump_label_ratelimit.h>
#include <linux/kvm_host.h>
#include <asm/tsc.h>

/* True while there is a VM whose exits are counted, and a while longer. */
extern struct static_key_false_deferred kvm_exitstat_key;

/*
 * The counter of an exit code: all of VMX's and most of SVM's are below 0x100,
 * SVM's 0x400-0x40f, -2 and -1 follow, the last one is that of all others.
 */
#define EXITSTAT_NR_COUNTERS 0x113

static __always_inline unsigned int kvm_exitstat_nr(u32 code)
{
	if (likely(code < 0x100))
		return code;
	if (code >= 0x400 && code < 0x410)
		return code - 0x300;
	return code >= -2u ? 0x110 + (code & 1) : 0x112;
}

/* A VM-Exit happened: count it and open both windows. */
static __always_inline void kvm_exitstat_exit(struct kvm_vcpu *vcpu, u32 code)
{
	struct kvm_vcpu_exitstat *es = &vcpu->exitstat;
	struct kvm_exit_counter *counter;
	unsigned long nr;

	if (!static_branch_unlikely(&kvm_exitstat_key.key) || !es->counters)
		return;

	nr = kvm_exitstat_nr(code);
	OPTIMIZER_HIDE_VAR(nr); /* or each case has a multiplication of its own */
	counter = &es->counters[nr];
	u64_stats_inc(&counter->sum[EXITSTAT_COUNT]);
	u64_stats_inc(&es->total.sum[EXITSTAT_COUNT]);
	es->open[EXITSTAT_HANDLED] = counter;
	es->open[EXITSTAT_AWAY] = counter;
	es->tsc = rdtsc();
}

/*
 * A window of the last VM-Exit ends.  Without a VM-Exit since it last did, e.g.
 * when KVM handles one that it made up, there is none.
 */
static __always_inline void kvm_exitstat_close(struct kvm_vcpu *vcpu, int window)
{
	struct kvm_vcpu_exitstat *es = &vcpu->exitstat;
	s64 cycles;

	if (!static_branch_unlikely(&kvm_exitstat_key.key) || !es->open[window])
		return;

	/* The TSC may go back, e.g. over a suspend; the sums must not. */
	cycles = rdtsc() - es->tsc;
	if (likely(cycles >= 0)) {
		u64_stats_add(&es->open[window]->sum[window], cycles);
		u64_stats_add(&es->total.sum[window], cycles);
	}
	es->open[window] = NULL;
}

bool __kvm_exitstat_cpuid(struct kvm_vcpu *vcpu, struct cpuid_regs *regs);

/* Answer a leaf of Documentation/virt/kvm/x86/exitstat.rst, if the VM has it. */
static __always_inline bool kvm_exitstat_cpuid(struct kvm_vcpu *vcpu, u32 *eax,
					       u32 *ebx, u32 *ecx, u32 *edx)
{
	struct cpuid_regs regs;

	if (!static_branch_unlikely(&kvm_exitstat_key.key) ||
	    *eax < 0x4ffffff9 || *eax > 0x4fffffff)
		return false;

	regs.eax = *eax;
	regs.ecx = *ecx;
	if (!__kvm_exitstat_cpuid(vcpu, &regs))
		return false;

	*eax = regs.eax;
	*ebx = regs.ebx;
	*ecx = regs.ecx;
	*edx = regs.edx;
	return true;
}

void kvm_exitstat_init_vm(struct kvm *kvm);
void kvm_exitstat_destroy_vm(struct kvm *kvm);
int kvm_exitstat_enable_cap(struct kvm *kvm, struct kvm_enable_cap *cap);
int kvm_exitstat_create_vcpu(struct kvm_vcpu *vcpu);

#endif
