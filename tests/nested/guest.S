/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hypervisor, on SVM or on VMX, and what its guest does EDI times, all in protected mode
 * with paging. Of those exits that come to it, the hypervisor counts each and goes on
 * behind the instruction, which is EBP long. VMMCALL or VMCALL is the end.
 */
#include "guest.h"
#include "../vmm/svm.h"

#define SVM_VMMCALL 0x81
#define VMX_VMCALL  18
#define MSR_EFER    0xc0000080

#define VMCS_EXIT_REASON 0x4402
#define VMCS_GUEST_RIP	 0x681e

	.section .rodata.nested, "a", @progbits
	.globl	guest, guest_svm, guest_vmx, guest_vmx_exit, guest_end
	.globl	svm_cpuid, svm_out, svm_hlt, svm_rdmsr, vmx_cpuid, vmx_out, vmx_hlt, vmx_rdmsr

	.code32
guest:
guest_svm:
	vmrun
	cmpl	$SVM_VMMCALL, VMCB_EXIT_CODE(%eax)
	je	1f
	incl	REFLECTED
	addl	%ebp, VMCB_RIP(%eax)
	jmp	guest_svm
1:	outb	%al, $PORT_DONE

guest_vmx:
	vmxon	VMXON_POINTER
	jbe	guest_failed
	vmclear	VMCS_POINTER
	jbe	guest_failed
	vmptrld	VMCS_POINTER
	jbe	guest_failed
	movl	$FIELDS, %esi
1:	movl	(%esi), %eax
	cmpl	$NO_FIELD, %eax
	je	2f
	movl	4(%esi), %ecx
	vmwrite	%ecx, %eax
	jbe	guest_failed
	addl	$8, %esi
	jmp	1b
2:	vmlaunch
guest_failed:
	outb	%al, $PORT_FAILED

guest_vmx_exit:
	movl	$VMCS_EXIT_REASON, %eax
	vmread	%eax, %ecx
	cmpl	$VMX_VMCALL, %ecx
	je	1f
	incl	REFLECTED
	movl	$VMCS_GUEST_RIP, %eax
	vmread	%eax, %ecx
	addl	%ebp, %ecx
	vmwrite	%ecx, %eax
	vmresume
	jmp	guest_failed
1:	vmxoff
	outb	%al, $PORT_DONE

	/* What the hypervisor leaves in ECX is not what was there. */
	.macro	repeat end code:vararg
1:	movl	$MSR_EFER, %ecx
	\code
	decl	%edi
	jnz	1b
	\end
	.endm

	.macro	kind name code:vararg
svm_\name:
	repeat	vmmcall \code
vmx_\name:
	repeat	vmcall \code
	.endm

	kind	cpuid cpuid
	kind	out outb %al, $PORT_NESTED
	kind	hlt hlt
	kind	rdmsr rdmsr
guest_end:

	.section .note.GNU-stack, "", @progbits
