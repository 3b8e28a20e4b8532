/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nested guests: the exits of a guest's guest (L2), which KVM handles itself or hands to
 * the guest (L1) that is its hypervisor. What tells them is stat.guest_mode, which is 1
 * while L2 runs, and kvm_exit comes before KVM leaves it. On SVM each exit looks there, as
 * L2's exit code is elsewhere. On VMX only those of a vCPU that may run a nested guest do,
 * which has none of the others pay for it.
 */
#ifndef EXITSTAT_NESTED_H
#define EXITSTAT_NESTED_H

#include <bpf/bpf_tracing.h>

#include "count.h"

static __always_inline __u32 svm_reason(const struct kvm_vcpu *vcpu)
{
	__u64 vmcb = compat_read_u64(vcpu, bpf_core_field_offset(struct vcpu_svm, vmcb));

	return compat_read_u32((void *)vmcb, bpf_core_field_offset(struct vmcb, control.exit_code));
}

/* Of whatever runs: a nested guest has a VMCB of its own. */
static __always_inline __u32 any_reason(const struct kvm_vcpu *vcpu, __u32 isa)
{
	if (isa == EXITSTAT_ISA_SVM && bpf_core_type_exists(struct vcpu_svm))
		return svm_reason(vcpu);
	if (isa == EXITSTAT_ISA_VMX && bpf_core_type_exists(struct vcpu_vmx))
		return compat_read_u32(vcpu, compat_vmx_reason_offset());
	return ~0u;
}

/*
 * A vCPU that is seen for the first time, on VMX: a nested guest can run without VMLAUNCH
 * or VMRESUME to come, or does.
 */
static __always_inline bool vmx_is_hypervisor(const struct kvm_vcpu *vcpu)
{
	bool vmxon = false;

	if (bpf_core_type_exists(struct vcpu_vmx))
		bpf_probe_read_kernel(&vmxon, sizeof(vmxon),
				      (void *)vcpu +
					      bpf_core_field_offset(struct vcpu_vmx, nested.vmxon));
	return vmxon;
}

/* The first exit of a vCPU. */
static __noinline struct exitstat_vcpu *typed_add(const struct kvm_vcpu *vcpu, __u32 isa)
{
	struct exitstat_vcpu *v = add_vcpu((__u64)vcpu, (__u64)vcpu->kvm, vcpu->vcpu_id, isa);

	if (!v)
		return NULL;
	v->born = born(vcpu->kvm);
	begin_split(v, vcpu);
	if (apicv)
		begin_apicv(v->vm_serial, (__u64)vcpu->kvm);
	if (isa == EXITSTAT_ISA_VMX && vmx_is_hypervisor(vcpu))
		v->own = 0;
	if (auditing)
		note_baseline(vcpu, isa, any_reason(vcpu, isa));
	return v;
}

/*
 * As find_record() has it, but of either level. All records are in the list, which is gone
 * through first: with nothing known yet of the reason the verifier does so once.
 */
static __always_inline __u32 find_at(struct exitstat_vcpu *v, __u32 reason, __u32 level)
{
	__u32 index = find_listed(v, reason, level);
	__u32 *direct = level == EXITSTAT_L1 ? direct_index(v, reason) : NULL;

	if (direct)
		*direct = index;
	return index;
}

/*
 * What is rare: of a nested guest, or of a vCPU that may run one, that has no hint or was
 * not seen before; of an ISA that is not this module's. It takes the program's context, as
 * that is the same wherever it is called: the verifier goes through it once.
 */
static __noinline int rare_exit(unsigned long long *ctx)
{
	const struct kvm_vcpu *vcpu = (void *)ctx[0];
	__u32 isa = (__u32)ctx[1], reason, level;
	struct exitstat_vcpu *v;

	if (compat_is_null(vcpu))
		return 0;
	v = find_other((__u64)vcpu, hint_of(low_half(vcpu)));
	if (!v)
		v = typed_add(vcpu, isa);
	if (!v)
		return 0;
	reason = any_reason(vcpu, isa);
	level = EXITSTAT_L1 + (compat_vcpu_load(vcpu, stat.guest_mode) & 1);
	begin_detail(v);
	if (kinds & 1 << EXITSTAT_RIP)
		begin_rip(v, vcpu, isa);
	count_in(v, find_at(v, reason, level));
	if (asking && may_ask(v->isa, reason))
		note_question(v, SCRATCH_EXIT);
	return 0;
}

/*
 * KVM writes an exit to the VMCB or VMCS of the VM's hypervisor. That is what came of the
 * exit that is being handled: as a rule L2's, or L1's VMRUN or VMRESUME when L2 did not
 * get to run. KVM may be preempted here, so the vCPU is the thread's.
 */
SEC("tp_btf/kvm_nested_vmexit_inject")
int BPF_PROG(nested_reflected)
{
	struct exitstat_vcpu *v = current_vcpu();
	struct exitstat_record *r = v ? bpf_map_lookup_elem(&records, &v->pending) : NULL;

	if (r)
		r->reflected++;
	return 0;
}

#endif
