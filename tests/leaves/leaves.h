/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * leaves: a VM that asks the exit statistics' CPUID leaves, and checks the answers.
 *
 * Needs nothing but /dev/kvm. The guest runs in real mode: it takes a list of
 * values for ECX, asks one leaf with each, stores the answers, and does one OUT.
 * So a list of n costs n CPUID exits and one of I/O, and what the memory costs.
 *
 *	main.c		the commands
 *	vm.c		the VM, and its questions
 *	checks.c	whether the answers are right
 *	capability.c	who is counted, and who is answered
 *	nested.c	SVM: of a guest that is a hypervisor
 *	load.c		what asks and checks nothing: for others to watch, and for the cost
 *	guest.S		the guest, whose assembler includes the macros here, too
 */
#ifndef LEAVES_H
#define LEAVES_H

#define KIND_SIZE 16

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stdint.h>

#include "model/leaves.h"
#include "../vmm/vmm.h"

#define LIST_MAX  2048
#define MAX_VCPUS 8

/* The guest's memory: the code, then for each vCPU 64 KiB of list and 64 KiB of answers. */
enum {
	CODE = 0x1000,
	IN = 0x10000,
	OUT = 0x20000,
	AREA = 0x20000,
	MEMORY = AREA * (MAX_VCPUS + 1)
};

/* guest.S */
extern const char guest_ask[], guest_cost[], guest_spin[], guest_emulated[], guest_nested[],
	guest_kinds[], guest_of_nested[], guest_of_asking[], guest_of_kinds[], guest_of_kinds_end[],
	guest_end[];

struct regs {
	uint32_t eax, ebx, ecx, edx;
};

struct vcpu {
	struct vmm_vcpu cpu;
	char *area; /* this vCPU's list and answers */
};

struct vm {
	int fd, nr;
	void *memory;
	struct vcpu vcpus[MAX_VCPUS];
};

/* vm.c */
void vm_create(struct vm *vm, int nr);
/* KVM_CAP_X86_EXITSTAT with these flags, whatever the module's parameters are. */
void vm_create_asking(struct vm *vm, int nr, uint64_t flags);
void vm_destroy(struct vm *vm);
uint32_t guest_address(const char *where);
void get_sregs(const struct vcpu *vcpu, struct kvm_sregs *sregs);
void set_sregs(const struct vcpu *vcpu, struct kvm_sregs *sregs);
/* Protected mode, without paging, with the segments that the vCPU has. */
void set_ring3(const struct vcpu *vcpu);
void set_msr(const struct vcpu *vcpu, uint32_t index, uint64_t value);
/* To the OUT. */
void run_guest(struct vcpu *vcpu, const char *where, struct kvm_regs *regs);
const struct regs *ask_list(struct vcpu *vcpu, uint32_t leaf, const uint32_t *list, int n);
struct regs ask(struct vcpu *vcpu, uint32_t leaf, uint32_t ecx);
/* A thread's function: 20,000 exits of a vCPU. */
#define SPINS 20000
void *spin(void *vcpu);

enum {
	TOTAL_AWAY,
	AWAY_OF,
	WHO,
	HANDLED_OF,
	COUNT_OF,
	TOTAL_HANDLED,
	TOTAL_COUNT,
	NR_LEAVES
};

extern int layout, isa;	 /* known since identify() */
extern uint32_t defined; /* so many reasons */
extern const char *const leaf_names[NR_LEAVES];

/* Do the leaves answer? */
bool identify(struct vcpu *vcpu);

/* Ends the program where nobody answers. */
void vm_create_counted(struct vm *vm, int nr);
uint32_t leaf_of(int what);
uint64_t value(int what, const struct regs *r);
uint64_t read_leaf(struct vcpu *vcpu, int what, uint32_t ecx);
/* Those that the tool says are defined, CPUID's last: asking for it is the last exit. */
int all_codes(uint32_t *codes);

/* checks.c */
extern int failures;

#define CHECK(condition, ...)                        \
	do {                                         \
		if (!(condition)) {                  \
			warnx("FAIL: " __VA_ARGS__); \
			failures++;                  \
		}                                    \
	} while (0)

void check_sum(struct vcpu *vcpu);
void command_check(unsigned int n);
void command_inputs(unsigned int n, unsigned int what);
void command_race(void);

/* capability.c */
void command_capability(void);

/* nested.c */
void command_nested(unsigned int n);
void command_nested_asks(void);
void command_kinds(unsigned int n);

/* load.c */
void command_cost(unsigned int n, uint32_t leaf, bool unreal);
void command_many(unsigned int vcpus);
void command_dump(void);
void command_idle(unsigned int seconds);
void command_churn(unsigned int n);

#endif /* __ASSEMBLER__ */
#endif
