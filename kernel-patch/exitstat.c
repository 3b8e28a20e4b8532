// SPDX-License-Identifier: GPL-2.0-only
/*
 * VM-Exits and the cycles they took, by exit code.  The hooks, in exitstat.h,
 * only store to the vCPU's own memory; all else happens when a sum is read.
 */
#include <linux/nospec.h>
#include <uapi/asm/svm.h>
#include <uapi/asm/vmx.h>
#include "exitstat.h"
#include "x86.h"

/* For the VMs of a VMM that does not know KVM_CAP_X86_EXITSTAT. */
static bool __read_mostly exitstat;
module_param(exitstat, bool, 0644);

/* The same for KVM_X86_EXITSTAT_CPL0. */
static bool __read_mostly exitstat_cpl0;
module_param(exitstat_cpl0, bool, 0644);

static unsigned int __read_mostly exitstat_layout = 2021;

static int exitstat_layout_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 2021, 2022);
}

static const struct kernel_param_ops exitstat_layout_ops = {
	.set = exitstat_layout_set,
	.get = param_get_uint,
};
module_param_cb(exitstat_layout, &exitstat_layout_ops, &exitstat_layout, 0444);

/* Deferred, so that VMs which come and go don't have the kernel patched each time. */
__read_mostly DEFINE_STATIC_KEY_DEFERRED_FALSE(kvm_exitstat_key, HZ);

static void exitstat_set_flags(struct kvm *kvm, u32 flags)
{
	if (flags && !kvm->arch.exitstat_flags)
		static_branch_inc(&kvm_exitstat_key.key);
	else if (!flags && kvm->arch.exitstat_flags)
		static_branch_slow_dec_deferred(&kvm_exitstat_key);

	kvm->arch.exitstat_flags = flags;
}

void kvm_exitstat_init_vm(struct kvm *kvm)
{
	u32 flags = KVM_X86_EXITSTAT_ENABLED;

	if (READ_ONCE(exitstat_cpl0))
		flags |= KVM_X86_EXITSTAT_CPL0;

	/* A 32-bit host cannot read a 64-bit counter of another CPU whole. */
	if (IS_ENABLED(CONFIG_X86_64) && READ_ONCE(exitstat))
		exitstat_set_flags(kvm, flags);
}

void kvm_exitstat_destroy_vm(struct kvm *kvm)
{
	exitstat_set_flags(kvm, 0);
}

int kvm_exitstat_enable_cap(struct kvm *kvm, struct kvm_enable_cap *cap)
{
	u64 flags = cap->args[0];
	int r = -EBUSY;

	if (!IS_ENABLED(CONFIG_X86_64) || flags & ~KVM_X86_EXITSTAT_VALID_BITS ||
	    flags == KVM_X86_EXITSTAT_CPL0 || cap->args[1] || cap->args[2] || cap->args[3])
		return -EINVAL;

	/* A vCPU is counted from its creation or not at all. */
	mutex_lock(&kvm->lock);
	if (!kvm->created_vcpus) {
		exitstat_set_flags(kvm, flags);
		r = 0;
	}
	mutex_unlock(&kvm->lock);
	return r;
}

int kvm_exitstat_create_vcpu(struct kvm_vcpu *vcpu)
{
	struct kvm_vcpu_exitstat *es = &vcpu->exitstat;

	if (!vcpu->kvm->arch.exitstat_flags)
		return 0;

	es->counters = kcalloc(EXITSTAT_NR_COUNTERS, sizeof(*es->counters),
			       GFP_KERNEL_ACCOUNT);
	return es->counters ? 0 : -ENOMEM;
}

/*
 * The exit codes that the manuals current at the end of 2022 define: codes that
 * KVM never sees are among them. Of those that came later, the ones that this
 * kernel has a name for.
 */
static const struct exit_codes {
	u32 first, last;
} exit_codes[][9] = {
	{
		/* Intel SDM (December 2022), volume 3, appendix C */
		{0, 34}, {36, 37}, {39, 41}, {43, 64}, {66, 70}, {72, 75},
#ifdef EXIT_REASON_SEAMCALL
		{EXIT_REASON_SEAMCALL, EXIT_REASON_TDCALL},
#endif
#ifdef EXIT_REASON_MSR_READ_IMM
		{EXIT_REASON_MSR_READ_IMM, EXIT_REASON_MSR_WRITE_IMM},
#endif
	}, {
		/* AMD APM (revision 3.39), volume 2, appendix C: registers, exceptions, the rest */
		{0, 0x3f}, {0x40, 0x5f}, {0x60, 0x8e}, {0x8f, 0xa4}, {0x400, 0x403}, {-2u, -1u},
#ifdef SVM_EXIT_BUS_LOCK
		{SVM_EXIT_BUS_LOCK, SVM_EXIT_BUS_LOCK},
#endif
#ifdef SVM_EXIT_IDLE_HLT
		{SVM_EXIT_IDLE_HLT, SVM_EXIT_IDLE_HLT},
#endif
	},
};

