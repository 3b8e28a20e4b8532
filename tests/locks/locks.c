// SPDX-License-Identifier: GPL-2.0-only
/*
 * locks MS: a VM whose guest, for so many ms, is at an access that KVM takes for a split lock,
 * as a host has it that detects them: KVM lets the vCPU sleep, and the guest tries again.
 *
 * No emulator detects split locks. But KVM takes each #AC for one, if the guest cannot have
 * asked for it, as its CPL is not 3. In real mode it is 0, where KVM without unrestricted
 * guests has the CPU in virtual-8086 mode, whose CPL is 3: there alignment is checked.
 *
 * Exit status: 0 done, 1 failed, 2 wrong usage, 3 KVM does not take it for one.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "../vmm/vmm.h"

#define MEMORY	  0x1000
#define SIZE	  0x1000
#define CR0_AM	  0x00040000
#define RFLAGS_AC 0x00040000

/* Bochs looks at the CPL for alignment before virtual-8086 mode has set it: it has these bits. */
#define CODE_SELECTOR (MEMORY >> 4 | 3)
#define CODE	      (CODE_SELECTOR << 4)

#define MAX_MS 600000

static const uint8_t guest[] = {
	0x66, 0xa1, 0x01, 0x10, /* movl 0x1001, %eax */
	0xe6, 0xe9,		/* outb %al, $0xe9 */
};

static volatile sig_atomic_t over;

static void time_is_over(int number)
{
	(void)number;
	over = 1;
}

/* Again and again, as the first may come when the vCPU is not in KVM. */
static void set_timer(unsigned long ms)
{
	const struct timeval first = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };
	const struct itimerval timer = { .it_value = first, .it_interval = { .tv_usec = 20000 } };
	const struct sigaction action = { .sa_handler = time_is_over };

	if (sigaction(SIGALRM, &action, NULL) || setitimer(ITIMER_REAL, &timer, NULL))
		err(1, "the timer");
}

static void create(struct vmm_vcpu *vcpu)
{
	const char *failed = vmm_open();
	struct kvm_sregs sregs;
	void *memory;
	int vm;

	if (failed)
		err(3, "%s", failed);
	must(vmm_create(&vm));
	must(vmm_new_memory(&memory, SIZE));
	memcpy((uint8_t *)memory + CODE - MEMORY, guest, sizeof(guest));
	must(vmm_map(vm, 0, MEMORY, memory, SIZE));
	must(vmm_create_vcpu(vm, 0, vcpu));
	must_ioctl(vcpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cs.selector = CODE_SELECTOR;
	sregs.cs.base = CODE;
	sregs.cr0 |= CR0_AM;
	must_ioctl(vcpu->fd, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
}

/* As long as KVM has it try again, there is no exit to user space but for the timer. */
static void lock_until_over(const struct vmm_vcpu *vcpu)
{
	struct kvm_regs regs = { .rip = 0, .rflags = RFLAGS_FIXED | RFLAGS_AC };

	must_ioctl(vcpu->fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	while (!over) {
		if (ioctl(vcpu->fd, KVM_RUN, 0) >= 0)
			errx(3,
			     "no split lock for KVM, but exit %u: it wants a host that detects "
			     "them, and kvm_intel.unrestricted_guest=0",
			     vcpu->run->exit_reason);
		if (errno != EINTR)
			err(1, "KVM_RUN");
	}
}

/* Without the check it is an access like any other. */
static void end(const struct vmm_vcpu *vcpu)
{
	struct kvm_regs regs;

	must_ioctl(vcpu->fd, KVM_GET_REGS, &regs, "KVM_GET_REGS");
	if (regs.rip)
		errx(1, "the guest went on to %#llx", (unsigned long long)regs.rip);
	regs.rflags &= ~(unsigned long long)RFLAGS_AC;
	must(vmm_run(vcpu, &regs));
}

int main(int argc, char **argv)
{
	struct vmm_vcpu vcpu;
	unsigned long ms;
	char *rest;

	ms = argc == 2 && *argv[1] >= '0' && *argv[1] <= '9' ? strtoul(argv[1], &rest, 10) : 0;
	if (!ms || *rest || ms > MAX_MS)
		errx(2, "usage: locks MS, from 1 to %d", MAX_MS);
	create(&vcpu);
	set_timer(ms);
	lock_until_over(&vcpu);
	end(&vcpu);
	return 0;
}
