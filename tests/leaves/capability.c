// SPDX-License-Identifier: GPL-2.0-only
/* Who is counted and who is answered: KVM_CAP_X86_EXITSTAT, and the module's parameters. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "leaves.h"

enum {
	NOT_ASKED = -1
};

static bool parameter(const char *name)
{
	char path[64], value = 0;
	int fd;

	snprintf(path, sizeof(path), "/sys/module/kvm/parameters/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, &value, 1) != 1)
		err(3, "%s", path);
	close(fd);
	return value == 'Y';
}

/* What is not valid changes nothing and says so; what is, only before the first vCPU. */
static void check_arguments(void)
{
	static const struct {
		struct kvm_enable_cap cap;
		int error;
	} cases[] = {
		{ { .args = { 0 } }, 0 },
		{ { .args = { KVM_X86_EXITSTAT_ENABLED } }, 0 },
		{ { .args = { KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0 } }, 0 },
		{ { .args = { KVM_X86_EXITSTAT_CPL0 } }, EINVAL },
		{ { .args = { 4 } }, EINVAL },
		{ { .args = { 1ull << 32 | KVM_X86_EXITSTAT_ENABLED } }, EINVAL },
		{ { .args = { 1ull << 63 } }, EINVAL },
		{ { .args = { KVM_X86_EXITSTAT_ENABLED, 1 } }, EINVAL },
		{ { .args = { 0, 0, 1 } }, EINVAL },
		{ { .args = { 0, 0, 0, 1 } }, EINVAL },
		{ { .flags = 1 }, EINVAL },
	};
	struct kvm_enable_cap cap;
	struct vmm_vcpu vcpu;
	int vm, with_vcpu, error;
	unsigned int i;

	CHECK(vmm_exitstat_flags() == (KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0),
	      "KVM knows the flags %#x", vmm_exitstat_flags());
	must(vmm_create(&vm));
	for (with_vcpu = 0; with_vcpu < 2; with_vcpu++) {
		for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			cap = cases[i].cap;
			cap.cap = KVM_CAP_X86_EXITSTAT;
			error = cases[i].error ?: with_vcpu ? EBUSY : 0;
			errno = 0;
			ioctl(vm, KVM_ENABLE_CAP, &cap);
			CHECK(errno == error, "case %u, %d vCPUs: error %d, not %d", i, with_vcpu,
			      errno, error);
		}
		if (!with_vcpu)
			must(vmm_create_vcpu(vm, 0, &vcpu));
	}
	vmm_destroy_vcpu(&vcpu);
	close(vm);
}

/* In this ring, all that there is to ask of a VM. */
static void ask_all(struct vm *vm, int64_t flags, bool ring3, struct regs answers[NR_LEAVES][2])
{
	int i, ecx;

	if (flags == NOT_ASKED)
		vm_create(vm, 1);
	else
		vm_create_asking(vm, 1, flags);
	if (ring3)
		set_ring3(&vm->vcpus[0]);
	for (i = 0; i < NR_LEAVES; i++)
		for (ecx = 0; ecx < 2; ecx++)
			answers[i][ecx] = ask(&vm->vcpus[0], 0x4ffffff9u + i, ecx);
}

/* Either the leaves answer, or all is as for a VM that nobody counts. */
static void check_answered(int64_t flags, bool ring3, bool wanted)
{
	struct regs answers[NR_LEAVES][2], uncounted[NR_LEAVES][2];
	bool answered, as_uncounted;
	struct vm vm, other;

	ask_all(&vm, flags, ring3, answers);
	ask_all(&other, 0, ring3, uncounted);
	answered = !memcmp(&answers[WHO][0].ebx, "KVMExitStats", 12);
	as_uncounted = !memcmp(answers, uncounted, sizeof(answers));
	CHECK(answered == wanted && as_uncounted == !wanted,
	      "flags %lld, ring %d: %sanswered, %sas if not counted", (long long)flags, ring3 * 3,
	      answered ? "" : "not ", as_uncounted ? "" : "not ");
	vm_destroy(&other);
	vm_destroy(&vm);
}

void command_capability(void)
{
	bool all = parameter("exitstat"), cpl0 = parameter("exitstat_cpl0");
	struct vm counted;

	if (!vmm_exitstat_flags())
		errx(3, "no KVM_CAP_X86_EXITSTAT");
	check_arguments();

	/* With the hooks in use, whatever the parameters say. */
	vm_create_asking(&counted, 1, KVM_X86_EXITSTAT_ENABLED);
	check_answered(NOT_ASKED, false, all);
	check_answered(NOT_ASKED, true, all && !cpl0);
	check_answered(0, false, false);
	check_answered(KVM_X86_EXITSTAT_ENABLED, false, true);
	check_answered(KVM_X86_EXITSTAT_ENABLED, true, true);
	check_answered(KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0, false, true);
	check_answered(KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0, true, false);
	vm_destroy(&counted);
}
