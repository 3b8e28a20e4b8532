// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test of KVM_CAP_X86_EXITSTAT: a guest reads how many VM-Exits it had, and how
 * long they took, if its VMM says so.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "test_util.h"
#include "kvm_util.h"
#include "processor.h"

#define LEAF_TOTAL_AWAY		0x4ffffff9
#define LEAF_AWAY		0x4ffffffa
#define LEAF_WHO		0x4ffffffb
/* These four are in reverse order in layout 2022. */
#define LEAF_HANDLED		0x4ffffffc
#define LEAF_COUNT		0x4ffffffd
#define LEAF_TOTAL_HANDLED	0x4ffffffe
#define LEAF_TOTAL_COUNT	0x4fffffff

#define ISA_VMX			1
#define ISA_SVM			2
#define VMX_CPUID		10
#define SVM_CPUID		0x72

/* In the manual of neither. */
#define UNDEFINED_CODE		0x3ff

#define NR_EXITS		1000

#define CODE_SLOT		1
#define CODE_GPA		0x1000000
#define CODE_PORT		0xe

struct regs {
	uint32_t eax, ebx, ecx, edx;
};

static struct regs ask(uint32_t leaf, uint32_t ecx)
{
	struct regs regs;

	__cpuid(leaf, ecx, &regs.eax, &regs.ebx, &regs.ecx, &regs.edx);
	return regs;
}

static bool is_signature(const struct regs *regs)
{
	return regs->ebx == 0x454d564b && regs->ecx == 0x53746978 && regs->edx == 0x73746174;
}

static uint64_t read_count(uint32_t leaf, uint32_t code)
{
	struct regs regs = ask(leaf, code);

	GUEST_ASSERT(!regs.ecx && !regs.edx);
	return (uint64_t)regs.ebx << 32 | regs.eax;
}

static uint64_t read_cycles(uint32_t leaf, uint32_t code)
{
	struct regs regs = ask(leaf, code);

	GUEST_ASSERT(!regs.eax && !regs.edx);
	return (uint64_t)regs.ebx << 32 | regs.ecx;
}

/* Where layout 2021 has it. */
static uint32_t leaf_of(uint32_t layout, uint32_t leaf)
{
	return layout == 2022 ? LEAF_HANDLED + (LEAF_TOTAL_COUNT - leaf) : leaf;
}

static void guest_counted(void)
{
	uint64_t before, total, count;
	uint32_t layout, code, i;
	struct regs regs;

	regs = ask(LEAF_WHO, 0);
	layout = regs.eax & 0xffff;
	GUEST_ASSERT(is_signature(&regs));
	GUEST_ASSERT(regs.eax >> 16 == 1);
	GUEST_ASSERT(layout == 2021 || layout == 2022);

	regs = ask(LEAF_WHO, 1);
	GUEST_ASSERT(regs.eax == ISA_VMX || regs.eax == ISA_SVM);
	GUEST_ASSERT(regs.ebx && regs.ecx && !regs.edx);
	code = regs.eax == ISA_VMX ? VMX_CPUID : SVM_CPUID;

	/* Each CPUID is a VM-Exit, also those that read. */
	total = read_count(leaf_of(layout, LEAF_TOTAL_COUNT), 0);
	before = read_count(leaf_of(layout, LEAF_COUNT), code);
	for (i = 0; i < NR_EXITS; i++)
		ask(0, 0);
	count = read_count(leaf_of(layout, LEAF_COUNT), code) - before;
	GUEST_ASSERT(count == NR_EXITS + 1);
	total = read_count(leaf_of(layout, LEAF_TOTAL_COUNT), 0) - total;
	GUEST_ASSERT(total >= NR_EXITS + 3);

	GUEST_ASSERT(read_cycles(leaf_of(layout, LEAF_HANDLED), code));
	GUEST_ASSERT(read_cycles(leaf_of(layout, LEAF_HANDLED), code) <=
		     read_cycles(LEAF_AWAY, code));
	GUEST_ASSERT(read_cycles(leaf_of(layout, LEAF_TOTAL_HANDLED), 0) <=
		     read_cycles(LEAF_TOTAL_AWAY, 0));

	regs = ask(leaf_of(layout, LEAF_COUNT), UNDEFINED_CODE);
	GUEST_ASSERT(!(regs.eax | regs.ebx | regs.ecx) && regs.edx == -1u);

	GUEST_SYNC(read_count(leaf_of(layout, LEAF_COUNT), code));
}

static struct kvm_vm *create_vm(uint64_t flags)
{
	struct kvm_vm *vm = vm_create(1);

	vm_enable_cap(vm, KVM_CAP_X86_EXITSTAT, flags);
	return vm;
}

static uint64_t run_to_sync(struct kvm_vcpu *vcpu)
{
	struct ucall uc;

	vcpu_run(vcpu);
	switch (get_ucall(vcpu, &uc)) {
	case UCALL_SYNC:
		return uc.args[1];
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("Unexpected ucall %lu", uc.cmd);
	}
}

