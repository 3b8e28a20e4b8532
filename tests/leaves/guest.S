/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's code, all of it in real mode but what says otherwise.
 *
 * ask: BP is the leaf, SP how many; DS:SI the list, ES:DI the answers.
 * cost: EDI how many times leaf EBP; EAX gets the cycles it took.
 * spin: EDI how many times leaf 0. emulated: one CPUID, by KVM's emulator.
 * nested: in protected mode, EDI how many times VMRUN of the VMCB at EAX.
 * kinds: the same, each time EBX higher, which is where the nested guest goes on.
 */
#include "leaves.h"
#include "../vmm/svm.h"

	.section .rodata.leaves, "a", @progbits
	.globl	guest_ask, guest_cost, guest_spin, guest_emulated, guest_nested
	.globl	guest_kinds, guest_of_nested, guest_of_asking, guest_of_kinds, guest_of_kinds_end, guest_end

	.code16
guest_ask:
	movl	%ebp, %eax
	movl	(%si), %ecx
	cpuid
	movl	%eax, %es:(%di)
	movl	%ebx, %es:4(%di)
	movl	%ecx, %es:8(%di)
	movl	%edx, %es:12(%di)
	addw	$4, %si
	addw	$16, %di
	decw	%sp
	jnz	guest_ask
	outb	%al, $0x10

guest_cost:
	rdtsc
	movl	%eax, %esi
1:	movl	%ebp, %eax
	xorl	%ecx, %ecx
	cpuid
	decl	%edi
	jnz	1b
	rdtsc
	subl	%esi, %eax
	outb	%al, $0x10

guest_spin:
	xorl	%eax, %eax
	cpuid
	decl	%edi
	jnz	guest_spin
	outb	%al, $0x10

guest_emulated:
	.ascii	"\x0f\x0bkvm"
	cpuid
	outb	%al, $0x10

guest_of_asking:
	cpuid
	vmmcall

guest_of_nested:
	cpuid

	.code32
guest_nested:
	vmrun
	decl	%edi
	jnz	guest_nested
	outb	%al, $0x10

guest_kinds:
	movl	%ebx, VMCB_RIP(%eax)
	vmrun
	addl	$KIND_SIZE, %ebx
	decl	%edi
	jnz	guest_kinds
	outb	%al, $0x10

	/*
	 * Each ends at the latest with VMMCALL, most before: nearly all that SVM can
	 * intercept without a list of ports or MSRs. In protected mode with paging.
	 */
	.macro	kind code:vararg
	.balign	KIND_SIZE
	\code
	vmmcall
	.endm

	.balign	KIND_SIZE
guest_of_kinds:
	.irp	nr, 0, 2, 3, 4
	kind	movl %cr\nr, %eax
	kind	movl %eax, %cr\nr
	.endr
	kind	.byte 0xf0, 0x0f, 0x20, 0xc0 /* CR8 is the LOCKed CR0 here */
	kind	.byte 0xf0, 0x0f, 0x22, 0xc0
	.irp	nr, 0, 1, 2, 3, 4, 5, 6, 7
	kind	movl %db\nr, %eax
	kind	movl %eax, %db\nr
	.endr
	.irp	code, sidt, sgdt, lidt, lgdt, invlpg
	kind	\code 0
	.endr
	.irp	code, sldt, str, lldt, ltr
	kind	\code %ax
	.endr
	.irp	code, rdtsc, rdtscp, rdpmc, pushf, popf, cpuid, rsm, iret, invd, wbinvd, pause
	kind	\code
	.endr
	.irp	code, hlt, monitor, mwait, xsetbv, invlpga, vmrun, vmload, vmsave, stgi, clgi, skinit
	kind	\code
	.endr
	kind	int $0x80
	kind	.byte 0xf1 /* ICEBP */
	kind	aam $0 /* #DE */
	kind	.byte 0x62, 0x05, 0, 0, 0, 0 /* BOUND, which clang has not: #BR */
	kind	ud2
	kind	fnop /* #NM */
	kind	movl 0x800000, %eax /* #PF */
	kind	movl %eax, %ds /* #NP */
	kind	movl %eax, %ss /* #SS */
	kind	ljmp $0x1000, $0 /* #GP */
	kind	rdmsr
	.balign	KIND_SIZE
guest_of_kinds_end:
guest_end:

	.section .note.GNU-stack, "", @progbits
