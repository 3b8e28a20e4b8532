// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "model/leaves.h"
#include "model/reasons.h"

bool who_is_signed(const struct cpuid_regs *subleaf0)
{
	return !memcmp(&subleaf0->ebx, "KVME", 4) && !memcmp(&subleaf0->ecx, "xitS", 4) &&
	       !memcmp(&subleaf0->edx, "tats", 4);
}

static uint32_t decode_isa(uint32_t value)
{
	if (value == 1)
		return EXITSTAT_ISA_VMX;
	return value == 2 ? EXITSTAT_ISA_SVM : EXITSTAT_ISA_UNKNOWN;
}

int who_decode(struct who *who, const struct cpuid_regs *subleaf0,
	       const struct cpuid_regs *subleaf1, struct error *err)
{
	if (!who_is_signed(subleaf0))
		return fail(
			err, STATUS_CANNOT,
			"nobody answers CPUID leaf 0x%x: run it in a KVM guest whose host's KVM, "
			"with exitstat's patch, had kvm.exitstat=1 when it was started, or was "
			"asked by its VMM, and not to answer the guest's kernel only",
			LEAF_WHO);
	*who = (struct who){
		.abi = subleaf0->eax >> 16,
		.layout = subleaf0->eax & 0xffff,
		.isa = decode_isa(subleaf1->eax),
		.reasons = subleaf1->ebx,
		.tsc_khz = subleaf1->ecx,
	};
	if (who->abi != LEAVES_ABI || (who->layout != LAYOUT_2021 && who->layout != LAYOUT_2022))
		return fail(err, STATUS_CANNOT,
			    "the host's leaves have ABI %u and layout %u, unknown here: use the "
			    "exitstat-guest that belongs to the host's KVM patch",
			    who->abi, who->layout);
	if (who->isa == EXITSTAT_ISA_UNKNOWN)
		return fail(err, STATUS_CANNOT,
			    "the host counts exits of ISA %u, neither VMX (1) nor SVM (2): use the "
			    "exitstat-guest that belongs to the host's KVM patch",
			    subleaf1->eax);
	return 0;
}

/* In layout 2021. */
#define LEAF(n) (EXITSTAT_LEAF_FIRST + (n))

static const struct {
	uint32_t number;
	bool is_count;
	const char *sum, *key, *text;
} leaves[] = {
	[LEAF_COUNT_ALL] = { LEAF(6), true, "count", "total_count", "all exits" },
	[LEAF_HANDLED_ALL] = { LEAF(5), false, "handled", "total_handled", "all cycles handled" },
	[LEAF_AWAY_ALL] = { LEAF(0), false, "away", "total_away", "all cycles away" },
	[LEAF_COUNT] = { LEAF(4), true, "count", "count", "exits of" },
	[LEAF_HANDLED] = { LEAF(3), false, "handled", "handled", "cycles handled of" },
	[LEAF_AWAY] = { LEAF(1), false, "away", "away", "cycles away of" },
};

_Static_assert(LEAF(6) == EXITSTAT_LEAF_LAST, "there are seven");

uint32_t leaf_number(uint32_t layout, enum leaf leaf)
{
	uint32_t number = leaves[leaf].number;

	/* The layout of 2022 has the upper four in reverse order. */
	if (layout == LAYOUT_2022 && number >= LEAF(3))
		return LEAF(6) - (number - LEAF(3));
	return number;
}

bool is_leaf_number(uint32_t number)
{
	return number >= EXITSTAT_LEAF_FIRST && number <= EXITSTAT_LEAF_LAST;
}

const char *leaf_sum(enum leaf leaf)
{
	return leaves[leaf].sum;
}

const char *leaf_key(enum leaf leaf)
{
	return leaves[leaf].key;
}

const char *leaf_text(enum leaf leaf)
{
	return leaves[leaf].text;
}

/* Counts are in EBX:EAX, cycles in EBX:ECX; what is not used is 0. */
enum answer leaf_decode(enum leaf leaf, const struct cpuid_regs *regs, uint64_t *value)
{
	bool is_count = leaves[leaf].is_count;
	uint32_t low = is_count ? regs->eax : regs->ecx;
	uint32_t unused = is_count ? regs->ecx : regs->eax;

	if (leaf >= LEAF_COUNT && regs->edx == UINT32_MAX && !regs->eax && !regs->ebx && !regs->ecx)
		return ANSWER_UNDEFINED;
	if (regs->edx || unused)
		return ANSWER_NONSENSE;
	*value = (uint64_t)regs->ebx << 32 | low;
	return ANSWER_VALUE;
}

uint32_t cpuid_reason(uint32_t isa)
{
	return isa == EXITSTAT_ISA_VMX ? 10 : 0x72;
}

uint32_t counter_reason(uint32_t counter)
{
	if (counter < 0x100)
		return counter;
	if (counter < 0x110)
		return counter + 0x300;
	return counter < EXITSTAT_COUNTERS - 1 ? UINT32_MAX - !(counter & 1) : 0x100;
}

enum answer leaf_answer(uint32_t layout, uint32_t number, const struct cpuid_regs *regs,
			enum leaf *leaf, uint64_t *value)
{
	for (*leaf = LEAF_COUNT_ALL; *leaf <= LEAF_AWAY; ++*leaf)
		if (leaf_number(layout, *leaf) == number)
			return leaf_decode(*leaf, regs, value);
	*leaf = LEAF_COUNT_ALL;
	return ANSWER_NONSENSE;
}

/* How many codes are of this edition or one before it. */
static uint32_t total_to(uint32_t isa, enum edition last)
{
	uint32_t n = 0;

	/* What has no counter of its own is not defined. */
	for (uint32_t i = 0; i < EXITSTAT_COUNTERS - 1; i++) {
		enum edition edition = reason_edition(isa, counter_reason(i));

		n += edition != EDITION_NONE && edition <= last;
	}
	return n;
}

enum definition leaves_define(uint32_t isa, uint32_t total, uint32_t code)
{
	enum edition edition = reason_edition(isa, code);

	if (edition == EDITION_NONE || edition > EDITION_KERNEL)
		return CODE_UNDEFINED;
	if (edition == EDITION_2022)
		return CODE_DEFINED;
	if (!total)
		return CODE_UNKNOWN;
	return total_to(isa, edition) <= total ? CODE_DEFINED : CODE_UNDEFINED;
}

bool leaves_have_total(uint32_t isa, uint32_t total)
{
	for (int edition = EDITION_2022; edition <= EDITION_KERNEL; edition++)
		if (total_to(isa, (enum edition)edition) == total)
			return true;
	return false;
}
