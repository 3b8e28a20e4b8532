// SPDX-License-Identifier: GPL-2.0-only
/* What asks and checks nothing: for others to watch, and for the cost. */
#include <stdio.h>
#include <unistd.h>

#include "leaves.h"

/* Data segments of 4 GiB in real mode: without unrestricted guests no VMX runs that, and
 * KVM emulates all of it. */
static void set_unreal(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	get_sregs(vcpu, &sregs);
	sregs.ds.limit = 0xffffffff;
	sregs.ds.g = 1;
	set_sregs(vcpu, &sregs);
}

void command_cost(unsigned int n, uint32_t leaf, bool unreal)
{
	struct kvm_regs regs;
	struct vm vm;
	int i;

	vm_create(&vm, 1);
	if (unreal) {
		ask(&vm.vcpus[0], 0, 0); /* real exits, by which an observer knows the vCPU */
		set_unreal(&vm.vcpus[0]);
	}
	for (i = 0; i < 3; i++) {
		regs = (struct kvm_regs){ .rdi = n, .rbp = leaf };
		run_guest(&vm.vcpus[0], guest_cost, &regs);
		printf("%.2f\n", (double)(uint32_t)regs.rax / n);
	}
	vm_destroy(&vm);
}

/* The best of a few tries, in TSC ticks. */
static double cost_of(struct vcpu *vcpu, unsigned int n, uint32_t leaf)
{
	double best = 0, now;
	struct kvm_regs regs;
	int i;

	for (i = 0; i < 5; i++) {
		regs = (struct kvm_regs){ .rdi = n, .rbp = leaf };
		run_guest(vcpu, guest_cost, &regs);
		now = (double)(uint32_t)regs.rax / n;
		best = !i || now < best ? now : best;
	}
	return best;
}

/* With so many vCPUs a total is read as fast as the count of one reason: of reason 0,
 * as the guest asks. */
void command_many(unsigned int vcpus)
{
	double base, one, all;
	struct vmm_vcpu idle;
	struct vm vm;
	unsigned int i;

	vm_create_counted(&vm, 1);
	for (i = 1; i < vcpus; i++) {
		must(vmm_create_vcpu(vm.fd, i, &idle));
		vmm_destroy_vcpu(&idle); /* KVM keeps it as long as the VM */
	}
	base = cost_of(&vm.vcpus[0], 200, LEAF_WHO);
	one = cost_of(&vm.vcpus[0], 200, leaf_of(COUNT_OF));
	all = cost_of(&vm.vcpus[0], 200, leaf_of(TOTAL_COUNT));
	printf("%u vCPUs: who answers %.0f, one reason %.0f, all %.0f\n", vcpus, base, one, all);
	CHECK(all < 2 * one, "a total takes %.0f, the count of one reason %.0f", all, one);
	vm_destroy(&vm);
}

/* What a VM that is not counted gets, to be compared with stock KVM's. */
void command_dump(void)
{
	static const uint32_t firsts[] = { 0,	       0x40000000, 0x40000100, 0x4ffffff0,
					   0x50000000, 0x80000000, 0xc0000000 };
	struct regs r;
	struct vm vm;
	unsigned int i, j;
	uint32_t ecx;

	vm_create(&vm, 1);
	for (i = 0; i < sizeof(firsts) / sizeof(firsts[0]); i++) {
		for (j = 0; j < 0x28; j++) {
			for (ecx = 0; ecx < 4; ecx++) {
				r = ask(&vm.vcpus[0], firsts[i] + j, ecx);
				printf("%08x %x: %08x %08x %08x %08x\n", firsts[i] + j, ecx, r.eax,
				       r.ebx, r.ecx, r.edx);
			}
		}
	}
	vm_destroy(&vm);
}

/*
 * A vCPU that has exits and does nothing any more; then, once the input ends, one that
 * asks for all exits n times.
 */
void command_idle(unsigned int n)
{
	struct vm vm;

	vm_create_counted(&vm, 2);
	spin(&vm.vcpus[1]);
	puts("idle");
	fflush(stdout);
	while (getchar() != EOF)
		;
	while (n--)
		read_leaf(&vm.vcpus[0], TOTAL_COUNT, 0);
	vm_destroy(&vm);
}

void command_churn(unsigned int n)
{
	struct vm vm;

	while (n--) {
		vm_create(&vm, MAX_VCPUS);
		ask(&vm.vcpus[n % MAX_VCPUS], 0x4fffffff, 0);
		vm_destroy(&vm);
	}
}
