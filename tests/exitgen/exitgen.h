/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * exitgen makes a known number of each kind of VM exit, for programs that
 * count VM exits to be tested against.
 *
 *	main.c		what is asked, end to end
 *	options.c	the command line
 *	procs.c		one process per VM
 *	run.c		the threads of one process
 *	alarm.c		signals that end a blocking HLT
 *	vm.c		KVM: make a VM with its vCPUs, and destroy it
 *	vcpu.c		a vCPU's exits, and whether they are those that were asked for
 *	plan.c		what a vCPU's guest is to do
 *	align.c		what a guest needs for alignment checks
 *	inhibit.c	what keeps KVM from using APICv
 *	leaves.c	a guest that asks the exit statistics of kernel-patch/
 *	stats.c		KVM's own statistics of a vCPU
 *	report.c	what is printed
 *	guest.S		the guest
 */
#ifndef EXITGEN_H
#define EXITGEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#include "../vmm/vmm.h"

/* Exit status. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_CANNOT = 3,
};

#define MAX_VCPUS  64
#define MAX_VMS	   64
#define MAX_REUSE  100000
#define MAX_SPREAD 4096 /* pages */
#define MAX_CPUS   1024 /* as a cpu_set_t */

enum kind {
	KIND_CPUID,
	KIND_OUT,
	KIND_IN,
	KIND_HLT,
	KIND_RDMSR,
	KIND_WRMSR,
	KIND_MMIO_READ,
	KIND_MMIO_WRITE,
	KIND_HYPERCALL,
	KIND_CR_WRITE,
	KIND_IPI,
	KIND_ALIGN,
	KIND_COUNT,
};

/* As the command line and the report spell them. */
extern const char *const kind_names[KIND_COUNT];

struct options {
	uint32_t count[KIND_COUNT]; /* of each vCPU */
	bool asked[KIND_COUNT];
	uint32_t vcpus; /* of each VM */
	uint32_t vms;
	uint32_t reuse;
	uint32_t move_us;  /* 0: do not move */
	uint32_t block_us; /* 0: HLT exits to user space */
	uint32_t sleep_us; /* after each exit to user space; 0: not */
	uint32_t leaf;
	uint32_t spread; /* ports, leaves and so on, in turn; 0: one of each */
	uint32_t port;	 /* this and the next two: 0: see guest.h */
	uint32_t msr;
	uint32_t mmio;
	uint32_t spin;	   /* how often the guest counts in a turn, without an exit, */
	uint32_t pause;	   /* or with PAUSE, which may exit */
	uint32_t inhibit;  /* how often each of two reasons to inhibit APICv comes or goes */
	uint32_t auto_eoi; /* two more, of which each vCPU or the VM has one to its end */
	uint32_t alias;
	uint32_t one_process;
	uint32_t alternate;
	uint32_t hold;
	uint32_t discard;  /* memory for MMIO writes, which each OUT takes away again */
	uint32_t end_out;  /* end with an OUT, not a shutdown */
	uint32_t exitstat; /* KVM is to count these VMs, whatever it does for others */
	uint32_t leaves;   /* 0 or 1: vCPUs of each VM that ask the leaves */
	const char *name;
	bool pin;
	unsigned int cpu_count;
	int cpus[MAX_CPUS]; /* to pin to, or to move among */
};

/* What one vCPU did besides what it was asked for, in one life. */
struct result {
	pid_t pid;
	uint64_t memory;
	uint64_t shutdown;
	uint64_t end_out; /* with options.end_out, instead of shutdown */
	uint64_t asked;	  /* a CPUID and an OUT each */
	bool counted;	  /* by KVM itself: the next two are known */
	uint64_t interrupt;
	uint64_t other;
};

/* What one reading of the leaves answered. */
#define LEAVES_CODES 0x112
#define UNDEFINED    UINT64_MAX

enum sum {
	SUM_EXITS,
	SUM_HANDLED,
	SUM_AWAY,
	SUM_COUNT,
};

struct reading {
	uint32_t layout;
	uint32_t questions;
	uint64_t of_code[SUM_COUNT][LEAVES_CODES];
	uint64_t total[SUM_COUNT];
};

