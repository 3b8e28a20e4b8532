// SPDX-License-Identifier: GPL-2.0-only
/*
 * load KIND EXITS ROUNDS VCPUS VMS [HOLD]: what a VM exit costs, in ticks of the TSC.
 *
 * Every vCPU, a thread each, makes EXITS exits, all of them at the same time; that
 * ROUNDS times, and as often a single exit, so that what a round costs by itself can
 * be taken off. Prints KIND, VCPUS, VMS and the ticks per exit: of the cheapest
 * rounds (where vCPUs block, of those that a tenth are cheaper than: there are some in which
 * one did not), and the mean of all. Then keeps the VMs for HOLD seconds. On tests/lab's
 * hosts the TSC counts instructions, and all that runs meanwhile is counted.
 *
 *	cpuid	CPUID of leaf 0
 *	out	OUT to user space, which resumes the guest at once
 *	hlt	HLT blocks, and another thread wakes the vCPU
 *	fault	first access to a page that has memory: SVM's NPF, an EPT violation
 *	many	SVM: a turn of 34 exits, for 21 reasons in all; prints the ticks of a turn
 */
#define _GNU_SOURCE 1
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "../vmm/vmm.h"
#include "guest.h"

/* guest.S */
extern const uint8_t guest_start[], guest_cpuid[], guest_out[], guest_hlt[], guest_fault[],
	guest_return[], guest_many[], guest_end[];

struct kind {
	const char *name;
	const uint8_t *code;
	bool wakes;  /* vCPUs block until they are woken */
	bool faults; /* on pages of their own */
};

static const struct kind kinds[] = {
	{ "cpuid", guest_cpuid, false, false }, { "out", guest_out, false, false },
	{ "hlt", guest_hlt, true, false },	{ "fault", guest_fault, false, true },
	{ "many", guest_many, false, false },
};

struct vm {
	int fd;
	void *low, *pages;
};

struct vcpu {
	struct vm *vm;
	unsigned int id;
	struct vmm_vcpu cpu;
	pthread_t thread;
	uint64_t start, end; /* of the round, as the TSC has it */
};

static const struct kind *kind;
static unsigned int exits, rounds, vcpus_per_vm, nr_vms, nr_vcpus;
static unsigned int turns; /* exits of this round */
static struct vm *vms;
static struct vcpu *vcpus;
static pthread_barrier_t begin, done;
static volatile bool stop;

/* --- VMs ------------------------------------------------------------------------ */

static size_t pages_size(void)
{
	return kind->faults ? (size_t)vcpus_per_vm * exits * PAGE_SIZE : 0;
}

/* An interrupt of the PIC, which ends it by itself, makes no exit but HLT's. */
static void create_irqchip(struct vm *vm)
{
	struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_PIC_MASTER };

	must_ioctl(vm->fd, KVM_CREATE_IRQCHIP, NULL, "KVM_CREATE_IRQCHIP");
	must_ioctl(vm->fd, KVM_GET_IRQCHIP, &chip, "KVM_GET_IRQCHIP");
	chip.chip.pic.irq_base = VECTOR - IRQ;
	chip.chip.pic.imr = (uint8_t) ~(1u << IRQ);
	chip.chip.pic.auto_eoi = 1;
	must_ioctl(vm->fd, KVM_SET_IRQCHIP, &chip, "KVM_SET_IRQCHIP");
}

static void create_vm(struct vm *vm)
{
	must(vmm_create(&vm->fd));
	if (kind->wakes)
		create_irqchip(vm);
	must(vmm_new_memory(&vm->low, LOW_SIZE));
	*(uint32_t *)((char *)vm->low + 4 * VECTOR) = GUEST_CODE + (guest_return - guest_start);
	memcpy((char *)vm->low + GUEST_CODE, guest_start, guest_end - guest_start);
	must(vmm_map(vm->fd, 0, 0, vm->low, LOW_SIZE));
	if (kind->faults) {
		must(vmm_new_memory(&vm->pages, pages_size()));
		must(vmm_map(vm->fd, 1, GUEST_PAGES, vm->pages, pages_size()));
	}
}

/* KVM forgets what it mapped of a slot that goes. */
static void unmap_pages(struct vm *vm)
{
	if (!kind->faults)
		return;
	must(vmm_map(vm->fd, 1, GUEST_PAGES, vm->pages, 0));
	must(vmm_map(vm->fd, 1, GUEST_PAGES, vm->pages, pages_size()));
}

