// SPDX-License-Identifier: GPL-2.0-only
/* KVM: make a VM with its vCPUs, and destroy it. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exitgen.h"
#include "guest.h"

/* guest.S */
extern const uint8_t guest_start[];
extern const uint8_t guest_end[];

_Static_assert(GUEST_CODE + (MAX_VCPUS + 1) * GUEST_PAGE_SIZE <= GUEST_MMIO, "guest.h");

#define APIC_BASE_X2APIC 0xc00 /* enabled, and in that mode */

/* The instruction for a hypercall is the vendor's; the other one is #UD. */
static uint32_t hypercall_of_this_cpu(void)
{
	uint32_t hypercall = 0;
	char *word, *rest;
	char line[8192];
	FILE *cpuinfo;

	cpuinfo = fopen("/proc/cpuinfo", "re");
	if (!cpuinfo)
		return 0;

	while (!hypercall && fgets(line, sizeof(line), cpuinfo)) {
		if (strncmp(line, "flags", strlen("flags")))
			continue;
		for (word = strtok_r(line, " \t\n", &rest); word;
		     word = strtok_r(NULL, " \t\n", &rest)) {
			if (!strcmp(word, "vmx"))
				hypercall = DO_VMCALL;
			else if (!strcmp(word, "svm"))
				hypercall = DO_VMMCALL;
		}
	}
	fclose(cpuinfo);

	return hypercall;
}

/* With these KVM takes the guest's HLT and its APIC itself. */
bool uses_irqchip(const struct options *opts)
{
	return opts->block_us || uses_x2apic(opts) || opts->inhibit || opts->auto_eoi ||
	       opts->alias;
}

/* Its MSRs are 0x800 to 0x8ff. */
bool uses_x2apic(const struct options *opts)
{
	bool msrs = opts->count[KIND_RDMSR] || opts->count[KIND_WRMSR];

	return opts->count[KIND_IPI] || (msrs && opts->msr >> 8 == 0x8);
}

int kvm_open(uint32_t *hypercall)
{
	if (vmm_open())
		return -errno;
	*hypercall = hypercall_of_this_cpu();

	return 0;
}

static unsigned int vm_vcpus(const struct vm *vm)
{
	return vm->job->opts.vcpus + vm->job->opts.leaves;
}

static size_t vm_size(const struct vm *vm)
{
	return (size_t)vm_vcpus(vm) * GUEST_PAGE_SIZE;
}

size_t vm_spread_size(const struct vm *vm)
{
	return (size_t)vm->job->opts.spread * GUEST_PAGE_SIZE;
}

/* KVM allows a guest the mode of its APIC that its CPUID says it has. */
static const char *vcpu_use_x2apic(const struct vcpu *vcpu)
{
	const char *failed = vmm_give_cpuid(&vcpu->cpu);
	struct kvm_sregs sregs;

	if (failed)
		return failed;
	if (ioctl(vcpu->cpu.fd, KVM_GET_SREGS, &sregs))
		return "KVM_GET_SREGS";
	sregs.apic_base |= APIC_BASE_X2APIC;

	return ioctl(vcpu->cpu.fd, KVM_SET_SREGS, &sregs) ? "KVM_SET_SREGS" : NULL;
}

