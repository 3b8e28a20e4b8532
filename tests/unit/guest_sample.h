/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up host that answers the leaves. */
#ifndef EXITSTAT_UNIT_GUEST_SAMPLE_H
#define EXITSTAT_UNIT_GUEST_SAMPLE_H

#include "guest/ask.h"

#define FAKE_VMX_DEFINED 71u
#define FAKE_SVM_DEFINED 171u

struct fake_host {
	uint32_t abi, layout;
	uint32_t isa; /* 1 VMX, 2 SVM, as the leaf has it */
	uint32_t defined;
	struct sums io;
	uint64_t asked;
	/* From this question on, counted from 1, ...; 0: never. */
	uint64_t gone_at;     /* nobody answers any more */
	uint64_t nonsense_at; /* the answers are all ones */
	uint64_t alien_at;    /* the same, of the leaf that says who answers, too */
	uint64_t reset_at;    /* IO has not happened any more */
	uint64_t restart_at;  /* nothing has, before this */
};

extern struct fake_host fake_host;

/* A fresh one: layout 2021, ABI 1. */
void fake_reset(uint32_t isa);

/*
 * IO has what fake_host.io says (more than fits 32 bits); CPUID has been as often
 * as this was called (since restart_at), 1000 cycles handled and 2000 away each; all other defined
 * reasons have never been.
 */
void fake_ask(struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf);

#endif
