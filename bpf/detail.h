/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an exit was about: KVM's tracepoints between an exit and the next entry name the
 * port, the MSR, the page. The first of them is the exit's key, which its time is added to
 * at the entry.
 *
 * These tracepoints may be hit where KVM can be preempted, and kernels since 7.x skip a
 * program then that another thread is in on that CPU. So which vCPU it is about follows
 * from the thread alone, and an exit whose key was skipped has none. What is done with the
 * key is done at the entry, where no program is skipped.
 */
#ifndef EXITSTAT_DETAIL_H
#define EXITSTAT_DETAIL_H

#include <bpf/bpf_tracing.h>

#include "compat.h"
#include "vcpus.h"

ARRAY(details, struct exitstat_detail);
CHUNKS(detail_chunks, struct exitstat_detail);

/* What user space has harvested, to be used again. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__uint(value_size, sizeof(__u32));
} free_details SEC(".maps");

/* Entries as vcpus has. */
ARRAY(chains, struct exitstat_chains);
CHUNKS(chain_chunks, struct exitstat_chains);

/* What is kept besides; each entry program asks for its own, so that the others cost nothing. */
enum also {
	ALSO_DETAIL = 1 << 0,
	ALSO_RIP = 1 << 1, /* with ALSO_DETAIL */
	ALSO_SPLIT = 1 << 2,
	ALSO_ASK = 1 << 3,
};

/* --- whose exit it is ---------------------------------------------------------------- */

/* At an exit of SVM; of VMX detail_rip does it. What vcpu points to the verifier knows. */
static __always_inline void begin_rip(struct exitstat_vcpu *v, const struct kvm_vcpu *vcpu,
				      __u32 isa)
{
	if (isa != EXITSTAT_ISA_SVM || !bpf_core_type_exists(struct vcpu_svm))
		return;
	v->rip = compat_svm_rip(vcpu);
	v->has_rip = !((const struct vcpu_svm *)vcpu)->vcpu.arch.guest_state_protected;
}

/*
 * The vCPU that this thread is in, from the start of its ioctl to the end: KVM is told then
 * when the thread loses its CPU (vcpu_load() in virt/kvm/kvm_main.c). That is known of it
 * where no exit has been, too, as when KVM completes what user space did for it.
 */
static __noinline struct exitstat_vcpu *find_of(const struct task_struct *task)
{
	__u64 addr = 0;

	bpf_probe_read_kernel(&addr, sizeof(addr), &task->preempt_notifiers.first);
	return find_vcpu(addr - compat_vcpu_field_offset(preempt_notifier.link));
}

static __always_inline struct exitstat_vcpu *loaded_vcpu(struct exitstat_line **line)
{
	const struct hlist_node *link = bpf_get_current_task_btf()->preempt_notifiers.first;
	__u32 offset = compat_vcpu_field_offset(preempt_notifier.link);
	struct exitstat_vcpu *v;

	*line = lines[line_hash(low_half(link) - offset)].two;
	v = vcpu_of(*line);
	if (v && v->addr + offset == (__u64)link)
		return v;
	v = find_of(bpf_get_current_task_btf());
	if (v)
		*line = line_of(v);
	return v;
}

/* The same, if it has an exit that has not ended. */
static __always_inline struct exitstat_vcpu *current_vcpu(void)
{
	struct exitstat_line *line;
	struct exitstat_vcpu *v = loaded_vcpu(&line);

	return v && line->exit_ns ? v : NULL;
}

/* --- keys ------------------------------------------------------------------------------ */

/* A guest chooses its keys: this bounds what it can make of that. */
#define MAX_CHAIN 64

/* The upper bits of a product are the best mixed. */
#define CHAIN_SHIFT 54

_Static_assert(EXITSTAT_CHAINS == 1u << (64 - CHAIN_SHIFT), "a chain for each hash");

/* What tells keys of the same number apart: the record, the kind, the access. */
static __always_inline __u64 key_of(const struct exitstat_vcpu *v, const struct exitstat_record *r)
{
	return r->index | (__u64)v->what << 32;
}

static __always_inline __u32 chain_of(__u64 key, __u64 of)
{
	return (key + of) * 0x9e3779b97f4a7c15ULL >> CHAIN_SHIFT;
}

static __always_inline struct exitstat_detail *detail_at(__u32 index)
{
	return chunk_entry(&detail_chunks, index, EXITSTAT_DETAIL_BITS);
}

static __always_inline struct exitstat_detail *add_detail(const struct exitstat_vcpu *v,
							  struct exitstat_record *r, __u32 *head)
{
	__u32 index = alloc_index(&free_details, EXITSTAT_DETAILS);
	struct exitstat_detail *d = detail_at(index);

	if (!index || !d)
		return NULL;
	d->key = v->key;
	d->of = key_of(v, r);
	d->next = *head;
	d->sibling = r->details;
	/* Last: from here on user space walks into it. */
	barrier();
	*head = index;
	r->details = index;
	return d;
}

