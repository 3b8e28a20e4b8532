// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has KVM inhibit APICv or AVIC for a VM: arch/x86/include/asm/kvm_host.h, enum
 * kvm_apicv_inhibit. Two come and go while the vCPUs run, the others are there before, and stay.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "exitgen.h"

/* Hyper-V TLFS, "SynIC Interrupt Source Registers". */
#define HV_SINT0    0x40000090
#define HV_AUTO_EOI (1 << 17)
#define A_VECTOR    0x50

#define APIC_ID_REGISTER 0x20

/* A vCPU that nobody else is. */
#define ALIAS (MAX_VCPUS + 1)

/* Of PIT reinjection, which is the VM's, and from the start; and a debugger, which is a vCPU's. */
const char *inhibit_change(const struct vcpu *vcpu, uint32_t times)
{
	struct kvm_guest_debug debug = { 0 };
	struct kvm_reinject_control pit = { 0 };
	uint32_t i;

	for (i = 0; i < times; i++) {
		pit.pit_reinject = i & 1;
		debug.control = i & 1 ? 0 : KVM_GUESTDBG_ENABLE | KVM_GUESTDBG_BLOCKIRQ;
		if (ioctl(vcpu->vm->fd, KVM_REINJECT_CONTROL, &pit))
			return "KVM_REINJECT_CONTROL";
		if (ioctl(vcpu->cpu.fd, KVM_SET_GUEST_DEBUG, &debug))
			return "KVM_SET_GUEST_DEBUG";
	}

	return NULL;
}

/* As Windows has it where it is not told to do without. */
const char *inhibit_by_auto_eoi(const struct vcpu *vcpu)
{
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC };

	if (ioctl(vcpu->cpu.fd, KVM_ENABLE_CAP, &synic))
		return "KVM_CAP_HYPERV_SYNIC";

	return vmm_set_msr(&vcpu->cpu, HV_SINT0, HV_AUTO_EOI | A_VECTOR);
}

/* The first vCPU's, for another one, which never runs. */
const char *inhibit_by_alias(struct vm *vm)
{
	struct kvm_lapic_state apic;

	vm->alias = ioctl(vm->fd, KVM_CREATE_VCPU, ALIAS);
	if (vm->alias < 0)
		return "KVM_CREATE_VCPU";
	if (ioctl(vm->alias, KVM_GET_LAPIC, &apic))
		return "KVM_GET_LAPIC";
	memset(apic.regs + APIC_ID_REGISTER, 0, sizeof(uint32_t));

	return ioctl(vm->alias, KVM_SET_LAPIC, &apic) ? "KVM_SET_LAPIC" : NULL;
}
