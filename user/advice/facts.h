/* SPDX-License-Identifier: GPL-2.0-only */
/* What of the host matters for what its guests' exits mean. */
#ifndef EXITSTAT_ADVICE_FACTS_H
#define EXITSTAT_ADVICE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/host.h"

enum fact {
	FACT_KERNEL,
	FACT_CLOCKSOURCE,
	FACT_HALT_POLL,
	FACT_THP,
	FACT_NX_HUGE_PAGES,
	FACT_APICV,
	FACT_IPIV,
	FACT_AVIC,
	FACT_PLE_GAP,
	FACT_PAUSE_FILTER,
	FACT_SHADOW_VMCS,
	FACT_VLS,
	FACT_VGIF,
	FACT_NUMA_BALANCING,
	FACT_KSM,
	FACT_SWAPPED_IN,
	FACT_LOCK_FLAGS,
	FACT_LOCK_OPTION,
	FACT_LOCK_MITIGATE,
	FACTS,
};

#define FACT_LEN 128

/* Of facts that are words of a longer line: no such word. */
#define FACT_NONE "none"

struct facts {
	bool known;		    /* false: they are of another host */
	char text[FACTS][FACT_LEN]; /* as the kernel writes it, printable; "": there is none */
};

/* What it is called, e.g. "kvm.halt_poll_ns", and on which ISA it is looked at; 0: both. */
const char *fact_name(enum fact fact);
uint32_t fact_isa(enum fact fact);

/* Of the host whose files are below root: "" is this one. */
void facts_read(struct facts *facts, const char *root);

/*
 * Of a file's host, if it is this one, or one of a kind that is set up as this one is, as far as
 * anyone can tell from a file: of the same kernel on the same CPU.
 */
void facts_read_of(struct facts *facts, const struct host *host);

#endif
