/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What inhibits APICv or AVIC of a VM. That is read at the first exit of its vCPUs; from
 * then on KVM tells of each change. The tracepoint does not say of which VM: that is known
 * where the thread is in a vCPU. What the VM's own system calls change (PIT reinjection)
 * is seen where KVM's function returns. A change that both see is counted once, since a
 * reason that is set cannot be set again.
 */
#ifndef EXITSTAT_APICV_H
#define EXITSTAT_APICV_H

#include <bpf/bpf_tracing.h>

#include "detail.h"

/* By VM serial. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, struct exitstat_apicv);
} apicv_of_vm SEC(".maps");

/* A value for new entries, larger than the stack. */
static const struct exitstat_apicv no_apicv;

static __always_inline __u64 read_inhibits(__u64 kvm)
{
	return compat_read_u64((void *)kvm, compat_vm_field_offset(arch.apicv_inhibit_reasons));
}

/* At the first exit of a vCPU. */
static __noinline int begin_apicv(__u64 serial, __u64 kvm)
{
	struct exitstat_apicv *apicv;

	if (!compat_vm_field_exists(arch.apicv_inhibit_reasons) ||
	    bpf_map_update_elem(&apicv_of_vm, &serial, &no_apicv, BPF_NOEXIST))
		return 0;
	apicv = bpf_map_lookup_elem(&apicv_of_vm, &serial);
	if (apicv)
		apicv->inhibits = read_inhibits(kvm);
	return 0;
}

/* Two vCPUs may change two reasons at once. */
static __always_inline int change_apicv(__u64 serial, __u32 reason, bool set)
{
	struct exitstat_apicv *apicv = bpf_map_lookup_elem(&apicv_of_vm, &serial);
	__u64 bit, before;

	if (!apicv || reason >= EXITSTAT_INHIBITS)
		return 0;
	/* The verifier wants to see the mask that the compiler can do without. */
	barrier_var(reason);
	reason &= EXITSTAT_INHIBITS - 1;
	bit = 1ULL << reason;
	before = set ? __sync_fetch_and_or(&apicv->inhibits, bit)
		     : __sync_fetch_and_and(&apicv->inhibits, ~bit);
	if (!!(before & bit) == set)
		return 0;
	__sync_fetch_and_add(set ? &apicv->set[reason] : &apicv->cleared[reason], 1);
	return 0;
}

SEC("tp_btf/kvm_apicv_inhibit_changed")
int BPF_PROG(apicv_changed, int reason, bool set)
{
	struct exitstat_vcpu *v = find_of(bpf_get_current_task_btf());

	return v ? change_apicv(v->vm_serial, reason, set) : 0;
}

/* Of a VM that is taken down, which is no change that it has had: its PIT goes. */
static __always_inline bool is_going(__u64 kvm)
{
	return !compat_read_u32((void *)kvm, compat_vm_field_offset(users_count));
}

/* It changes nothing where the module does not know the reason. */
SEC("fexit/kvm_set_or_clear_apicv_inhibit")
int BPF_PROG(apicv_set, struct kvm *kvm, int reason, bool set)
{
	__u64 addr = (__u64)kvm, *serial = bpf_map_lookup_elem(&serial_of_vm, &addr);

	if (!serial || is_going(addr) ||
	    !(read_inhibits(addr) >> (reason & (EXITSTAT_INHIBITS - 1)) & 1) == set)
		return 0;
	return change_apicv(*serial, reason, set);
}

#endif
