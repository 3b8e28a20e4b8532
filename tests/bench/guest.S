/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's loops: flat 32-bit protected mode, no paging, no stack, no IDT; but
 * guest_hlt and what its interrupt does in real mode.
 *
 *	%edi	turns left
 *	%esi	the next page of those that KVM has not mapped yet
 *
 * Each ends with an OUT to PORT_END. CPUID takes the other registers.
 */
#include "guest.h"

	.section .rodata.bench, "a", @progbits
	.code32
	.globl	guest_start, guest_cpuid, guest_out, guest_hlt, guest_return, guest_fault, guest_many, guest_end

guest_start:
guest_cpuid:
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	cpuid
	decl	%edi
	jnz	guest_cpuid
	outb	%al, $PORT_END

guest_out:
	outb	%al, $PORT
	decl	%edi
	jnz	guest_out
	outb	%al, $PORT_END

	.code16
guest_hlt:
	hlt
	decl	%edi
	jnz	guest_hlt
	outb	%al, $PORT_END
guest_return:
	iretw
	.code32

guest_fault:
	movl	(%esi), %eax
	addl	$PAGE_SIZE, %esi
	decl	%edi
	jnz	guest_fault
	outb	%al, $PORT_END

	/*
	 * SVM: 19 reasons a turn, besides OUT's and NPF's. With its first access to one
	 * KVM lets the guest have the debug registers until the next exit.
	 */
	.macro	debug_register nr
	movl	%db\nr, %eax
	wbinvd
	movl	%eax, %db\nr
	wbinvd
	.endm
guest_many:
	debug_register 0
	debug_register 1
	debug_register 2
	debug_register 3
	debug_register 4
	debug_register 5
	debug_register 6
	debug_register 7
	xorl	%eax, %eax
	cpuid
	vmmcall
	decl	%edi
	jnz	guest_many
	outb	%al, $PORT_END
guest_end:

	.section .note.GNU-stack, "", @progbits
