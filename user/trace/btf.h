/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel's BTF says about KVM: which of our programs it can take, and where. */
#ifndef EXITSTAT_TRACE_BTF_H
#define EXITSTAT_TRACE_BTF_H

#include <stdbool.h>

#include "model/apicv.h"

/* How the programs get at what they need. */
struct ways {
	bool typed; /* reasons from struct vcpu_vmx or vcpu_svm, not the plain tracepoint */
	enum end_way {
		END_BY_FENTRY,
		END_BY_KPROBE,
		END_UNSEEN,
	} end;			    /* how the end of a vCPU is seen */
	bool counters;		    /* KVM has counters of its own, see kernel-patch/ */
	bool preempted;		    /* with counters: programs on tracepoints may be preempted */
	bool apicv;		    /* it tells what changes APICv's inhibits, */
	bool apicv_calls;	    /* and has the function that system calls change them by */
	struct apicv_host inhibits; /* their names */
};

/*
 * To be called before the skeleton is opened: from then on libbpf gets the targets of
 * tp_btf and fentry programs from here.
 */
struct ways ways_find(void);

#endif
