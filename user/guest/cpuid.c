// SPDX-License-Identifier: GPL-2.0-only
#include "guest/cpuid.h"

void cpuid_execute(struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf)
{
	asm volatile("cpuid"
		     : "=a"(regs->eax), "=b"(regs->ebx), "=c"(regs->ecx), "=d"(regs->edx)
		     : "a"(leaf), "c"(subleaf)
		     : "memory");
}