/* Of the exit that ends; NULL: no room. Number 0, at the end of a chain, is of no record. */
static __always_inline struct exitstat_detail *find_detail(const struct exitstat_vcpu *v,
							   struct exitstat_record *r)
{
	struct exitstat_chains *chain = chunk_entry(&chain_chunks, v->slot, 0);
	__u64 of = key_of(v, r);
	__u32 *head, *at;

	if (!chain)
		return NULL;
	head = &chain->head[chain_of(v->key, of)];
	at = head;
	for (int i = 0; i < MAX_CHAIN; i++) {
		struct exitstat_detail *d = detail_at(*at);

		if (!d)
			return NULL;
		if (d->key == v->key && d->of == of)
			return d;
		if (!*at)
			return add_detail(v, r, head);
		at = &d->next;
	}
	return NULL;
}

static __always_inline void add_to_detail(struct exitstat_detail *d, const struct exitstat_vcpu *v,
					  __u64 ns)
{
	d->accesses += v->accesses;
	d->sum_ns += ns;
	d->count++;
}

/*
 * A key that is new, or beyond the first chunk, or has no room: that is in what its record has of
 * such. Not static: the verifier goes through it once.
 */
__noinline int count_other_key(struct exitstat_vcpu *v, struct exitstat_record *r, __u64 ns)
{
	struct exitstat_detail *d;

	if (!v || !r)
		return 0;
	d = find_detail(v, r);
	if (d) {
		add_to_detail(d, v, ns);
	} else {
		r->rest_accesses += v->accesses;
		r->rest_ns += ns;
		r->rest_count++;
	}
	return 0;
}

/* The exit that ends, in its key. */
static __always_inline void count_key(struct exitstat_vcpu *v, struct exitstat_record *r, __u64 ns)
{
	struct exitstat_chains *chain = bpf_map_lookup_elem(&chains, &v->slot);
	__u64 of = key_of(v, r);
	__u32 *at;

	if (!chain)
		goto other;
	at = &chain->head[chain_of(v->key, of)];
	for (int i = 0; i < MAX_CHAIN; i++) {
		struct exitstat_detail *d = bpf_map_lookup_elem(&details, at);

		if (!d || !*at)
			break;
		if (d->key == v->key && d->of == of) {
			add_to_detail(d, v, ns);
			return;
		}
		at = &d->next;
	}
other:
	count_other_key(v, r, ns);
}

/* What was MMIO has been a fault first, on SVM: it is about the device. */
static __always_inline void set_key(struct exitstat_vcpu *v, __u8 kind, __u64 key, __u8 access)
{
	if (v->accesses && (kind != EXITSTAT_MMIO || v->kind != EXITSTAT_FAULT)) {
		v->accesses++;
		return;
	}
	v->key = key;
	v->kind = kind;
	v->access = access;
	v->accesses = 1;
}

static __always_inline int note_key(__u8 kind, __u64 key, __u8 access)
{
	struct exitstat_vcpu *v = current_vcpu();

	if (v)
		set_key(v, kind, key, access);
	return 0;
}

/*
 * Of an exception, an NMI or an external interrupt on VMX: KVM has read the vector by the
 * next entry (SDM vol. 3, "VM-Exit Interruption Information").
 */
#define VMX_EXIT_EXCEPTION_NMI	    0u
#define VMX_EXIT_EXTERNAL_INTERRUPT 1u
_Static_assert(!VMX_EXIT_EXCEPTION_NMI, "none is below it");

static __noinline int note_vector(struct exitstat_vcpu *v)
{
	__u32 info = compat_read_u32((void *)v->addr, compat_vmx_intr_info_offset());

	set_key(v, EXITSTAT_VECTOR, info & 0xff, EXITSTAT_READ);
	return 0;
}

static __always_inline bool has_vector(const struct exitstat_vcpu *v,
				       const struct exitstat_record *r)
{
	return bpf_core_type_exists(struct vcpu_vmx) && kinds & 1 << EXITSTAT_VECTOR &&
	       v->isa == EXITSTAT_ISA_VMX &&
	       (r->class.reason & EXITSTAT_VMX_BASIC_MASK) <= VMX_EXIT_EXTERNAL_INTERRUPT;
}

/* Where an exit is about nothing else, it is about where the guest was. */
static __always_inline void use_rip(struct exitstat_vcpu *v)
{
	if (!v->has_rip && v->isa == EXITSTAT_ISA_VMX)
		lost(&ledger.rips);
	if (v->has_rip && !v->accesses)
		set_key(v, EXITSTAT_RIP, v->rip, EXITSTAT_READ);
	v->has_rip = 0;
}

/* At the entry that ends an exit, which this record has. */
static __always_inline void end_detail(struct exitstat_vcpu *v, struct exitstat_record *r, __u64 ns,
				       __u32 also)
{
	if (!v->accesses && has_vector(v, r))
		note_vector(v);
	if (also & ALSO_RIP)
		use_rip(v);
	if (v->accesses)
		count_key(v, r, ns);
}

/*
 * On VMX the RIP is in the VMCS until somebody asks KVM for it, which a program cannot. The
 * tracepoint's record has it: KVM makes it for whoever is attached to the plain one. It may
 * be made before the exit is counted, or after.
 */
