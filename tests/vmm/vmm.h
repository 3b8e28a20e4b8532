/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the VMMs of the tests share: KVM, a VM, its memory, its vCPUs.
 *
 * A function that can fail returns what did, NULL if nothing, and leaves errno: must()
 * ends the program with that; exitgen, whose processes tell on each other, does not.
 */
#ifndef VMM_H
#define VMM_H

#include <err.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#define RFLAGS_FIXED 0x2

struct vmm_vcpu {
	int fd;
	struct kvm_run *run;
};

static inline void must(const char *failed)
{
	if (failed)
		err(1, "%s", failed);
}

/* Of KVM, a VM or a vCPU; for calls that cannot fail unless something is broken. */
static inline void must_ioctl(int fd, unsigned long request, void *arg, const char *what)
{
	if (ioctl(fd, request, arg) < 0)
		err(1, "%s", what);
}

/* Once, before all else. */
const char *vmm_open(void);

/* An empty VM, in *vm. */
const char *vmm_create(int *vm);

/* kernel-patch/: whether KVM counts a VM's exits, and whom it answers. */
#define KVM_CAP_X86_EXITSTAT	 0x4fff
#define KVM_X86_EXITSTAT_ENABLED (1u << 0)
#define KVM_X86_EXITSTAT_CPL0	 (1u << 1)

/* What there is of it here: 0, nothing. */
uint32_t vmm_exitstat_flags(void);

/* For a VM that has no vCPU yet. */
const char *vmm_exitstat(int vm, uint64_t flags);

/* Small pages of zeros which the host has already, so that a fault is KVM's alone. */
const char *vmm_new_memory(void **memory, size_t size);

/* At this guest-physical address; of size 0: the slot goes. */
const char *vmm_map(int vm, uint32_t slot, uint64_t address, const void *memory, size_t size);

/* In the state that KVM resets it to. */
const char *vmm_create_vcpu(int vm, unsigned int id, struct vmm_vcpu *vcpu);
void vmm_destroy_vcpu(struct vmm_vcpu *vcpu);

/* All that KVM can give. */
const char *vmm_give_cpuid(const struct vmm_vcpu *vcpu);

const char *vmm_set_msr(const struct vmm_vcpu *vcpu, uint32_t index, uint64_t value);

/*
 * Flat protected mode, without paging and interrupts. With caches off, as they are after
 * a reset, KVM takes two instructions less for an exit.
 */
const char *vmm_flat(const struct vmm_vcpu *vcpu, bool caches);

/* Runs from these registers to an OUT or IN, and reads them again. */
const char *vmm_run(const struct vmm_vcpu *vcpu, struct kvm_regs *regs);

#endif
