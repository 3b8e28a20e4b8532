/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest: flat 32-bit protected mode, no paging, no stack, and but for DO_ALIGN no IDT.
 *
 *	%esp	the phase of the plan it is in
 *	%ebp	kinds of this phase; the bit of CR4.MCE is CR4 as it is now
 *	%edi	turns left in this phase
 *	%esi	an address nothing backs
 *	%ebx	with a spread: what the turn adds to ports, leaves, and the like
 *
 * CPUID takes the other four.  The loop writes no memory: a store next to code
 * is slow on some CPUs and very slow in emulators.
 *
 * What exits has a label, by which tests know where that was.
 */
#include "guest.h"

	.section .rodata.exitgen, "a", @progbits
	.code32
	.globl	guest_start
	.globl	guest_ask
	.globl	guest_misaligned
	.globl	guest_checked
	.globl	guest_end

guest_start:
next_phase:
	movl	$1, PHASE_BEGUN(%esp)
	movl	PHASE_LEFT(%esp), %edi
	andl	$GUEST_CR4_MCE, %ebp
	orl	PHASE_KINDS(%esp), %ebp
	testl	%edi, %edi
	jz	finish

turn:
	movl	PHASE_SPIN(%esp), %ecx
	jecxz	3f
	testl	$DO_PAUSE, %ebp
	jz	2f
1:	pause
	decl	%ecx
	jnz	1b
	jmp	3f
2:	decl	%ecx
	jnz	2b
3:
	testl	$DO_CPUID, %ebp
	jz	1f
	movl	PHASE_LEAF(%esp), %eax
	movl	%edi, %ebx
	andl	PHASE_SPREAD(%esp), %ebx
	addl	%ebx, %eax
	xorl	%ecx, %ecx
guest_cpuid:
	cpuid
1:
	/* CPUID has changed it. */
	movl	%edi, %ebx
	andl	PHASE_SPREAD(%esp), %ebx
	movl	PHASE_PORT(%esp), %edx
	addl	%ebx, %edx
	testl	$DO_OUT, %ebp
	jz	1f
guest_out:
	outb	%al, %dx
1:
	testl	$DO_IN, %ebp
	jz	1f
guest_in:
	inb	%dx, %al
1:
	testl	$DO_HLT, %ebp
	jz	1f
guest_hlt:
	hlt
1:
	movl	PHASE_MSR(%esp), %ecx
	addl	%ebx, %ecx
	testl	$DO_RDMSR, %ebp
	jz	1f
guest_rdmsr:
	rdmsr
1:
	testl	$DO_WRMSR, %ebp
	jz	1f
	xorl	%eax, %eax
	xorl	%edx, %edx
guest_wrmsr:
	wrmsr
1:
	testl	$DO_IPI, %ebp
	jz	1f
	movl	$GUEST_MSR_ICR, %ecx
	movl	$GUEST_IPI, %eax
	movl	$GUEST_IPI_NOBODY, %edx
	wrmsr
1:
	movl	%ebx, %edx
	shll	$12, %edx
	addl	%esi, %edx
	testl	$DO_MMIO_READ, %ebp
	jz	1f
guest_mmio_read:
	movl	(%edx), %eax
1:
	testl	$DO_MMIO_WRITE, %ebp
	jz	1f
guest_mmio_write:
	movl	%eax, (%edx)
1:
	/*
	 * At CPL 3 a word that is not aligned: #AC, whose handler is back at CPL 0.  A CPU
	 * that does not check goes on to INT3, and the guest has ended early.
	 */
	testl	$DO_ALIGN, %ebp
	jz	1f
	movl	%esp, %ecx
	andl	$-GUEST_PAGE_SIZE, %esp
	addl	$GUEST_FRAME, %esp
	iret
guest_misaligned:
	movl	1(%ecx), %eax
	int3
guest_checked:
	movl	%ecx, %esp
1:
	leal	GUEST_HYPERCALL(%ebx), %eax
	testl	$DO_VMCALL, %ebp
	jz	1f
guest_vmcall:
	vmcall
1:
	leal	GUEST_HYPERCALL(%ebx), %eax
	testl	$DO_VMMCALL, %ebp
	jz	1f
guest_vmmcall:
	vmmcall
1:
	testl	$DO_CR_WRITE, %ebp
	jz	1f
	xorl	$GUEST_CR4_MCE, %ebp
	movl	%ebp, %eax
	andl	$GUEST_CR4_MCE, %eax
guest_cr_write:
	movl	%eax, %cr4
1:
	decl	%edi
	jnz	turn

	movl	%edi, PHASE_LEFT(%esp)
	addl	$PHASE_SIZE, %esp
	jmp	next_phase

finish:
	cmpl	$0, PHASE_LEAF(%esp)
	je	1f
	outb	%al, $GUEST_END_PORT

	/*
	 * No gate: the third fault in a row ends it.  KVM intercepts neither
	 * #BP nor what follows from it, but it does #UD, so no UD2 here.
	 */
1:	int3

	/* Of the vCPU that asks: the VMM sets %eax and %ecx, and takes the answer. */
guest_ask:
	cpuid
	outb	%al, $GUEST_PORT
guest_end:

	.section .note.GNU-stack, "", @progbits
