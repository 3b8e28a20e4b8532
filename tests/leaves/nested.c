// SPDX-License-Identifier: GPL-2.0-only
/* SVM: the exits of a guest that is a hypervisor, and of its guest. */
#include <string.h>

#include "leaves.h"
#include "../vmm/svm.h"

enum {
	/* In the vCPU's list: */
	VMCB = 0x4000,
	SAVE_AREA = 0x5000,
	PAGES = 0x6000,
	GDT = 0x7000,
};

/*
 * All that makes an exit without a list of ports or MSRs. In protected mode with its
 * hypervisor's pages, the FPU trapped and one segment, which is not present: EAX has
 * its selector.
 */
static void intercept_all(struct vcpu *vcpu)
{
	struct vmcb_segment data = { .attributes = 0xc93, .limit = 0xffffffff };
	struct vmcb *vmcb = (struct vmcb *)(vcpu->area + VMCB);

	vmcb->crs = vmcb->drs = vmcb->exceptions = 0xffffffff;
	vmcb->instructions[0] = 0x07ffffc0; /* IDTR's reads to INVLPGA */
	vmcb->instructions[1] = 0x2fff;	    /* VMRUN to XSETBV but a conditional MWAIT */
	vmcb->es = vmcb->ss = vmcb->ds = vmcb->cs = data;
	vmcb->cs.attributes = 0xc9b;
	vmcb->gdtr = (struct vmcb_segment){ .limit = 15, .base = IN + AREA + GDT };
	((uint64_t *)(vcpu->area + GDT))[1] = 0x00cf13000000ffff;
	vmcb->cr0 = 0x19 | CR0_PG;
	vmcb->cr3 = IN + AREA + PAGES;
	vmcb->cr4 = CR4_PSE;
	vmcb->rax = 8;
}

/* The first vCPU asks, the second is the hypervisor. */
static void make_hypervisor(struct vm *vm)
{
	struct vcpu *hypervisor = &vm->vcpus[1];

	if (isa != 2)
		errx(3, "needs kvm_amd");
	must(svm_hypervisor(&hypervisor->cpu, (uint32_t *)(hypervisor->area + PAGES),
			    IN + AREA + PAGES, IN + AREA + SAVE_AREA));
	svm_make_vmcb((struct vmcb *)(hypervisor->area + VMCB), guest_address(guest_of_nested));
}

static void create_hypervisor(struct vm *vm)
{
	vm_create_counted(vm, 2);
	make_hypervisor(vm);
}

/* A nested guest's exits, which its hypervisor gets, count once each, as do those
 * of its hypervisor's VMRUNs. */
void command_nested(unsigned int n)
{
	struct kvm_regs regs = { .rax = IN + AREA + VMCB, .rdi = n };
	uint64_t vmruns, cpuids;
	struct vcpu *reader;
	struct vm vm;

	create_hypervisor(&vm);
	reader = &vm.vcpus[0];
	vmruns = read_leaf(reader, COUNT_OF, 0x80);
	cpuids = read_leaf(reader, COUNT_OF, 0x72);
	run_guest(&vm.vcpus[1], guest_nested, &regs);
	vmruns = read_leaf(reader, COUNT_OF, 0x80) - vmruns;
	cpuids = read_leaf(reader, COUNT_OF, 0x72) - cpuids;
	CHECK(vmruns == n, "%u VMRUNs: %llu exits", n, (unsigned long long)vmruns);
	/* asking for VMRUN's and for CPUID's count again */
	CHECK(cpuids == n + 2, "%u nested CPUIDs: %llu exits", n, (unsigned long long)cpuids - 2);
	vm_destroy(&vm);
}

/* Does the nested guest get an answer that its hypervisor leaves to KVM? */
static bool nested_is_answered(uint64_t flags)
{
	struct kvm_regs regs = { .rax = IN + AREA + VMCB, .rdi = 1 };
	struct vmcb *vmcb;
	struct vm vm;
	uint32_t text[3];

	vm_create_asking(&vm, 2, flags);
	identify(&vm.vcpus[0]);
	make_hypervisor(&vm);
	vmcb = (struct vmcb *)(vm.vcpus[1].area + VMCB);
	vmcb->instructions[0] = 0;
	vmcb->instructions[1] = 3; /* VMMCALL, by which it ends, and VMRUN */
	vmcb->rip = guest_address(guest_of_asking);
	vmcb->rax = LEAF_WHO;
	run_guest(&vm.vcpus[1], guest_nested, &regs);
	text[0] = regs.rbx;
	text[1] = regs.rcx;
	text[2] = regs.rdx;
	vm_destroy(&vm);
	return !memcmp(text, "KVMExitStats", 12);
}

/* Its CPL 0 may be an unprivileged process of its hypervisor. */
void command_nested_asks(void)
{
	CHECK(nested_is_answered(KVM_X86_EXITSTAT_ENABLED), "L2 is not answered");
	CHECK(!nested_is_answered(KVM_X86_EXITSTAT_ENABLED | KVM_X86_EXITSTAT_CPL0),
	      "L2 is answered with CPL0");
}

/* As many kinds of exits as one vCPU can make, each once or twice, n times over. */
void command_kinds(unsigned int n)
{
	unsigned int kinds = (guest_of_kinds_end - guest_of_kinds) / KIND_SIZE, seen = 0;
	uint32_t codes[LIST_MAX];
	const struct regs *r;
	struct vm vm;
	int i, nr;

	create_hypervisor(&vm);
	while (n--) {
		struct kvm_regs regs = { .rax = IN + AREA + VMCB,
					 .rbx = guest_address(guest_of_kinds),
					 .rdi = kinds };

		intercept_all(&vm.vcpus[1]);
		run_guest(&vm.vcpus[1], guest_kinds, &regs);
	}
	/* Whether the clock ticks meanwhile is chance: make it. */
	for (i = 0; i < 100 && !read_leaf(&vm.vcpus[0], COUNT_OF, 0x60); i++)
		spin(&vm.vcpus[1]);
	nr = all_codes(codes);
	r = ask_list(&vm.vcpus[0], leaf_of(COUNT_OF), codes, nr);
	for (i = 0; i < nr; i++)
		seen += value(COUNT_OF, &r[i]) != 0;
	CHECK(seen > 64, "only %u kinds", seen);
	check_sum(&vm.vcpus[0]);
	vm_destroy(&vm);
}
