/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_X86_KVM_EXITSTAT_H
#define _ASM_X86_KVM_EXITSTAT_H

#include <linux/kvm.h>
#include <linux/u64_stats_sync.h>

#define KVM_X86_EXITSTAT_VALID_BITS	(KVM_X86_EXITSTAT_ENABLED | \
					 KVM_X86_EXITSTAT_CPL0)

/* What is summed up of VM-Exits: cycles of two windows, which come first, and how many. */
enum { EXITSTAT_HANDLED, EXITSTAT_AWAY, EXITSTAT_COUNT, EXITSTAT_NR_SUMS };

struct kvm_exit_counter {
	u64_stats_t sum[EXITSTAT_NR_SUMS];
};

/* Written by the vCPU alone; a reader may be any CPU. */
struct kvm_vcpu_exitstat {
	struct kvm_exit_counter *counters;	/* by exit code; NULL: not counted */
	struct kvm_exit_counter *open[2];	/* NULL: no open window */
	u64 tsc;				/* of the last VM-Exit */
	struct kvm_exit_counter total;		/* of all exit codes */
};

#endif