SEC("tp/kvm/kvm_exit")
int detail_rip(struct trace_event_raw_kvm_exit *event)
{
	struct exitstat_line *line;
	struct exitstat_vcpu *v = loaded_vcpu(&line);

	if (!v)
		return 1;
	v->rip = event->guest_rip;
	v->has_rip = !compat_vmx_is_protected(v->addr);
	return 1;
}

/* --- KVM's tracepoints: attached are those of the kinds that are asked for ------------- */

SEC("tp_btf/kvm_pio")
int BPF_PROG(detail_pio, unsigned int out, unsigned int port)
{
	return note_key(EXITSTAT_IO, port, out ? EXITSTAT_WRITE : EXITSTAT_READ);
}

SEC("tp_btf/kvm_msr")
int BPF_PROG(detail_msr, unsigned int write, __u32 index)
{
	return note_key(EXITSTAT_MSR, index, write ? EXITSTAT_WRITE : EXITSTAT_READ);
}

/* Of the pages whose registers have names the register, of all others the page. */
static __always_inline __u64 mmio_key(__u64 gpa)
{
	switch (gpa >> 12) {
	case 0xfec00: /* IOAPIC, 82093AA */
	case 0xfed00: /* HPET */
	case 0xfee00: /* local APIC */
		return gpa & ~3ULL;
	}
	return gpa & ~0xfffULL;
}

/* KVM_TRACE_MMIO_* of include/trace/events/kvm.h */
enum {
	READ_UNSATISFIED,
	READ,
	WRITE
};

/* A read that user space has to do is traced twice: when it is asked, and when it is done. */
SEC("tp_btf/kvm_mmio")
int BPF_PROG(detail_mmio, int type, int len, __u64 gpa)
{
	struct exitstat_vcpu *v = current_vcpu();
	bool done;

	if (!v)
		return 0;
	done = type == READ && v->reads;
	v->reads = type == READ_UNSATISFIED;
	if (!done)
		set_key(v, EXITSTAT_MMIO, mmio_key(gpa),
			type == WRITE ? EXITSTAT_WRITE : EXITSTAT_READ);
	return 0;
}

SEC("tp_btf/kvm_fast_mmio")
int BPF_PROG(detail_fast_mmio, __u64 gpa)
{
	return note_key(EXITSTAT_MMIO, mmio_key(gpa), EXITSTAT_WRITE);
}

/*
 * VMX hands over the exit qualification (SDM vol. 3, table "Exit Qualification for EPT
 * Violations": bit 1 a write, bit 2 a fetch), SVM EXITINFO1 (APM vol. 2, "Nested versus
 * Guest Page Faults", as of a page fault: bit 1 a write, bit 4 a fetch).
 */
#define FAULT_WRITE	(1u << 1)
#define FAULT_FETCH_VMX (1u << 2)
#define FAULT_FETCH_SVM (1u << 4)

SEC("tp_btf/kvm_page_fault")
int BPF_PROG(detail_fault, struct kvm_vcpu *vcpu, __u64 gpa, __u64 code)
{
	struct exitstat_vcpu *v = current_vcpu();
	__u8 access;

	if (!v)
		return 0;
	if (code & (v->isa == EXITSTAT_ISA_VMX ? FAULT_FETCH_VMX : FAULT_FETCH_SVM))
		access = EXITSTAT_EXECUTE;
	else
		access = code & FAULT_WRITE ? EXITSTAT_WRITE : EXITSTAT_READ;
	/* Without nested paging it is a virtual address: its lower 52 bits tell it, too. */
	set_key(v, EXITSTAT_FAULT, gpa & 0xffffffffff000ULL, access);
	return 0;
}

SEC("tp_btf/kvm_cpuid")
int BPF_PROG(detail_cpuid, __u32 leaf, __u32 subleaf)
{
	return note_key(EXITSTAT_CPUID,
			leaf | (exitstat_has_subleaves(leaf) ? (__u64)subleaf << 32 : 0),
			EXITSTAT_READ);
}

SEC("tp_btf/kvm_hypercall")
int BPF_PROG(detail_hypercall, unsigned long nr)
{
	return note_key(EXITSTAT_HYPERCALL, (__u32)nr | (__u64)EXITSTAT_KVM << 32, EXITSTAT_READ);
}

SEC("tp_btf/kvm_hv_hypercall")
int BPF_PROG(detail_hv_hypercall, __u16 code)
{
	return note_key(EXITSTAT_HYPERCALL, code | (__u64)EXITSTAT_HYPERV << 32, EXITSTAT_READ);
}

/* arch/x86/kvm/trace.h: the first argument is the CPL where the event has one (6.12). */
SEC("tp_btf/kvm_xen_hypercall")
int BPF_PROG(detail_xen_hypercall, unsigned long first, unsigned long second)
{
	/* Both are read: the verifier wants no address of one of two arguments. */
	barrier_var(first);
	barrier_var(second);
	if (bpf_core_field_exists(struct trace_event_raw_kvm_xen_hypercall, cpl))
		first = second;
	return note_key(EXITSTAT_HYPERCALL, (__u32)first | (__u64)EXITSTAT_XEN << 32,
			EXITSTAT_READ);
}

#endif
