// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "guest_sample.h"
#include "unit.h"

struct fake_host fake_host;

void fake_reset(uint32_t isa)
{
	fake_host = (struct fake_host){
		.abi = 1,
		.layout = 2021,
		.isa = isa,
		.defined = isa == 2 ? FAKE_SVM_DEFINED : FAKE_VMX_DEFINED,
		.io = { 5000000000, (1ull << 40) + 7, (1ull << 41) + 9 },
	};
}

/* By the manuals of 2022. */
static bool is_defined(uint32_t code)
{
	if (fake_host.isa == 2)
		return code <= 0xa4 || (code >= 0x400 && code <= 0x403) || code >= 0xfffffffe;
	return code <= 75 && code != 35 && code != 38 && code != 42 && code != 65 && code != 71;
}

static bool is_from(uint64_t at)
{
	return at && fake_host.asked >= at;
}

static uint64_t counted(void)
{
	return is_from(fake_host.restart_at) ? fake_host.asked - fake_host.restart_at + 1
					     : fake_host.asked;
}

static struct sums sums_of(uint32_t code)
{
	uint64_t asked = counted();

	if (code == (fake_host.isa == 2 ? 0x72 : 10))
		return (struct sums){ asked, asked * 1000, asked * 2000 };
	if (code == (fake_host.isa == 2 ? 0x7b : 30))
		return fake_host.io;
	return (struct sums){ 0, 0, 0 };
}

static struct sums sums_of_all(void)
{
	uint64_t asked = counted();

	return (struct sums){ fake_host.io.count + asked, fake_host.io.handled + asked * 1000,
			      fake_host.io.away + asked * 2000 };
}

static void answer_who(struct cpuid_regs *regs, uint32_t subleaf)
{
	if (subleaf == 0) {
		regs->eax = fake_host.abi << 16 | fake_host.layout;
		memcpy(&regs->ebx, "KVME", 4);
		memcpy(&regs->ecx, "xitS", 4);
		memcpy(&regs->edx, "tats", 4);
	} else if (subleaf == 1) {
		regs->eax = fake_host.isa;
		regs->ebx = fake_host.defined;
		regs->ecx = 2600000;
	}
}

static void answer(struct cpuid_regs *regs, uint32_t leaf, const struct sums *sums)
{
	uint64_t value = sums->count;

	if (leaf == 0x4ffffff9 || leaf == 0x4ffffffa)
		value = sums->away;
	else if (leaf == 0x4ffffffc || leaf == 0x4ffffffe)
		value = sums->handled;
	regs->ebx = (uint32_t)(value >> 32);
	if (leaf == 0x4ffffffd || leaf == 0x4fffffff)
		regs->eax = (uint32_t)value;
	else
		regs->ecx = (uint32_t)value;
}

void fake_ask(struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf)
{
	bool of_all = leaf == 0x4ffffff9 || leaf >= 0x4ffffffe;
	struct sums sums;

	memset(regs, 0, sizeof(*regs));
	fake_host.asked++;
	if (is_from(fake_host.gone_at))
		return;
	if (is_from(fake_host.alien_at)) {
		memset(regs, 0xff, sizeof(*regs));
		return;
	}
	if (is_from(fake_host.reset_at) || is_from(fake_host.restart_at))
		fake_host.io = (struct sums){ 0, 0, 0 };
	if (leaf == 0x4ffffffb) {
		answer_who(regs, subleaf);
		return;
	}
	if (fake_host.layout == 2022 && leaf >= 0x4ffffffc) {
		leaf = 0x4fffffff - (leaf - 0x4ffffffc);
		of_all = leaf >= 0x4ffffffe;
	}
	sums = of_all ? sums_of_all() : sums_of(subleaf);
	if (is_from(fake_host.nonsense_at))
		memset(regs, 0xff, sizeof(*regs));
	else if (!of_all && !is_defined(subleaf))
		regs->edx = UINT32_MAX;
	else
		answer(regs, leaf, &sums);
}