static int vcpu_create(struct vcpu *vcpu)
{
	struct kvm_mp_state runnable = { .mp_state = KVM_MP_STATE_RUNNABLE };
	const uint64_t code = GUEST_CODE + vcpu->id * GUEST_PAGE_SIZE;
	struct kvm_regs regs = {
		.rip = code,
		.rsp = code + GUEST_PLAN,
		.rsi = vcpu_mmio(vcpu),
		.rflags = RFLAGS_FIXED,
	};
	const struct options *opts = &vcpu->vm->job->opts;
	const char *failed;

	failed = vmm_create_vcpu(vcpu->vm->fd, vcpu->id, &vcpu->cpu);
	failed = failed ?: vmm_flat(&vcpu->cpu, true);
	if (!failed && uses_x2apic(opts))
		failed = vcpu_use_x2apic(vcpu);
	if (!failed && opts->count[KIND_ALIGN])
		failed = align_prepare(&vcpu->cpu, vcpu_page(vcpu), code);
	if (!failed && opts->auto_eoi)
		failed = inhibit_by_auto_eoi(vcpu);
	if (failed)
		return vcpu_fail(vcpu, -errno, "%s", failed);

	memcpy(vcpu_page(vcpu), guest_start, (uintptr_t)guest_end - (uintptr_t)guest_start);
	plan_make(vcpu);

	/* With interrupt chips in the kernel all but the first wait for INIT. */
	if (uses_irqchip(opts) && ioctl(vcpu->cpu.fd, KVM_SET_MP_STATE, &runnable))
		return vcpu_fail(vcpu, -errno, "KVM_SET_MP_STATE");
	if (ioctl(vcpu->cpu.fd, KVM_SET_REGS, &regs))
		return vcpu_fail(vcpu, -errno, "KVM_SET_REGS");

	return 0;
}

/* KVM has memory where else MMIO would be. */
static int vm_map_spread(struct vm *vm)
{
	const size_t size = vm->job->opts.vcpus * vm_spread_size(vm);
	const char *failed = vmm_new_memory(&vm->spread, size);

	failed = failed ?: vmm_map(vm->fd, 1, GUEST_MMIO, vm->spread, size);

	return failed ? fail(vm->job, -errno, "%s", failed) : 0;
}

/* In a vm of which only the job and the index are set. */
int vm_create(struct vm *vm)
{
	struct kvm_pit_config pit = { 0 };
	const char *failed;
	unsigned int i;
	int err = 0;

	vm->memory = NULL;
	vm->spread = NULL;
	vm->inhibited = false;
	vm->alias = -1;
	for (i = 0; i < vm_vcpus(vm); i++)
		vm->vcpus[i] = (struct vcpu){ .vm = vm, .id = i, .cpu.fd = -1 };

	failed = vmm_create(&vm->fd);
	if (!failed && vm->job->opts.exitstat)
		failed = vmm_exitstat(vm->fd, KVM_X86_EXITSTAT_ENABLED);
	if (failed)
		return fail(vm->job, -errno, "%s", failed);
	if (uses_irqchip(&vm->job->opts) && ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0))
		return fail(vm->job, -errno, "KVM_CREATE_IRQCHIP");
	if (vm->job->opts.inhibit && ioctl(vm->fd, KVM_CREATE_PIT2, &pit))
		return fail(vm->job, -errno, "KVM_CREATE_PIT2");

	/*
	 * KVM maps each page for writing at the guest's first fetch from it, and has no
	 * reason to fault again.
	 */
	failed = vmm_new_memory(&vm->memory, vm_size(vm));
	failed = failed ?: vmm_map(vm->fd, 0, GUEST_CODE, vm->memory, vm_size(vm));
	if (failed)
		return fail(vm->job, -errno, "%s", failed);
	if (vm->job->opts.discard)
		err = vm_map_spread(vm);
	for (i = 0; !err && i < vm_vcpus(vm); i++)
		err = vcpu_create(&vm->vcpus[i]);
	if (!err && vm->job->opts.alias) {
		failed = inhibit_by_alias(vm);
		err = failed ? fail(vm->job, -errno, "%s", failed) : 0;
	}

	return err;
}

/* KVM has forgotten the VM when this returns: nothing keeps it but these. */
void vm_destroy(struct vm *vm)
{
	struct vcpu *vcpu;

	for (vcpu = vm->vcpus; vcpu < vm->vcpus + vm_vcpus(vm); vcpu++)
		vmm_destroy_vcpu(&vcpu->cpu);
	if (vm->alias >= 0)
		close(vm->alias);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->memory)
		munmap(vm->memory, vm_size(vm));
	if (vm->spread)
		munmap(vm->spread, vm->job->opts.vcpus * vm_spread_size(vm));
}

/*
 * Whether the first vCPU has got its page, and with it the page tables of all.
 * Two vCPUs that fault in the same table at the same time get in each other's
 * way, and one of them faults again.
 */
bool vm_mapped(const struct vm *vm)
{
	return plan_begun(&vm->vcpus[0]);
}
