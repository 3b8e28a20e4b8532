// SPDX-License-Identifier: GPL-2.0-only
/*
 * Count every VM exit at kvm_exit, time it at the next kvm_entry of the same
 * vCPU, both per vCPU and reason.
 *
 * Two ways in, one of which user space loads:
 *  - "typed": tp_btf programs that read the reason from struct vcpu_vmx or
 *    vcpu_svm. This is the path that has to be cheap.
 *  - "plain": where BTF lacks those types. A raw tracepoint program hands the
 *    vCPU to the program on the plain tracepoint, whose record has the reason.
 *
 * A vCPU runs in one thread at a time, and tracepoints run with preemption off,
 * so nothing below needs an atomic or a lock, except what vCPUs share: the
 * allocators and the ledger, neither of which is on the common path.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <asm/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#include "compat.h"
#include "apicv.h"
#include "audit.h"
#include "count.h"
#include "nested.h"
#include "plain.h"

char LICENSE[] SEC("license") = "GPL";

/* --- the typed way -------------------------------------------------------- */

static __always_inline void on_typed_exit(unsigned long long *ctx, struct kvm_vcpu *vcpu, __u32 isa,
					  __u32 also)
{
	struct exitstat_line *line;
	struct exitstat_vcpu *v;

	/* Only these follow it. */
	if (also && compat_is_null(vcpu))
		return;
	line = find_own(vcpu);
	if (!line || line->exit_ns) {
		rare_exit(ctx);
		return;
	}
	if (also & ALSO_RIP) {
		v = vcpu_of(line);
		if (v)
			begin_rip(v, vcpu, isa);
	}
	take_exit(line);
	if (also & ALSO_ASK && asking && asks(vcpu, isa, line->class.reason))
		note_question_of(line);
}

SEC("tp_btf/kvm_exit")
int BPF_PROG(typed_exit, struct kvm_vcpu *vcpu, __u32 isa)
{
	on_typed_exit(ctx, vcpu, isa, 0);
	return 0;
}

SEC("tp_btf/kvm_entry")
int BPF_PROG(typed_entry, struct kvm_vcpu *vcpu)
{
	on_entry(vcpu, typed_is_another, 0);
	return 0;
}

/* Where questions of the leaves are looked for. */
SEC("tp_btf/kvm_exit")
int BPF_PROG(asking_exit, struct kvm_vcpu *vcpu, __u32 isa)
{
	on_typed_exit(ctx, vcpu, isa, ALSO_ASK);
	return 0;
}

/* With detail; the exits are as without. */
SEC("tp_btf/kvm_entry")
int BPF_PROG(detail_entry, struct kvm_vcpu *vcpu)
{
	on_entry(vcpu, typed_is_another, ALSO_DETAIL);
	return 0;
}

/* With RIPs instead of these. */
SEC("tp_btf/kvm_exit")
int BPF_PROG(rip_exit, struct kvm_vcpu *vcpu, __u32 isa)
{
	on_typed_exit(ctx, vcpu, isa, ALSO_RIP | ALSO_ASK);
	return 0;
}

SEC("tp_btf/kvm_entry")
int BPF_PROG(rip_entry, struct kvm_vcpu *vcpu)
{
	on_entry(vcpu, typed_is_another, ALSO_DETAIL | ALSO_RIP);
	return 0;
}

/* With split; the exits are as without. */
SEC("tp_btf/kvm_entry")
int BPF_PROG(split_entry, struct kvm_vcpu *vcpu)
{
	if (!compat_is_null(vcpu))
		on_entry(vcpu, typed_is_another, ALSO_SPLIT);
	return 0;
}

/* With both, and the slowest exits, if they are asked for. */
SEC("tp_btf/kvm_entry")
int BPF_PROG(detail_split_entry, struct kvm_vcpu *vcpu)
{
	if (!compat_is_null(vcpu))
		on_entry(vcpu, typed_is_another,
			 ALSO_DETAIL | ALSO_SPLIT | (kinds & 1 << EXITSTAT_RIP ? ALSO_RIP : 0));
	return 0;
}

/* --- the end of a vCPU: one of the two, whichever the kernel has ---------- */

SEC("fentry/kvm_arch_vcpu_destroy")
int BPF_PROG(destroy_fentry, struct kvm_vcpu *vcpu)
{
	on_destroy(vcpu);
	return 0;
}

SEC("kprobe/kvm_arch_vcpu_destroy")
int BPF_KPROBE(destroy_kprobe, void *vcpu)
{
	on_destroy(vcpu);
	return 0;
}

/* --- asked once, at start ------------------------------------------------- */

/*
 * By name, here: for an extern of the program libbpf would read all of kallsyms, which
 * takes most of the time from start to attached. Where the kernel does not tell, 0.
 */
SEC("syscall")
int read_host(void *ctx)
{
	static const char name[] = "tsc_khz";
	__u64 addr = 0;

	if (!bpf_kallsyms_lookup_name(name, sizeof(name), 0, &addr) && addr)
		host_tsc_khz = compat_read_u32((void *)addr, 0);
	host_counts_waiting = counts_waiting();
	return 0;
}
