// SPDX-License-Identifier: GPL-2.0-only
/* Intel's VMCS: SDM vol. 3, "Virtual Machine Control Structures", and appendix B. */
#include <stdlib.h>
#include <string.h>

#include "nested.h"

enum {
	VMXON = 0x4000,
	VMCS = 0x5000,
	MSRS = 0xb000, /* a bitmap of 4 KiB */
};

enum {
	MSR_FEATURE_CONTROL = 0x3a,
	MSR_VMX_BASIC = 0x480,
	MSR_TRUE_PIN_BASED = 0x48d,
	MSR_TRUE_PROCESSOR_BASED = 0x48e,
	MSR_TRUE_EXIT = 0x48f,
	MSR_TRUE_ENTRY = 0x490,
};

#define CR0	       0x80000031 /* PG, NE, ET, PE */
#define CR4	       0x2010	  /* VMXE, PSE */
#define USE_MSR_BITMAP (1u << 28)
#define UNUSABLE       0x10000

static const char *get_msr(const struct vmm_vcpu *vcpu, uint32_t index, uint64_t *value)
{
	struct kvm_msrs *msrs = calloc(1, sizeof(*msrs) + sizeof(msrs->entries[0]));
	int got;

	if (!msrs)
		return "KVM_GET_MSRS";
	msrs->nmsrs = 1;
	msrs->entries[0].index = index;
	got = ioctl(vcpu->fd, KVM_GET_MSRS, msrs);
	*value = msrs->entries[0].data;
	free(msrs);
	return got == 1 ? NULL : "KVM_GET_MSRS: is kvm_intel loaded with nested=0?";
}

/* The controls that have to be 1, and the revision that both regions begin with. */
static uint32_t pin_based, processor_based, exit_controls, entry_controls, revision;

static const char *read_capabilities(const struct vmm_vcpu *vcpu)
{
	static const struct {
		uint32_t msr, *to;
	} all[] = {
		{ MSR_VMX_BASIC, &revision },
		{ MSR_TRUE_PIN_BASED, &pin_based },
		{ MSR_TRUE_PROCESSOR_BASED, &processor_based },
		{ MSR_TRUE_EXIT, &exit_controls },
		{ MSR_TRUE_ENTRY, &entry_controls },
	};
	const char *failed = NULL;
	uint64_t value = 0;

	for (size_t i = 0; !failed && i < sizeof(all) / sizeof(all[0]); i++) {
		failed = get_msr(vcpu, all[i].msr, &value);
		*all[i].to = (uint32_t)value;
	}
	return failed;
}

const char *make_vmx(const struct vmm_vcpu *vcpu, char *memory)
{
	const char *failed = vmm_flat(vcpu, true);
	struct kvm_sregs sregs;

	failed = failed ?: read_capabilities(vcpu);
	failed = failed ?: vmm_set_msr(vcpu, MSR_FEATURE_CONTROL, 5);
	if (failed)
		return failed;
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return "KVM_GET_SREGS";
	*(uint32_t *)(memory + TABLE) = 0x83; /* present, writable, large */
	*(uint64_t *)(memory + VMXON_POINTER) = VMXON;
	*(uint64_t *)(memory + VMCS_POINTER) = VMCS;
	sregs.cr0 = CR0;
	sregs.cr3 = TABLE;
	sregs.cr4 = CR4;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) ? "KVM_SET_SREGS" : NULL;
}

enum encoding {
	SELECTORS = 0x800, /* of the guest's segments, two apart */
	HOST_SELECTORS = 0xc00,
	HOST_TR_SELECTOR = 0xc0c,
	MSR_BITMAP = 0x2004,
	LINK = 0x2800, /* to another VMCS, or all ones */
	LINK_HIGH,
	PIN_BASED = 0x4000,
	PROCESSOR_BASED = 0x4002,
	EXIT_CONTROLS = 0x400c,
	ENTRY_CONTROLS = 0x4012,
	LIMITS = 0x4800,
	RIGHTS = 0x4814,
	GUEST_CR0 = 0x6800,
	GUEST_CR3 = 0x6802,
	GUEST_CR4 = 0x6804,
	GUEST_DR7 = 0x681a,
	GUEST_RIP = 0x681e,
	GUEST_RFLAGS = 0x6820,
	HOST_CR0 = 0x6c00,
	HOST_CR3 = 0x6c02,
	HOST_CR4 = 0x6c04,
	HOST_RIP = 0x6c16,
};

struct field {
	uint32_t encoding, value;
};

/* The rest is 0, as in a VMCS that is cleared. */
static const struct field fields[] = {
	{ GUEST_CR0, CR0 },
	{ GUEST_CR3, TABLE },
	{ GUEST_CR4, CR4 },
	{ GUEST_DR7, 0x400 },
	{ LINK, ~0u },
	{ LINK_HIGH, ~0u },
	{ HOST_CR0, CR0 },
	{ HOST_CR3, TABLE },
	{ HOST_CR4, CR4 },
	{ MSR_BITMAP, MSRS },
	{ GUEST_RFLAGS, RFLAGS_FIXED },
};

/* ES, CS, SS, DS, FS, GS, LDTR, TR */
static const struct segment {
	uint32_t selector, limit, rights;
} segments[] = {
	{ 0x10, ~0u, 0xc093 }, { 8, ~0u, 0xc09b },    { 0x10, ~0u, 0xc093 }, { 0x10, ~0u, 0xc093 },
	{ 0x10, ~0u, 0xc093 }, { 0x10, ~0u, 0xc093 }, { 0, 0, UNUSABLE },    { 0x18, 0x67, 0x8b },
};

#define NSEGMENTS 8
#define TR	  7

static struct field *add(struct field *to, uint32_t encoding, uint32_t value)
{
	*to = (struct field){ encoding, value };
	return to + 1;
}

/* Both have the same, but that the host has no LDTR. */
static struct field *add_segments(struct field *to)
{
	for (uint32_t i = 0; i < NSEGMENTS; i++) {
		to = add(to, SELECTORS + 2 * i, segments[i].selector);
		to = add(to, LIMITS + 2 * i, segments[i].limit);
		to = add(to, RIGHTS + 2 * i, segments[i].rights);
	}
	for (uint32_t i = 0; i < TR - 1; i++)
		to = add(to, HOST_SELECTORS + 2 * i, segments[i].selector);
	return add(to, HOST_TR_SELECTOR, segments[TR].selector);
}

unsigned long vmx_begin(char *memory, const struct kind *kind, bool reflect, struct kvm_regs *regs)
{
	struct field *to = (struct field *)(memory + FIELDS), *first = to;

	*(uint32_t *)(memory + VMXON) = revision;
	memset(memory + VMCS, 0, 0x1000);
	*(uint32_t *)(memory + VMCS) = revision;
	memset(memory + MSRS, reflect ? 0xff : 0, 0x1000);
	memcpy(to, fields, sizeof(fields));
	to = add_segments(to + sizeof(fields) / sizeof(fields[0]));
	to = add(to, PIN_BASED, pin_based);
	to = add(to, PROCESSOR_BASED,
		 processor_based | USE_MSR_BITMAP | (reflect ? kind->vmx_control : 0));
	to = add(to, EXIT_CONTROLS, exit_controls);
	to = add(to, ENTRY_CONTROLS, entry_controls);
	to = add(to, GUEST_RIP, address_of(kind->vmx_code));
	to = add(to, HOST_RIP, address_of(guest_vmx_exit));
	add(to, NO_FIELD, 0);
	regs->rip = address_of(guest_vmx);
	return (unsigned long)(to - first);
}