/* VMs have counters of their own, which start at 0. */
static void test_counts(void)
{
	struct kvm_vm *vms[2];
	uint64_t counts[2];
	int i;

	for (i = 0; i < 2; i++) {
		vms[i] = create_vm(KVM_X86_EXITSTAT_ENABLED);
		counts[i] = run_to_sync(vm_vcpu_add(vms[i], 0, guest_counted));
	}
	TEST_ASSERT(counts[0] == counts[1], "The first VM counted %lu CPUIDs, the second %lu",
		    counts[0], counts[1]);

	for (i = 0; i < 2; i++)
		kvm_vm_free(vms[i]);
}

static void test_one_argument(struct kvm_vm *vm, int nr, uint64_t value, int error)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_X86_EXITSTAT };
	int r;

	cap.args[nr] = value;
	r = __vm_ioctl(vm, KVM_ENABLE_CAP, &cap);
	TEST_ASSERT(error ? r && errno == error : !r, "args[%d] = %#lx: %d, errno %d, not %d",
		    nr, value, r, errno, error);
}

static void test_arguments(void)
{
	struct kvm_vm *vm = vm_create(1);
	uint64_t known, flags;
	int i;

	known = vm_check_cap(vm, KVM_CAP_X86_EXITSTAT);
	TEST_ASSERT(known == (KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0),
		    "Unexpected flags %#lx", known);

	for (i = 0; i < 64; i++) {
		flags = KVM_X86_EXITSTAT_ENABLED | 1ull << i;
		test_one_argument(vm, 0, flags, flags & ~known ? EINVAL : 0);
	}
	test_one_argument(vm, 0, KVM_X86_EXITSTAT_CPL0, EINVAL);
	for (i = 1; i < 4; i++)
		test_one_argument(vm, i, 1, EINVAL);
	test_one_argument(vm, 0, 0, 0);

	vm_vcpu_add(vm, 0, NULL);
	test_one_argument(vm, 0, KVM_X86_EXITSTAT_ENABLED, EBUSY);
	kvm_vm_free(vm);
}

/* 32-bit code without paging, at this privilege level, which may do I/O. */
static void set_cpl(struct kvm_vcpu *vcpu, int cpl)
{
	struct kvm_segment data = {
		.limit = -1u, .selector = 0x10 | cpl, .type = 3, .present = 1, .dpl = cpl,
		.db = 1, .s = 1, .g = 1,
	};
	struct kvm_sregs sregs;

	vcpu_sregs_get(vcpu, &sregs);
	sregs.ds = data;
	sregs.es = data;
	sregs.fs = data;
	sregs.gs = data;
	sregs.ss = data;
	sregs.cs = data;
	sregs.cs.selector = 8 | cpl;
	sregs.cs.type = 11;
	sregs.cr0 = X86_CR0_PE | X86_CR0_ET;
	sregs.cr4 = 0;
	sregs.efer = 0;
	vcpu_sregs_set(vcpu, &sregs);
}

static bool is_answered(uint64_t flags, int cpl)
{
	static const uint8_t code[] = {
		0x0f, 0xa2,		/* cpuid */
		0xe6, CODE_PORT,	/* out %al, $CODE_PORT */
	};
	struct kvm_regs regs = { .rip = CODE_GPA, .rflags = 3 << 12 | 2, .rax = LEAF_WHO };
	struct regs answer;
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;

	vm = create_vm(flags);
	vcpu = vm_vcpu_add(vm, 0, NULL);
	vm_userspace_mem_region_add(vm, VM_MEM_SRC_ANONYMOUS, CODE_GPA, CODE_SLOT, 1, 0);
	memcpy(addr_gpa2hva(vm, CODE_GPA), code, sizeof(code));
	set_cpl(vcpu, cpl);
	vcpu_regs_set(vcpu, &regs);
	vcpu_run(vcpu);
	TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_IO && vcpu->run->io.port == CODE_PORT,
		    "Unexpected exit %u (%s)", vcpu->run->exit_reason,
		    exit_reason_str(vcpu->run->exit_reason));
	vcpu_regs_get(vcpu, &regs);
	answer = (struct regs) { regs.rax, regs.rbx, regs.rcx, regs.rdx };
	kvm_vm_free(vm);
	return is_signature(&answer);
}

static void test_who_is_answered(void)
{
	static const struct {
		uint64_t flags;
		int cpl;
		bool answered;
	} cases[] = {
		{ 0, 0, false },
		{ 0, 3, false },
		{ KVM_X86_EXITSTAT_ENABLED, 0, true },
		{ KVM_X86_EXITSTAT_ENABLED, 3, true },
		{ KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0, 0, true },
		{ KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0, 3, false },
	};
	bool answered;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		answered = is_answered(cases[i].flags, cases[i].cpl);
		TEST_ASSERT(answered == cases[i].answered, "Flags %#lx, CPL %d: answered is %d",
			    cases[i].flags, cases[i].cpl, answered);
	}
}

int main(int argc, char *argv[])
{
	TEST_REQUIRE(kvm_has_cap(KVM_CAP_X86_EXITSTAT));

	test_arguments();
	test_counts();
	test_who_is_answered();
	return 0;
}
