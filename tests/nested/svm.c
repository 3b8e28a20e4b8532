// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "../vmm/svm.h"
#include "nested.h"

enum {
	VMCB = 0x4000,
	SAVE_AREA = 0x5000,
	PORTS = 0x8000, /* 12 KiB */
	MSRS = 0xb000,	/* 8 KiB */
};

const char *make_svm(const struct vmm_vcpu *vcpu, char *memory)
{
	memset(memory + PORTS, 0xff, MEMORY - PORTS);
	return svm_hypervisor(vcpu, (uint32_t *)(memory + TABLE), TABLE, SAVE_AREA);
}

void svm_begin(char *memory, const struct kind *kind, bool reflect, struct kvm_regs *regs)
{
	struct vmcb_segment data = { .attributes = 0xc93, .limit = 0xffffffff };
	struct vmcb *vmcb = (struct vmcb *)(memory + VMCB);

	svm_make_vmcb(vmcb, address_of(kind->svm_code));
	vmcb->instructions[0] = reflect ? kind->svm_intercept : 0;
	vmcb->instructions[1] = INTERCEPT_VMRUN | INTERCEPT_VMMCALL;
	vmcb->iopm = PORTS;
	vmcb->msrpm = MSRS;
	vmcb->es = vmcb->ss = vmcb->ds = vmcb->cs = data;
	vmcb->cs.attributes = 0xc9b;
	vmcb->cr0 = 0x11 | CR0_PG;
	vmcb->cr3 = TABLE;
	vmcb->cr4 = CR4_PSE;
	regs->rax = VMCB;
	regs->rip = address_of(guest_svm);
}
