/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nested guests: the exits of a guest's guest (L2), which KVM handles itself or hands to
 * the guest (L1) that is its hypervisor. What tells them is stat.guest_mode, which is 1
 * while L2 runs, and kvm_exit comes before KVM leaves it. Only exits of a vCPU that may run a
 * nested guest look there, which has none of the others pay for it.
 */
#ifndef EXITSTAT_NESTED_H
#define EXITSTAT_NESTED_H

#include <bpf/bpf_tracing.h>

#include "count.h"

/* Which types there are tells; only a kernel that has both built in asks the tracepoint. */
static __always_inline bool is_svm(__u32 isa)
{
	if (!bpf_core_type_exists(struct vcpu_vmx))
		return true;
	if (!bpf_core_type_exists(struct vcpu_svm))
		return false;
	return isa == EXITSTAT_ISA_SVM;
}

/*
 * Where the reason is of what runs: on SVM a nested guest has a VMCB of its own, and the VM's
 * is allocated and freed with the vCPU.
 */
static __always_inline __u64 reason_at(const struct kvm_vcpu *vcpu, __u32 isa)
{
	if (!is_svm(isa))
		return (__u64)compat_vmx_reason(vcpu);
	return compat_read_u64(vcpu, bpf_core_field_offset(struct vcpu_svm, vmcb)) +
	       bpf_core_field_offset(struct vmcb, control.exit_code);
}

/* EFER.SVME: it may run a nested guest. APM vol. 2, "Enabling SVM" */
#define EFER_SVME (1u << 12)

/*
 * A vCPU that is seen for the first time: a nested guest can run without VMRUN, VMLAUNCH or
 * VMRESUME to come, or does.
 */
static __always_inline bool is_hypervisor(const struct kvm_vcpu *vcpu, __u32 isa)
{
	bool vmxon = false;

	if (is_svm(isa))
		return compat_read_u64(vcpu, compat_vcpu_field_offset(arch.efer)) & EFER_SVME;
	bpf_probe_read_kernel(&vmxon, sizeof(vmxon),
			      (void *)vcpu + bpf_core_field_offset(struct vcpu_vmx, nested.vmxon));
	return vmxon;
}

/* The first exit of a vCPU. */
static __noinline struct exitstat_vcpu *typed_add(const struct kvm_vcpu *vcpu, __u32 isa)
{
	struct exitstat_vcpu *v = add_vcpu((__u64)vcpu, vm_of(vcpu), vcpu->vcpu_id, isa);

	if (!v)
		return NULL;
	v->born = born(v->vm);
	begin_split(v, vcpu);
	if (apicv)
		begin_apicv(v->vm_serial, v->vm);
	line_of(v)->reason_at = reason_at(vcpu, isa);
	if (!is_hypervisor(vcpu, isa))
		line_of(v)->own = (__u64)vcpu;
	if (auditing)
		note_baseline(vcpu, isa, compat_read_u32((void *)reason_at(vcpu, isa), 0));
	return v;
}

/*
 * What is rare: of a nested guest, or of a vCPU that may run one, that has no line or was
 * not seen before; the entry before it was not seen. It takes the program's context, as that
 * is the same wherever it is called: the verifier goes through it once.
 */
static __noinline int rare_exit(unsigned long long *ctx)
{
	const struct kvm_vcpu *vcpu = (void *)ctx[0];
	__u32 isa = (__u32)ctx[1];
	struct exitstat_line *line;
	struct exitstat_vcpu *v;

	if (compat_is_null(vcpu))
		return 0;
	v = find_vcpu((__u64)vcpu) ?: typed_add(vcpu, isa);
	if (!v)
		return 0;
	line = line_of(v);
	if (line->exit_ns)
		count_unpaired(v);
	line->class.reason = compat_read_u32((void *)reason_at(vcpu, isa), 0);
	line->class.level = EXITSTAT_L1 + (compat_vcpu_load(vcpu, stat.guest_mode) & 1);
	if (kinds & 1 << EXITSTAT_RIP)
		begin_rip(v, vcpu, isa);
	begin_exit(line);
	if (asking && asks(vcpu, isa, line->class.reason))
		note_question_of(line);
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
	struct exitstat_record *r;
	__u32 index = v ? find_record(v) : 0;

	r = record_at(index);
	if (index && r)
		r->reflected++;
	return 0;
}

#endif
