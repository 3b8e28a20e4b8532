/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_GUEST_CPUID_H
#define EXITSTAT_GUEST_CPUID_H

#include "model/leaves.h"

/* The only CPUID instruction of this program. */
void cpuid_execute(struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf);

#endif