/* Real mode, with no tables but the interrupts'. */
static void set_real_mode(const struct vmm_vcpu *cpu)
{
	struct kvm_sregs sregs;

	must_ioctl(cpu->fd, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cs.base = sregs.cs.selector = 0;
	must_ioctl(cpu->fd, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
}

static void create_vcpu(struct vcpu *vcpu)
{
	must(vmm_create_vcpu(vcpu->vm->fd, vcpu->id, &vcpu->cpu));
	must(vmm_give_cpuid(&vcpu->cpu));
	if (kind->wakes)
		set_real_mode(&vcpu->cpu);
	else
		must(vmm_flat(&vcpu->cpu, false));
}

static void create_all(void)
{
	unsigned int i;

	vms = calloc(nr_vms, sizeof(*vms));
	vcpus = calloc(nr_vcpus, sizeof(*vcpus));
	if (!vms || !vcpus)
		err(1, "memory");
	for (i = 0; i < nr_vms; i++)
		create_vm(&vms[i]);
	for (i = 0; i < nr_vcpus; i++) {
		vcpus[i].vm = &vms[i / vcpus_per_vm];
		vcpus[i].id = i % vcpus_per_vm;
		create_vcpu(&vcpus[i]);
	}
}

/* --- running them ----------------------------------------------------------------- */

static void run_round(struct vcpu *vcpu)
{
	struct kvm_regs regs = {
		.rip = GUEST_CODE + (kind->code - guest_start),
		.rflags = 0x202, /* interrupts on */
		.rsp = GUEST_CODE,
		.rdi = turns,
		.rsi = GUEST_PAGES + (uint64_t)vcpu->id * exits * PAGE_SIZE,
	};
	const struct kvm_run *run = vcpu->cpu.run;

	must_ioctl(vcpu->cpu.fd, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	do {
		must_ioctl(vcpu->cpu.fd, KVM_RUN, NULL, "KVM_RUN");
		if (run->exit_reason != KVM_EXIT_IO)
			errx(1, "the guest stopped with reason %u", run->exit_reason);
	} while (run->io.port == PORT);
}

/* Whoever began the round: else, on one CPU, that has its turn in it. */
static void let_it_sleep(void)
{
	for (int i = 0; i < 4; i++)
		sched_yield();
}

static void *run_vcpu(void *arg)
{
	struct vcpu *vcpu = arg;
	unsigned int i;

	for (i = 0; i < 2 * rounds + 2; i++) {
		pthread_barrier_wait(&begin);
		let_it_sleep();
		vcpu->start = __rdtsc();
		run_round(vcpu);
		vcpu->end = __rdtsc();
		pthread_barrier_wait(&done);
	}
	return NULL;
}

/* Runs when there is nothing else to run, so on one CPU when all vCPUs have blocked. */
static void *wake_vcpus(void *arg)
{
	const struct sched_param param = { 0 };
	struct kvm_irq_level line = { .irq = IRQ };
	unsigned int i;

	pthread_setschedparam(pthread_self(), SCHED_IDLE, &param);
	for (i = 0; !stop; i++) {
		line.level = i & 1;
		must_ioctl(vms[i / 2 % nr_vms].fd, KVM_IRQ_LINE, &line, "KVM_IRQ_LINE");
	}
	return arg;
}

/* The ticks of a round with so many exits of each vCPU. */
static double run_once(unsigned int count)
{
	uint64_t start = UINT64_MAX, end = 0;
	unsigned int i;

	turns = count;
	for (i = 0; i < nr_vms; i++)
		unmap_pages(&vms[i]);
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&done);
	for (i = 0; i < nr_vcpus; i++) {
		start = vcpus[i].start < start ? vcpus[i].start : start;
		end = vcpus[i].end > end ? vcpus[i].end : end;
	}
	return end - start;
}

static int compare_costs(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double best_of(double *costs)
{
	qsort(costs, rounds, sizeof(*costs), compare_costs);
	return costs[kind->wakes ? rounds / 10 : 0];
}

/* The first rounds make what is made once: page tables, what tools know a vCPU by. */
static void run_all(void)
{
	double *costs[2] = { calloc(rounds, sizeof(double)), calloc(rounds, sizeof(double)) };
	double sum[2] = { 0 }, per_exit = 1.0 / (exits - 1) / nr_vcpus, cost;
	pthread_t waker;
	unsigned int i;

	if (!costs[0] || !costs[1])
		err(1, "memory");

	pthread_barrier_init(&begin, NULL, nr_vcpus + 1);
	pthread_barrier_init(&done, NULL, nr_vcpus + 1);
	if (kind->wakes && (errno = pthread_create(&waker, NULL, wake_vcpus, NULL)))
		err(1, "pthread_create");
	for (i = 0; i < nr_vcpus; i++) {
		if ((errno = pthread_create(&vcpus[i].thread, NULL, run_vcpu, &vcpus[i])))
			err(1, "pthread_create");
	}
	for (i = 0; i < 2 * rounds + 2; i++) {
		cost = run_once(i % 2 ? 1 : exits);
		if (i < 2)
			continue;
		sum[i % 2] += cost;
		costs[i % 2][i / 2 - 1] = cost;
	}
	for (i = 0; i < nr_vcpus; i++)
		pthread_join(vcpus[i].thread, NULL);
	stop = true;
	if (kind->wakes)
		pthread_join(waker, NULL);
	printf("%s %u %u %.2f %.2f\n", kind->name, vcpus_per_vm, nr_vms,
	       (best_of(costs[0]) - best_of(costs[1])) * per_exit,
	       (sum[0] - sum[1]) / rounds * per_exit);
	fflush(stdout);
	free(costs[0]);
	free(costs[1]);
}

static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || value < 1 || value > 10000000)
		errx(2, "not a number from 1 to 10000000: %s", text);
	return value;
}

int main(int argc, char **argv)
{
	const char *failed;

	if (argc != 6 && argc != 7)
		errx(2, "usage: load KIND EXITS ROUNDS VCPUS VMS [HOLD]");
	for (kind = kinds; strcmp(kind->name, argv[1]);) {
		if (++kind == kinds + sizeof(kinds) / sizeof(kinds[0]))
			errx(2, "no kind %s", argv[1]);
	}
	exits = number(argv[2]);
	if (exits < 2)
		errx(2, "at least 2 EXITS");
	rounds = number(argv[3]);
	vcpus_per_vm = number(argv[4]);
	nr_vms = number(argv[5]);
	nr_vcpus = vcpus_per_vm * nr_vms;
	if (kind->wakes && vcpus_per_vm != 1)
		errx(2, "%s: only one vCPU of each VM can be woken", kind->name);
	failed = vmm_open();
	if (failed)
		err(3, "%s", failed);
	create_all();
	run_all();
	if (argc == 7)
		sleep(number(argv[6]));
	return 0;
}
