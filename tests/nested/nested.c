// SPDX-License-Identifier: GPL-2.0-only
/*
 * nested [--reflect] KIND=N...: a VM whose guest is a hypervisor, and whose guest makes N
 * exits of each kind, in their order; with --reflect they go to the hypervisor, else KVM
 * handles them itself. Each kind ends with a VMMCALL (VMX: VMCALL), which does in any
 * case, and the hypervisor's OUT. Prints as JSON what there was of each at both levels,
 * and which of them came to the hypervisor, by its own count.
 *
 * Exit status: 0 done, 1 failed, 2 wrong usage, 3 KVM cannot.
 */
#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../vmm/svm.h"
#include "nested.h"

#define CPUID_ECX_VMX (1u << 5)

/* SDM vol. 3, "Primary Processor-Based VM-Execution Controls"; MSRs have a bitmap. */
enum {
	HLT_EXITING = 1 << 7,
	IO_EXITING = 1 << 24,
	BY_BITMAP = 1 << 28,
};

static const struct kind kinds[] = {
	{ "cpuid", 2, svm_cpuid, vmx_cpuid, INTERCEPT_CPUID, 0 },
	{ "out", 2, svm_out, vmx_out, INTERCEPT_PORTS, IO_EXITING },
	{ "hlt", 1, svm_hlt, vmx_hlt, INTERCEPT_HLT, HLT_EXITING },
	{ "rdmsr", 2, svm_rdmsr, vmx_rdmsr, INTERCEPT_MSRS, BY_BITMAP },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct {
	unsigned long runs, of_kind[NKINDS], reflected[NKINDS], all_reflected, fields;
} done;

static char *memory;
static struct vmm_vcpu vcpu;
static bool is_vmx;

static bool host_has_vmx(void)
{
	unsigned int eax, ebx, ecx = 0, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && ecx & CPUID_ECX_VMX;
}

static void create(void)
{
	const char *failed = vmm_open();
	void *zeros;
	int vm;

	if (failed)
		err(3, "%s", failed);
	must(vmm_create(&vm));
	must(vmm_new_memory(&zeros, MEMORY));
	memory = zeros;
	memcpy(memory + CODE, guest, (size_t)(guest_end - guest));
	must(vmm_map(vm, 0, 0, memory, MEMORY));
	must(vmm_create_vcpu(vm, 0, &vcpu));
	must(vmm_give_cpuid(&vcpu));
	is_vmx = host_has_vmx();
	failed = (is_vmx ? make_vmx : make_svm)(&vcpu, memory);
	if (failed)
		err(3, "%s", failed);
}

/* KVM has handled an exit of the nested guest, but for its device or the end of its HLT. */
static bool is_nested(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_HLT ||
	       (run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_NESTED);
}

/* Until the hypervisor is done. */
static void run(struct kvm_regs *regs)
{
	must_ioctl(vcpu.fd, KVM_SET_REGS, regs, "KVM_SET_REGS");
	do {
		while (ioctl(vcpu.fd, KVM_RUN, 0))
			if (errno != EINTR)
				err(1, "KVM_RUN");
	} while (is_nested(vcpu.run));
	if (vcpu.run->exit_reason != KVM_EXIT_IO)
		errx(1, "unexpected exit to user space %u", vcpu.run->exit_reason);
	if (vcpu.run->io.port != PORT_DONE)
		errx(1, "the hypervisor failed");
}

static void make_exits(size_t kind, unsigned long n, bool reflect)
{
	uint32_t *reflected = (uint32_t *)(memory + REFLECTED);
	struct kvm_regs regs = {
		.rdi = n,
		.rbp = kinds[kind].length,
		.rflags = RFLAGS_FIXED,
	};

	if (is_vmx && !reflect && !kinds[kind].vmx_control)
		errx(2, "%s: a hypervisor on VMX always gets it", kinds[kind].name);
	if (is_vmx)
		done.fields += vmx_begin(memory, &kinds[kind], reflect, &regs);
	else
		svm_begin(memory, &kinds[kind], reflect, &regs);
	*reflected = 0;
	run(&regs);
	if (*reflected != (reflect ? n : 0))
		errx(1, "%s: %u came to the hypervisor", kinds[kind].name, *reflected);
	done.runs++;
	done.of_kind[kind] += n;
	done.reflected[kind] += *reflected;
	done.all_reflected += *reflected;
}

/* KIND=N */
static void take(const char *arg, bool reflect)
{
	const char *equals = strchr(arg, '=');
	size_t kind = 0, len = equals ? (size_t)(equals - arg) : 0;
	unsigned long n = equals ? strtoul(equals + 1, NULL, 0) : 0;

	while (kind < NKINDS &&
	       (strncmp(kinds[kind].name, arg, len) || strlen(kinds[kind].name) != len))
		kind++;
	if (kind == NKINDS || !n || n > UINT32_MAX)
		errx(2, "usage: nested [--reflect] cpuid=N | out=N | hlt=N | rdmsr=N ...");
	make_exits(kind, n, reflect);
}

static void report_kinds(const char *name, const unsigned long of_kind[NKINDS])
{
	printf(", \"%s\": {", name);
	for (size_t i = 0; i < NKINDS; i++)
		printf("\"%s\": %lu, ", kinds[i].name, of_kind[i]);
	printf("\"%s\": %lu}", is_vmx ? "vmcall" : "vmmcall", done.runs);
}

/* What the hypervisor does for each run, and for each exit that comes to it. */
static void report_l1(void)
{
	if (is_vmx)
		printf("\"vmxon\": %lu, \"vmclear\": %lu, \"vmptrld\": %lu, \"vmlaunch\": %lu, "
		       "\"vmxoff\": %lu, \"vmresume\": %lu, \"vmwrite\": %lu, \"vmread\": %lu",
		       done.runs, done.runs, done.runs, done.runs, done.runs, done.all_reflected,
		       done.fields + done.all_reflected, done.runs + 2 * done.all_reflected);
	else
		printf("\"vmrun\": %lu", done.runs + done.all_reflected);
}

static void report(void)
{
	printf("{\"pid\": %d, \"l1\": {", getpid());
	report_l1();
	printf(", \"out\": %lu}", done.runs);
	report_kinds("l2", done.of_kind);
	report_kinds("reflected", done.reflected);
	printf("}\n");
}

int main(int argc, char **argv)
{
	bool reflect = false;

	create();
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--reflect"))
			reflect = true;
		else
			take(argv[i], reflect);
	}
	report();
	vmm_destroy_vcpu(&vcpu);
	return 0;
}
