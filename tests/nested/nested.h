/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nested: a VM whose guest is a hypervisor, and that one's guest.
 *
 *	nested.c	what is made of it
 *	svm.c, vmx.c	how a vCPU becomes a hypervisor there, and what its guest is
 *	guest.S		both guests
 */
#ifndef NESTED_H
#define NESTED_H

#include "../vmm/vmm.h"
#include "guest.h"

enum {
	TABLE = 0x6000, /* of pages */
	MEMORY = 0x10000,
};

/* guest.S */
extern const char guest[], guest_svm[], guest_vmx[], guest_vmx_exit[], guest_end[];
extern const char svm_cpuid[], svm_out[], svm_hlt[], svm_rdmsr[];
extern const char vmx_cpuid[], vmx_out[], vmx_hlt[], vmx_rdmsr[];

static inline uint32_t address_of(const char *code)
{
	return CODE + (uint32_t)(code - guest);
}

/* What the nested guest does, and where the bit is that has its hypervisor get that. */
struct kind {
	const char *name;
	uint32_t length;
	const char *svm_code, *vmx_code;
	uint32_t svm_intercept, vmx_control; /* 0: it always does */
};

/* Once; NULL, or what failed. */
const char *make_svm(const struct vmm_vcpu *vcpu, char *memory);
const char *make_vmx(const struct vmm_vcpu *vcpu, char *memory);

/*
 * Before each run: the nested guest, and what becomes of its exits. regs is the
 * hypervisor's. vmx_begin() returns how many fields of its VMCS the hypervisor writes.
 */
void svm_begin(char *memory, const struct kind *kind, bool reflect, struct kvm_regs *regs);
unsigned long vmx_begin(char *memory, const struct kind *kind, bool reflect, struct kvm_regs *regs);

#endif
