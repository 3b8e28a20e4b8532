// SPDX-License-Identifier: GPL-2.0-only
#include "svm.h"

#define MSR_VM_HSAVE_PA 0xc0010117

void svm_make_vmcb(struct vmcb *vmcb, uint32_t rip)
{
	struct vmcb_segment data = { .attributes = 0x93, .limit = 0xffff };

	*vmcb = (struct vmcb){
		.instructions = { INTERCEPT_CPUID, INTERCEPT_VMRUN },
		.asid = 1,
		.es = data,
		.cs = { .attributes = 0x9b, .limit = 0xffff },
		.ss = data,
		.ds = data,
		.efer = EFER_SVME,
		.cr0 = 0x10,
		.dr7 = 0x400,
		.dr6 = 0xffff0ff0,
		.rflags = RFLAGS_FIXED,
		.rip = rip,
	};
}

const char *svm_hypervisor(const struct vmm_vcpu *vcpu, uint32_t *table, uint64_t table_address,
			   uint64_t save_area)
{
	const char *failed = vmm_flat(vcpu, true);
	struct kvm_sregs sregs;

	if (failed)
		return failed;
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return "KVM_GET_SREGS";
	*table = 0x83; /* present, writable, large */
	sregs.cr0 |= CR0_PG;
	sregs.cr3 = table_address;
	sregs.cr4 |= CR4_PSE;
	sregs.efer |= EFER_SVME;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs))
		return "KVM_SET_SREGS: is kvm_amd loaded with nested=0?";
	return vmm_set_msr(vcpu, MSR_VM_HSAVE_PA, save_area);
}
