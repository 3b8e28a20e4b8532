/* SPDX-License-Identifier: GPL-2.0-only */
/* AMD's virtualization, for guests that are hypervisors. */
#ifndef VMM_SVM_H
#define VMM_SVM_H

#define VMCB_EXIT_CODE 0x070
#define VMCB_RIP       0x578

#ifndef __ASSEMBLER__

#include <stddef.h>

#include "vmm.h"

enum {
	EFER_SVME = 1 << 12,
	CR4_PSE = 1 << 4,
};

#define CR0_PG 0x80000000

/* The VMCB (APM vol. 2, appendix B): what these guests need of it. */
struct vmcb {
	uint32_t crs, drs, exceptions, instructions[2]; /* intercepted */
	uint8_t unused2[0x040 - 0x014];
	uint64_t iopm, msrpm; /* which ports and MSRs are intercepted */
	uint8_t unused3[0x058 - 0x050];
	uint32_t asid;
	uint8_t unused4[0x070 - 0x05c];
	uint64_t exit_code;
	uint8_t unused5[0x400 - 0x078];
	struct vmcb_segment {
		uint16_t selector, attributes;
		uint32_t limit;
		uint64_t base;
	} es, cs, ss, ds;
	uint8_t unused6[0x460 - 0x440];
	struct vmcb_segment gdtr;
	uint8_t unused7[0x4d0 - 0x470];
	uint64_t efer;
	uint8_t unused8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t unused9[0x5f8 - 0x580];
	uint64_t rax;
};

_Static_assert(offsetof(struct vmcb, iopm) == 0x040, "APM");
_Static_assert(offsetof(struct vmcb, asid) == 0x058, "APM");
_Static_assert(offsetof(struct vmcb, exit_code) == VMCB_EXIT_CODE, "APM");
_Static_assert(offsetof(struct vmcb, gdtr) == 0x460, "APM");
_Static_assert(offsetof(struct vmcb, efer) == 0x4d0, "APM");
_Static_assert(offsetof(struct vmcb, rip) == VMCB_RIP, "APM");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "APM");

/* Bits of instructions[0], those of instructions[1]. */
enum {
	INTERCEPT_CPUID = 1 << 18,
	INTERCEPT_HLT = 1 << 24,
	INTERCEPT_PORTS = 1 << 27,
	INTERCEPT_MSRS = 1 << 28,
	INTERCEPT_VMRUN = 1 << 0, /* as is demanded */
	INTERCEPT_VMMCALL = 1 << 1,
};

/* A nested guest in real mode, which begins there. */
void svm_make_vmcb(struct vmcb *vmcb, uint32_t rip);

/*
 * The vCPU in protected mode with paging, as VMRUN demands: 4 MiB, each at its own
 * address, by the table in this zeroed page; and the other is where VMRUN saves.
 */
const char *svm_hypervisor(const struct vmm_vcpu *vcpu, uint32_t *table, uint64_t table_address,
			   uint64_t save_area);

#endif /* __ASSEMBLER__ */
#endif
