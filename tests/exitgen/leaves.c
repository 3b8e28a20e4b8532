// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that does nothing but ask the exit statistics of kernel-patch/, which KVM
 * answers through CPUID, before the others begin and after they have ended.
 *
 * The VMM sets its registers, the guest executes CPUID and OUT, and the VMM looks
 * at what it got.  So a question is an exit of each of these two kinds, no more.
 */
#include <string.h>
#include <sys/ioctl.h>

#include "exitgen.h"

/* kernel-patch/README.md has all of them, as layout 2021 numbers them. */
#define LEAF_WHO   0x4ffffffbu
#define LEAF_UPPER 0x4ffffffcu
#define LEAF_LAST  0x4fffffffu

/* Where layout 2021 has it: 2022 has the upper four in the reverse order. */
static uint32_t leaf_in(uint32_t layout, uint32_t leaf)
{
	return layout == 2022 && leaf >= LEAF_UPPER ? LEAF_UPPER + (LEAF_LAST - leaf) : leaf;
}

/* All codes that VMX or SVM define are among these. */
uint32_t leaves_code(unsigned int position)
{
	if (position < 0x100)
		return position;
	return position < 0x110 ? 0x300 + position : UINT32_MAX - (position & 1);
}

static const struct {
	uint32_t total, of_code;
	bool count;
} sums[SUM_COUNT] = {
	[SUM_EXITS] = { 0x4fffffff, 0x4ffffffd, true },
	[SUM_HANDLED] = { 0x4ffffffe, 0x4ffffffc, false },
	[SUM_AWAY] = { 0x4ffffff9, 0x4ffffffa, false },
};

static int ask(struct vcpu *reader, uint32_t leaf, uint32_t ecx, struct kvm_regs *regs)
{
	*regs = (struct kvm_regs){ .rip = vcpu_ask_address(reader), .rflags = 2 };
	regs->rax = leaf;
	regs->rcx = ecx;
	reader->asked++;

	return vcpu_ask(reader, regs);
}

/* A sum, or UNDEFINED, with the form of the answer checked. */
static int ask_sum(struct vcpu *reader, uint32_t leaf, uint32_t code, bool count, uint64_t *value)
{
	struct kvm_regs regs;
	int err;

	err = ask(reader, leaf, code, &regs);
	if (err)
		return err;

	*value = regs.rbx << 32 | (count ? regs.rax : regs.rcx);
	if (regs.rdx == UINT32_MAX && !*value)
		*value = UNDEFINED;
	else if (regs.rdx || (count ? regs.rcx : regs.rax))
		return fail(reader->vm->job, 0, "leaf %#x, ECX %#x: %#llx %#llx %#llx %#llx", leaf,
			    code, regs.rax, regs.rbx, regs.rcx, regs.rdx);

	return 0;
}

static int ask_who(struct vcpu *reader, struct reading *reading)
{
	struct kvm_regs regs;
	char who[13] = "";
	int err;

	err = ask(reader, LEAF_WHO, 0, &regs);
	if (err)
		return err;

	memcpy(who, &(uint32_t){ regs.rbx }, 4);
	memcpy(who + 4, &(uint32_t){ regs.rcx }, 4);
	memcpy(who + 8, &(uint32_t){ regs.rdx }, 4);
	if (strcmp(who, "KVMExitStats") || regs.rax >> 16 != 1)
		return fail(reader->vm->job, 0,
			    "nobody answers leaf %#x: KVM is not patched, or has no exitstat=1 "
			    "(see --exitstat)",
			    LEAF_WHO);
	reading->layout = regs.rax & 0xffff;

	return 0;
}

/* Each total comes right after its parts. */
int leaves_read(struct vcpu *reader, struct reading *reading)
{
	uint32_t before = reader->asked, leaf;
	unsigned int i;
	int err, sum;

	err = ask_who(reader, reading);
	for (sum = 0; !err && sum < SUM_COUNT; sum++) {
		leaf = leaf_in(reading->layout, sums[sum].of_code);
		for (i = 0; !err && i < LEAVES_CODES; i++)
			err = ask_sum(reader, leaf, leaves_code(i), sums[sum].count,
				      &reading->of_code[sum][i]);
		leaf = leaf_in(reading->layout, sums[sum].total);
		if (!err)
			err = ask_sum(reader, leaf, 0, sums[sum].count, &reading->total[sum]);
	}
	reading->questions = reader->asked - before;

	return err;
}