/* How many of the codes @first to @last are defined? */
static u32 exitstat_nr_defined(u32 first, u32 last)
{
	const struct exit_codes *codes = exit_codes[boot_cpu_has(X86_FEATURE_SVM)];
	u32 nr = 0;

	for (; codes->last; codes++) {
		if (first <= codes->last && last >= codes->first)
			nr += min(last, codes->last) - max(first, codes->first) + 1;
	}
	return nr;
}

/* Of leaf 0x4ffffffb. */
static void exitstat_who(u32 index, struct cpuid_regs *regs)
{
	if (index == 0) {
		regs->eax = 1 << 16 | exitstat_layout;
		memcpy(&regs->ebx, "KVME", 4);
		memcpy(&regs->ecx, "xitS", 4);
		memcpy(&regs->edx, "tats", 4);
	} else if (index == 1) {
		regs->eax = boot_cpu_has(X86_FEATURE_SVM) ? 2 : 1;
		regs->ebx = exitstat_nr_defined(0, U32_MAX);
		regs->ecx = tsc_khz;
	}
}

/*
 * Add up one number of each vCPU, of its counter @nr or else of all.  They only
 * grow and live as long as the VM, hence what is read again is never less.
 *
 * The guest decides how often this happens: kvm_for_each_vcpu() takes four times as
 * long, as it looks up each vCPU anew.
 */
static u64 exitstat_read(struct kvm *kvm, int nr, int sum)
{
	XA_STATE(xas, &kvm->vcpu_array, 0);
	const struct kvm_vcpu_exitstat *es;
	struct kvm_vcpu *vcpu;
	u64 value = 0;

	rcu_read_lock();
	xas_for_each(&xas, vcpu, atomic_read(&kvm->online_vcpus) - 1) {
		if (xas_retry(&xas, vcpu))
			continue;
		es = &vcpu->exitstat;
		value += u64_stats_read(nr < 0 ? &es->total.sum[sum] : &es->counters[nr].sum[sum]);
	}
	rcu_read_unlock();
	return value;
}

/* Has the VM the leaves, where this vCPU is now? */
static bool exitstat_may_read(struct kvm_vcpu *vcpu)
{
	u32 flags = vcpu->kvm->arch.exitstat_flags;

	/* CPL 0 of L2 may be an unprivileged process of L1. */
	if (flags & KVM_X86_EXITSTAT_CPL0)
		return !is_guest_mode(vcpu) && !static_call(kvm_x86_get_cpl)(vcpu);

	return flags;
}

/* From EAX and ECX as the guest has them; false: as if there was no such leaf. */
bool __kvm_exitstat_cpuid(struct kvm_vcpu *vcpu, struct cpuid_regs *regs)
{
	u32 leaf = regs->eax & 0xf, code = regs->ecx;
	int sum, nr = -1;
	u64 value;

	if (!exitstat_may_read(vcpu))
		return false;

	*regs = (struct cpuid_regs) {};

	if (leaf == 0xb) {
		exitstat_who(code, regs);
		return true;
	}

	/* The layout of 2022 has the upper four leaves in reverse order. */
	if (leaf >= 0xc && exitstat_layout == 2022)
		leaf = 0xf - leaf + 0xc;

	/* Leaves 0xa, 0xc and 0xd are of one exit code, the others of all. */
	if (leaf == 0xa || leaf == 0xc || leaf == 0xd) {
		if (!exitstat_nr_defined(code, code)) {
			regs->edx = ~0u;
			return true;
		}
		nr = array_index_nospec(kvm_exitstat_nr(code), EXITSTAT_NR_COUNTERS);
	}

	/* Of the upper four, the odd leaves are counts and the even ones cycles. */
	sum = leaf < 0xb ? EXITSTAT_AWAY : leaf & 1 ? EXITSTAT_COUNT : EXITSTAT_HANDLED;
	value = exitstat_read(vcpu->kvm, nr, sum);
	*(sum == EXITSTAT_COUNT ? &regs->eax : &regs->ecx) = value;
	regs->ebx = value >> 32;
	return true;
}