/* All that does not change once it runs, and where the outcome goes. */
struct job {
	struct options opts;
	uint32_t hypercall;	  /* DO_VMCALL, DO_VMMCALL or 0 */
	struct result *results;	  /* of all processes, see result_of() */
	struct reading *readings; /* the same, see reading_of() */
	int failure_in;		  /* a pipe for what goes wrong, a line each, */
	int failure_out;	  /* of which main() prints the first */
};

struct vcpu {
	struct vm *vm;
	unsigned int id;
	struct vmm_vcpu cpu;
	uint32_t seen[KIND_COUNT]; /* exits that reached user space */
	uint32_t asked;
	bool done;
};

struct vm {
	const struct job *job;
	unsigned int index;
	int fd;
	bool inhibited;			  /* with options.inhibit: it has been */
	int alias;			  /* with options.alias: a vCPU that never runs */
	void *memory;			  /* one page per vCPU */
	void *spread;			  /* with options.discard: where they write */
	struct vcpu vcpus[MAX_VCPUS + 1]; /* the one that asks is the last */
};

/* options.c: STATUS_OK, or another status after a line on stderr */
enum status options_parse(struct options *opts, int argc, char **argv, bool *help);

/* procs.c: every VM has run, or -errno */
int procs_run(const struct job *job);

/* run.c: the VMs first ... first + count - 1 run in this process, or -errno */
int run_vms(const struct job *job, unsigned int first, unsigned int count, int parent);

/* alarm.c */
int alarm_create(timer_t *timer, struct kvm_run *volatile *running);
int alarm_set(timer_t timer, uint32_t us);

/* vm.c */
bool uses_irqchip(const struct options *opts);
bool uses_x2apic(const struct options *opts);
int kvm_open(uint32_t *hypercall);
int vm_create(struct vm *vm);
void vm_destroy(struct vm *vm);
bool vm_mapped(const struct vm *vm);
size_t vm_spread_size(const struct vm *vm); /* of each vCPU, for MMIO */

/* vcpu.c */
int vcpu_fail(const struct vcpu *vcpu, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
const uint32_t *vcpu_count(const struct vcpu *vcpu); /* of each kind */
uint8_t *vcpu_page(const struct vcpu *vcpu);
uint32_t vcpu_port(const struct vcpu *vcpu);
uint64_t vcpu_mmio(const struct vcpu *vcpu);
int vcpu_step(struct vcpu *vcpu);
int vcpu_wake(struct vcpu *vcpu);
uint64_t vcpu_ask_address(const struct vcpu *vcpu);
int vcpu_ask(struct vcpu *vcpu, struct kvm_regs *regs);
int vcpu_check(struct vcpu *vcpu, struct result *result);

/* plan.c */
void plan_make(const struct vcpu *vcpu);
int plan_check(const struct vcpu *vcpu);
bool plan_begun(const struct vcpu *vcpu);

/* align.c: NULL, or what failed; the vCPU's page is at that address */
const char *align_prepare(const struct vmm_vcpu *vcpu, uint8_t *page, uint64_t address);

/* inhibit.c: NULL, or what failed */
const char *inhibit_change(const struct vcpu *vcpu, uint32_t times);
const char *inhibit_by_auto_eoi(const struct vcpu *vcpu);
const char *inhibit_by_alias(struct vm *vm);

/* leaves.c */
uint32_t leaves_code(unsigned int position);
int leaves_read(struct vcpu *reader, struct reading *reading);

/* stats.c */
struct vcpu_stats {
	uint64_t exits;
	uint64_t irq_exits;
	uint64_t pf_taken;
	uint64_t pf_mmio_spte_created;
};

int stats_read(int vcpu_fd, struct vcpu_stats *stats);

/* report.c */
size_t results_size(const struct options *opts);
struct result *result_of(const struct job *job, unsigned int round, unsigned int vm,
			 unsigned int vcpu);
size_t readings_size(const struct options *opts);
struct reading *reading_of(const struct job *job, unsigned int round, unsigned int vm, bool after);
int report(const struct job *job);
void usage(FILE *out);
int fail(const struct job *job, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* EXITGEN_H */
