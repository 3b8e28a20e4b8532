/* SPDX-License-Identifier: GPL-2.0-only */
/* Asking the CPU, and so its host's KVM, for a reading. */
#ifndef EXITSTAT_GUEST_ASK_H
#define EXITSTAT_GUEST_ASK_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/filter.h"
#include "model/reading.h"

/* Who is asked. Tests put someone else than this machine's CPU there. */
struct source {
	void (*ask)(struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf);
	uint64_t asked; /* each is one exit, of reason CPUID */
};

/*
 * Find out who answers and what there is to read: with filters those reasons,
 * else all that are defined. 0, or -1 with err. The caller frees the plan.
 */
int plan_make(struct plan *plan, struct source *source, const struct reason_filter *filters,
	      size_t nfilters, struct error *err);

/* Take a reading; the caller frees it. 0, or -1 with err. */
int reading_take(struct reading *reading, const struct plan *plan, struct source *source,
		 struct error *err);

#endif
