/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guest.S and its VMM agree on.  Nothing but macros: the assembler
 * includes this too.
 */
#ifndef EXITGEN_GUEST_H
#define EXITGEN_GUEST_H

/*
 * Guest physical memory.  Every vCPU has one page with its code and its plan
 * and one page that nothing backs, or with a spread so many, for MMIO.  All of them lie in one 2
 * MiB region, so that the fault of the first vCPU builds every page table the others need.
 */
#define GUEST_PAGE_SIZE 0x1000
#define GUEST_CODE	0x400000
#define GUEST_MMIO	0x500000

/* Where in a vCPU's page the plan is: an array of struct guest_phase. */
#define GUEST_PLAN 0x800

/*
 * And what alignment checks need, where they are asked for: see align.c. The page's end is
 * where the CPU pushes to.
 */
#define GUEST_TABLES 0xc00
#define GUEST_FRAME  0xe00

#define PHASE_KINDS  0
#define PHASE_LEFT   4
#define PHASE_LEAF   8
#define PHASE_BEGUN  12
#define PHASE_SPREAD 16 /* this many, less one, are added to a port, leaf and so on, in turn */
#define PHASE_MSR    20
#define PHASE_PORT   24
#define PHASE_SPIN   28
#define PHASE_SIZE   32

/* In PHASE_KINDS: what to do in each turn of the phase. */
#define DO_CPUID      0x00000100
#define DO_OUT	      0x00000200
#define DO_IN	      0x00000400
#define DO_HLT	      0x00000800
#define DO_RDMSR      0x00001000
#define DO_WRMSR      0x00002000
#define DO_MMIO_READ  0x00004000
#define DO_MMIO_WRITE 0x00008000
#define DO_VMCALL     0x00010000
#define DO_VMMCALL    0x00020000
#define DO_CR_WRITE   0x00040000
#define DO_IPI	      0x00080000
#define DO_ALIGN      0x00200000
#define DO_PAUSE      0x00100000 /* beside the others: while it counts */

/*
 * CR4.MCE changes no paging mode, so KVM keeps its page tables, and KVM owns
 * it: VMX exits for a write that changes it, SVM for any write to CR4.
 */
#define GUEST_CR4_MCE 0x00000040

/*
 * IA32_BIOS_SIGN_ID, MSR_AMD64_PATCH_LEVEL to AMD: no KVM lets a guest have it
 * without an exit, each one lets it read it, and drops what it writes without
 * a word, because the manual's way to read it is to write zero first.
 */
#define GUEST_MSR 0x8b

/* With a spread: of no CPU, for a KVM with ignore_msrs=1. */
#define GUEST_MSRS 0x20000

/*
 * x2APIC's interrupt command register, and a fixed interrupt to nobody: KVM's fast
 * path takes it.
 */
#define GUEST_MSR_ICR	 0x830
#define GUEST_IPI	 0x40
#define GUEST_IPI_NOBODY 0x7fff

/* Unless --port says another. No device of KVM's own is there, with or without its interrupt chips.
 */
#define GUEST_PORT 0xe9

/* An OUT to this port is the end, where PHASE_LEAF of the phase behind the last is set. */
#define GUEST_END_PORT 0xea

/* No hypercall of KVM: it answers -ENOSYS. */
#define GUEST_HYPERCALL 0x65786974

#endif /* EXITGEN_GUEST_H */
