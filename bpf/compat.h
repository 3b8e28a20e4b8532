/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernels differ, and nothing else. Each difference is found in the
 * running kernel's BTF when the programs are loaded; no version is compared.
 */
#ifndef EXITSTAT_COMPAT_H
#define EXITSTAT_COMPAT_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "../vmlinux/kvm_types.h"

/*
 * VMX keeps the exit reason in struct vcpu_vmx until 6.15, and in the struct
 * vcpu_vt inside it since 6.16 ("KVM: VMX: Move common fields of struct vcpu_vmx
 * to a struct"). Goes when 6.12 is out of support (end of 2026).
 */
static __always_inline const void *compat_vmx_reason(const struct kvm_vcpu *vcpu)
{
	if (bpf_core_field_exists(struct vcpu_vmx, exit_reason))
		return &((const struct vcpu_vmx *)vcpu)->exit_reason;
	return &((const struct vcpu_vmx___vt *)vcpu)->vt.exit_reason;
}

/* The same of what an interrupt's exit says. */
static __always_inline __u32 compat_vmx_intr_info_offset(void)
{
	if (bpf_core_field_exists(struct vcpu_vmx, exit_intr_info))
		return bpf_core_field_offset(struct vcpu_vmx, exit_intr_info);
	return bpf_core_field_offset(struct vcpu_vmx___vt, vt) +
	       bpf_core_field_offset(struct vcpu_vt, exit_intr_info);
}

/*
 * Where struct kvm_vcpu has a field. KVM's modules need not be those that the kernel
 * was built with (kernel-patch/ makes others), but the kernel's own BTF has that
 * struct, too, and is where libbpf looks first. So the way there leads through a
 * type that only the modules have.
 */
#define compat_vcpu_field_exists(field)                        \
	(bpf_core_field_exists(struct vcpu_svm, vcpu.field) || \
	 bpf_core_field_exists(struct vcpu_vmx, vcpu.field))
#define compat_vcpu_field_offset(field)                               \
	(bpf_core_type_exists(struct vcpu_svm)                        \
		 ? bpf_core_field_offset(struct vcpu_svm, vcpu.field) \
		 : bpf_core_field_offset(struct vcpu_vmx, vcpu.field))

/*
 * The guest's RIP at an SVM exit, which KVM has copied from the VMCB by then: among the
 * other registers until 7.2 or so, beside them since. The assignment that changes nothing
 * keeps the compiler from making one load of the two, which the verifier does not take.
 */
static __always_inline __u64 compat_svm_rip(const struct kvm_vcpu *vcpu)
{
	const struct kvm_vcpu_arch *arch = &((const struct vcpu_svm *)vcpu)->vcpu.arch;
	__u64 rip;

	if (!bpf_core_field_exists(struct vcpu_svm, vcpu.arch.rip))
		return arch->regs[16];
	rip = arch->rip;
	asm volatile("%0 = %0" : "+r"(rip));
	return rip;
}

/* What it has there, of a tracepoint's argument: one instruction, not a call. */
#define compat_vcpu_load(vcpu, field)                                                          \
	(bpf_core_type_exists(struct vcpu_svm) ? ((const struct vcpu_svm *)(vcpu))->vcpu.field \
					       : ((const struct vcpu_vmx *)(vcpu))->vcpu.field)

/* The same of struct kvm. */
#define compat_vm_field_exists(field)                        \
	(bpf_core_field_exists(struct kvm_svm, kvm.field) || \
	 bpf_core_field_exists(struct kvm_vmx, kvm.field))
#define compat_vm_field_offset(field)                                                            \
	(bpf_core_type_exists(struct kvm_svm) ? bpf_core_field_offset(struct kvm_svm, kvm.field) \
					      : bpf_core_field_offset(struct kvm_vmx, kvm.field))

/* A loop whose length the verifier need not know, since 5.17 ("bpf: Add bpf_loop helper"). */
static __always_inline bool compat_has_loop(void)
{
	return bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop);
}

/*
 * A tracepoint's pointer is never null here, but 6.12's stable releases, 6.13 ("bpf:
 * Mark raw_tp arguments with PTR_MAYBE_NULL", taken back later) and 7.3 want to see it
 * checked before it is followed.
 */
static __always_inline bool compat_is_null(const void *ptr)
{
	return !ptr;
}

void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym __weak;

/*
 * Any 32 bits of the kernel's memory; 0 where none is mapped. Kernels since 6.2 let a
 * number be taken for a pointer to one of their types, whose members one instruction
 * loads ("bpf: Add a kfunc for generic type cast"); struct refcount_struct stands for
 * 32 bits. Before: a call that copies them. Goes when 6.1 is out of support (end of
 * 2027).
 */
static __always_inline __u32 compat_read_u32(const void *base, __u32 offset)
{
	__u32 value;

	/* What is at its beginning needs no relocation, which would cost two instructions. */
	if (bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast))
		return *(const __u32 *)bpf_rdonly_cast(
			base + offset, bpf_core_type_id_kernel(struct refcount_struct));
	value = 0;
	bpf_probe_read_kernel(&value, sizeof(value), base + offset);
	return value;
}

/*
 * The same, from the address that is at `from` of a map's memory, to `to` of it, which saves the
 * older kernels a way over the stack. All that is done in each of the two branches, and the
 * barrier keeps it there: else the newer kernels make what the older ones' call is given.
 */
static __always_inline void compat_copy_u32(void *base, __u32 to, __u32 from)
{
	if (bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast)) {
		*(__u32 *)(base + to) = *(const __u32 *)bpf_rdonly_cast(
			*(void **)(base + from), bpf_core_type_id_kernel(struct refcount_struct));
	} else {
		barrier_var(base);
		bpf_probe_read_kernel(base + to, sizeof(__u32), *(void **)(base + from));
	}
}

/* A guest whose registers KVM does not see; VMX has such since 6.16 (TDX). */
static __always_inline bool compat_vmx_is_protected(__u64 vcpu)
{
	return bpf_core_type_exists(struct vcpu_vt) &&
	       compat_read_u32((void *)vcpu, compat_vcpu_field_offset(arch.guest_state_protected)) &
		       0xff;
}

/* 64 bits, where it is not often. */
static __always_inline __u64 compat_read_u64(const void *base, __u32 offset)
{
	__u64 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), base + offset);
	return value;
}

#endif
