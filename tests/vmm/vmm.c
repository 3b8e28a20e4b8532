// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

/* Where VMX without unrestricted guests keeps a TSS, out of the way. */
#define TSS_ADDRESS 0xfffbd000ul

#define MAX_CPUID 256

#define CR0_PE 0x00000001
#define CR0_NW 0x20000000
#define CR0_CD 0x40000000

static int kvm = -1;
static size_t run_size;

const char *vmm_open(void)
{
	int size;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		return "/dev/kvm";
	if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API_VERSION) {
		errno = EPROTO;
		return "/dev/kvm";
	}
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return "KVM_GET_VCPU_MMAP_SIZE";
	run_size = size;
	return NULL;
}

const char *vmm_create(int *vm)
{
	*vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (*vm < 0)
		return "KVM_CREATE_VM";
	return ioctl(*vm, KVM_SET_TSS_ADDR, TSS_ADDRESS) ? "KVM_SET_TSS_ADDR" : NULL;
}

uint32_t vmm_exitstat_flags(void)
{
	int flags = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_X86_EXITSTAT);

	return flags > 0 ? flags : 0;
}

const char *vmm_exitstat(int vm, uint64_t flags)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_EXITSTAT, .args = { flags } };

	return ioctl(vm, KVM_ENABLE_CAP, &cap) ? "KVM_CAP_X86_EXITSTAT" : NULL;
}

const char *vmm_new_memory(void **memory, size_t size)
{
	void *new = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (new == MAP_FAILED)
		return "mmap of guest memory";
	*memory = new;
	/* EINVAL: a kernel without huge pages */
	if (madvise(new, size, MADV_NOHUGEPAGE) && errno != EINVAL)
		return "MADV_NOHUGEPAGE";
	memset(new, 0, size);
	return NULL;
}

const char *vmm_map(int vm, uint32_t slot, uint64_t address, const void *memory, size_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.guest_phys_addr = address,
		.memory_size = size,
		.userspace_addr = (uintptr_t)memory,
	};

	return ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) ? "KVM_SET_USER_MEMORY_REGION" : NULL;
}

const char *vmm_create_vcpu(int vm, unsigned int id, struct vmm_vcpu *vcpu)
{
	void *run;

	vcpu->run = NULL;
	vcpu->fd = ioctl(vm, KVM_CREATE_VCPU, (unsigned long)id);
	if (vcpu->fd < 0)
		return "KVM_CREATE_VCPU";
	run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
	if (run == MAP_FAILED)
		return "mmap of struct kvm_run";
	vcpu->run = run;
	return NULL;
}

void vmm_destroy_vcpu(struct vmm_vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
}

const char *vmm_give_cpuid(const struct vmm_vcpu *vcpu)
{
	struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + MAX_CPUID * sizeof(cpuid->entries[0]));
	const char *failed = NULL;

	if (!cpuid)
		return "CPUID";
	cpuid->nent = MAX_CPUID;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid))
		failed = "KVM_GET_SUPPORTED_CPUID";
	else if (ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid))
		failed = "KVM_SET_CPUID2";
	free(cpuid);
	return failed;
}

const char *vmm_set_msr(const struct vmm_vcpu *vcpu, uint32_t index, uint64_t value)
{
	struct kvm_msrs *msrs = calloc(1, sizeof(*msrs) + sizeof(msrs->entries[0]));
	int set;

	if (!msrs)
		return "KVM_SET_MSRS";
	msrs->nmsrs = 1;
	msrs->entries[0] = (struct kvm_msr_entry){ .index = index, .data = value };
	set = ioctl(vcpu->fd, KVM_SET_MSRS, msrs);
	free(msrs);
	return set == 1 ? NULL : "KVM_SET_MSRS";
}

static struct kvm_segment flat_segment(uint8_t type)
{
	return (struct kvm_segment){
		.limit = 0xffffffff, .type = type, .present = 1, .db = 1, .s = 1, .g = 1
	};
}

const char *vmm_flat(const struct vmm_vcpu *vcpu, bool caches)
{
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs))
		return "KVM_GET_SREGS";
	sregs.cs = flat_segment(11);
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = flat_segment(3);
	sregs.tr = (struct kvm_segment){ .limit = 0x67, .type = 11, .present = 1 };
	sregs.ldt = (struct kvm_segment){ .unusable = 1 };
	sregs.gdt = sregs.idt = (struct kvm_dtable){ .limit = 0 };
	sregs.cr0 |= CR0_PE;
	if (caches)
		sregs.cr0 &= ~(uint64_t)(CR0_CD | CR0_NW);
	sregs.cr4 = 0;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) ? "KVM_SET_SREGS" : NULL;
}

const char *vmm_run(const struct vmm_vcpu *vcpu, struct kvm_regs *regs)
{
	static __thread char text[64];

	if (ioctl(vcpu->fd, KVM_SET_REGS, regs))
		return "KVM_SET_REGS";
	while (ioctl(vcpu->fd, KVM_RUN, 0)) {
		if (errno != EINTR)
			return "KVM_RUN";
	}
	if (vcpu->run->exit_reason != KVM_EXIT_IO) {
		snprintf(text, sizeof(text), "unexpected exit to user space %u",
			 vcpu->run->exit_reason);
		errno = EPROTO;
		return text;
	}
	return ioctl(vcpu->fd, KVM_GET_REGS, regs) ? "KVM_GET_REGS" : NULL;
}
