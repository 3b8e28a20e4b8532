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

#include "../vmlinux/kvm_types.h"
#include "compat.h"
#include "exitstat.h"

char LICENSE[] SEC("license") = "GPL";

#define ENOENT 2

/* Set before load. */
const volatile __u32 max_vcpus = 1;
const volatile __u32 max_records = 1;
const volatile __u32 filter_pids;
const volatile __u32 filter_vcpus;
/* Offsets in the plain tracepoint's record, from its format file. */
const volatile __u32 plain_reason_offset;
const volatile __u32 plain_isa_offset;
const volatile __u32 plain_vcpu_id_offset;

/* Set while all the plain programs are attached: only then do they count. */
volatile bool plain_on;

struct exitstat_ledger ledger;
__u32 host_tsc_khz;

static __u32 last_vcpu;
static __u32 last_record;
static __u64 last_serial;
static __u64 last_vm_serial;

/*
 * Where a vCPU's slot was last found, by a hash of its address. Only a hint: a
 * slot is taken when it says that it belongs to this vCPU, so two vCPUs that
 * share an entry, and an address that is used again, cost time and no more.
 */
#define HINT_BITS 14
static __u32 hints[1 << HINT_BITS];

/* Both arrays are mapped by user space; entry 0 means none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exitstat_vcpu);
} vcpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exitstat_record);
} records SEC(".maps");

/* What user space has harvested of vCPUs that ended, to be used again. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__uint(value_size, sizeof(__u32));
} free_vcpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__uint(value_size, sizeof(__u32));
} free_records SEC(".maps");

/* Address of a live struct kvm_vcpu to its slot. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} slot_of_vcpu SEC(".maps");

/* Address of a live struct kvm to the VM's serial. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u64);
} serial_of_vm SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8);
} wanted_pids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8);
} wanted_vcpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} events SEC(".maps");

/*
 * The plain way: one hit of the tracepoint is seen by two programs, of which each
 * knows a half. The one that comes first leaves its half here for the other.
 */
enum plain_half {
	HALF_NONE,
	HALF_VCPU,   /* the vCPU, of plain_hand_over */
	HALF_RECORD, /* the reason, of plain_exit */
};

struct plain_hit {
	__u64 vcpu;
	__u32 half;
	__u32 reason;
	__u32 isa;
	__u32 vcpu_id;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct plain_hit);
} plain_hits SEC(".maps");

extern const void tsc_khz __ksym __weak;

/* --- vCPU slots: the rare path ------------------------------------------- */

static __always_inline __u32 alloc_index(void *recycled, __u32 *last, __u32 max)
{
	__u32 index;

	if (!bpf_map_pop_elem(recycled, &index))
		return index;
	if (*(volatile __u32 *)last >= max)
		return 0;
	index = __sync_fetch_and_add(last, 1) + 1;
	return index <= max ? index : 0;
}

static __always_inline void lost(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline void tell(__u32 type, __u32 slot)
{
	struct exitstat_event event = { .type = type, .slot = slot };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
}

/* Two vCPUs of a new VM may come here at once: the first to insert wins. */
static __always_inline __u64 vm_serial(__u64 kvm)
{
	__u64 *known, serial;

	known = bpf_map_lookup_elem(&serial_of_vm, &kvm);
	if (known)
		return *known;
	serial = __sync_fetch_and_add(&last_vm_serial, 1) + 1;
	bpf_map_update_elem(&serial_of_vm, &kvm, &serial, BPF_NOEXIST);
	known = bpf_map_lookup_elem(&serial_of_vm, &kvm);
	return known ? *known : 0;
}

static __always_inline bool wanted(__u32 pid, __u32 vcpu_id)
{
	if (filter_pids && !bpf_map_lookup_elem(&wanted_pids, &pid))
		return false;
	if (filter_vcpus && !bpf_map_lookup_elem(&wanted_vcpus, &vcpu_id))
		return false;
	return true;
}

static __always_inline struct exitstat_vcpu *claim_slot(__u64 addr, __u64 vm, __u32 *slot)
{
	struct exitstat_vcpu *v;

	*slot = alloc_index(&free_vcpus, &last_vcpu, max_vcpus);
	if (!*slot)
		return NULL;
	v = bpf_map_lookup_elem(&vcpus, slot);
	if (!v)
		return NULL;
	v->vm_serial = vm_serial(vm);
	if (!v->vm_serial || bpf_map_update_elem(&slot_of_vcpu, &addr, slot, BPF_NOEXIST)) {
		bpf_map_push_elem(&free_vcpus, slot, BPF_ANY);
		return NULL;
	}
	return v;
}

/* The first exit of a vCPU: give it a slot, or count the exit as lost. */
static __noinline struct exitstat_vcpu *add_vcpu(__u64 addr, __u64 vm, __u32 vcpu_id, __u32 isa)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct task_struct *task = bpf_get_current_task_btf();
	struct exitstat_vcpu *v;
	__u32 slot = 0;

	if (!wanted(pid_tgid >> 32, vcpu_id))
		return NULL;
	v = claim_slot(addr, vm, &slot);
	if (!v) {
		lost(&ledger.map_full);
		return NULL;
	}
	v->vcpu_id = vcpu_id;
	v->isa = isa;
	v->pid = pid_tgid >> 32;
	v->tid = (__u32)pid_tgid;
	bpf_probe_read_kernel_str(v->comm, sizeof(v->comm), task->group_leader->comm);
	v->start_ns = bpf_ktime_get_ns();
	v->addr = addr;
	/* Last: user space takes a slot with a serial for complete (x86 keeps the order). */
	barrier();
	v->serial = __sync_fetch_and_add(&last_serial, 1) + 1;
	tell(EXITSTAT_VCPU_STARTED, slot);
	return v;
}

static __noinline struct exitstat_vcpu *find_unhinted(__u64 addr, __u32 *hint)
{
	__u32 *slot = bpf_map_lookup_elem(&slot_of_vcpu, &addr);

	if (!slot)
		return NULL;
	*hint = *slot;
	return bpf_map_lookup_elem(&vcpus, slot);
}

/* --- records: the rare path ---------------------------------------------- */

#define MAX_LISTED 64

static __noinline __u32 find_listed(struct exitstat_vcpu *v, __u32 reason)
{
	__u32 index = v->first;
	int i;

	for (i = 0; i < MAX_LISTED && index; i++) {
		struct exitstat_record *r = bpf_map_lookup_elem(&records, &index);

		if (!r)
			break;
		if (r->reason == reason)
			return index;
		index = r->next;
	}
	return 0;
}

static __noinline __u32 add_record(struct exitstat_vcpu *v, __u32 reason)
{
	__u32 index = alloc_index(&free_records, &last_record, max_records);
	struct exitstat_record *r;

	if (!index)
		return 0;
	r = bpf_map_lookup_elem(&records, &index);
	if (!r)
		return 0;
	r->reason = reason;
	r->min_ns = ~0ULL;
	r->next = v->first;
	/* Last: from here on user space walks into it. */
	barrier();
	v->first = index;
	return index;
}

/* --- every exit and every entry ------------------------------------------ */

/*
 * The verifier allows no arithmetic on a kernel pointer, but a 32-bit move of it
 * is a number, and all that a hash needs.
 */
static __always_inline __u32 low_half(const void *ptr)
{
	__u32 low;

	asm volatile("%0 = %1" : "=w"(low) : "w"((__u32)(__u64)ptr));
	return low;
}

static __always_inline struct exitstat_vcpu *find_vcpu(const struct kvm_vcpu *vcpu)
{
	__u32 *hint = &hints[(low_half(vcpu) * 0x9e3779b1u) >> (32 - HINT_BITS)];
	struct exitstat_vcpu *v = bpf_map_lookup_elem(&vcpus, hint);

	if (v && v->addr == (__u64)vcpu)
		return v;
	return find_unhinted((__u64)vcpu, hint);
}

static __always_inline __u32 find_record(struct exitstat_vcpu *v, __u32 reason)
{
	__u32 direct = reason, index;

	/* Have the tests done on the very register that is the index: 6.1's verifier
	 * does not carry bounds over to a 32-bit copy.
	 */
	barrier_var(direct);
	if (direct >= EXITSTAT_DIRECT_LOW) {
		direct -= EXITSTAT_NPF_BASE;
		barrier_var(direct);
		if (direct >= EXITSTAT_NPF_REASONS)
			return find_listed(v, reason) ?: add_record(v, reason);
		direct += EXITSTAT_DIRECT_LOW;
	}
	index = v->record[direct];
	if (!index) {
		index = add_record(v, reason);
		v->record[direct] = index;
	}
	return index;
}

static __always_inline void count_exit(struct exitstat_vcpu *v, __u32 reason)
{
	__u32 index = find_record(v, reason);
	struct exitstat_record *r = bpf_map_lookup_elem(&records, &index);

	if (v->pending)
		lost(&ledger.unpaired);
	v->pending = index;
	if (!r || !index) {
		lost(&ledger.map_full);
		return;
	}
	r->count++;
	/* Last, so that what we do here is not in the time. */
	v->exit_ns = bpf_ktime_get_ns();
}

static __always_inline void time_entry(struct exitstat_vcpu *v, __u64 now)
{
	struct exitstat_record *r = bpf_map_lookup_elem(&records, &v->pending);
	__u64 ns = now - v->exit_ns;
	__u32 bucket;

	v->pending = 0;
	if (!r)
		return;
	r->sum_ns += ns;
	if (ns < r->min_ns)
		r->min_ns = ns;
	if (ns > r->max_ns)
		r->max_ns = ns;
	bucket = exitstat_bucket(ns);
	if (bucket < EXITSTAT_HIST_BUCKETS)
		r->hist[bucket]++;
}

static __always_inline void on_entry(const struct kvm_vcpu *vcpu)
{
	__u64 now = bpf_ktime_get_ns();
	struct exitstat_vcpu *v = find_vcpu(vcpu);

	if (v && v->pending)
		time_entry(v, now);
}

/*
 * The address may be given to a new vCPU at once, so the slot stops answering to
 * it here. A vCPU that has run is destroyed only with its VM.
 */
static __always_inline void on_destroy(const struct kvm_vcpu *vcpu, __u64 vm)
{
	__u64 addr = (__u64)vcpu;
	__u32 *slot = bpf_map_lookup_elem(&slot_of_vcpu, &addr);
	struct exitstat_vcpu *v;
	__u32 index;

	if (!slot)
		return;
	index = *slot;
	bpf_map_delete_elem(&slot_of_vcpu, &addr);
	bpf_map_delete_elem(&serial_of_vm, &vm);
	v = bpf_map_lookup_elem(&vcpus, &index);
	if (!v)
		return;
	v->addr = 0;
	barrier();
	v->end_ns = bpf_ktime_get_ns();
	tell(EXITSTAT_VCPU_ENDED, index);
}

/* --- the typed way -------------------------------------------------------- */

static __always_inline __u32 read_u32(const void *base, __u32 offset)
{
	__u32 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), base + offset);
	return value;
}

/*
 * Reading the pointer to the VMCB costs as much as reading the exit code, so it
 * is kept: unless a nested guest runs it is vmcb01, allocated with the vCPU and
 * freed with it.
 */
static __always_inline __u32 svm_exit_code(const struct kvm_vcpu *vcpu, struct exitstat_vcpu *v)
{
	__u64 vmcb = v->vmcb;

	if (!vmcb || vcpu->stat.guest_mode) {
		bpf_probe_read_kernel(&vmcb, sizeof(vmcb),
				      (void *)vcpu + bpf_core_field_offset(struct vcpu_svm, vmcb));
		if (!vcpu->stat.guest_mode)
			v->vmcb = vmcb;
	}
	return read_u32((void *)vmcb, bpf_core_field_offset(struct vmcb, control.exit_code));
}

static __always_inline __u32 exit_reason(const struct kvm_vcpu *vcpu, __u32 isa,
					 struct exitstat_vcpu *v)
{
	if (isa == EXITSTAT_ISA_SVM && bpf_core_type_exists(struct vcpu_svm))
		return svm_exit_code(vcpu, v);
	if (isa == EXITSTAT_ISA_VMX && bpf_core_type_exists(struct vcpu_vmx))
		return read_u32(vcpu, compat_vmx_reason_offset());
	return ~0u;
}

SEC("tp_btf/kvm_exit")
int BPF_PROG(typed_exit, struct kvm_vcpu *vcpu, __u32 isa)
{
	struct exitstat_vcpu *v;

	if (compat_is_null(vcpu))
		return 0;
	v = find_vcpu(vcpu);
	if (!v) {
		v = add_vcpu((__u64)vcpu, (__u64)vcpu->kvm, vcpu->vcpu_id, isa);
		if (!v)
			return 0;
	}
	count_exit(v, exit_reason(vcpu, isa, v));
	return 0;
}

SEC("tp_btf/kvm_entry")
int BPF_PROG(typed_entry, struct kvm_vcpu *vcpu)
{
	on_entry(vcpu);
	return 0;
}

/* --- the plain way -------------------------------------------------------- */

/* struct kvm is the first member of struct kvm_vcpu; no BTF says so here. */
static __always_inline __u64 plain_vm(__u64 vcpu)
{
	__u64 vm = 0;

	bpf_probe_read_kernel(&vm, sizeof(vm), (void *)vcpu);
	return vm;
}

/*
 * Usually plain_hand_over runs first. But where another user of the tracepoint,
 * perf say, was there before us, plain_exit runs with his, and is. A half that is
 * still alone when a guest is entered, or when its like comes again, means that
 * the kernel skipped a program: it does so on plain tracepoints, without a word,
 * while a map is being updated on that CPU.
 */
static __always_inline bool make_whole(struct plain_hit *hit, enum plain_half half)
{
	__u32 waiting = hit->half;

	hit->half = HALF_NONE;
	if (!plain_on)
		return false;
	if (waiting && waiting != half)
		return true;
	if (waiting)
		lost(&ledger.missed);
	hit->half = half;
	return false;
}

static __always_inline void count_plain(const struct plain_hit *hit)
{
	struct exitstat_vcpu *v = find_vcpu((void *)hit->vcpu);

	if (!v)
		v = add_vcpu(hit->vcpu, plain_vm(hit->vcpu), hit->vcpu_id, hit->isa);
	if (v)
		count_exit(v, hit->reason);
}

SEC("raw_tp/kvm_exit")
int plain_hand_over(struct bpf_raw_tracepoint_args *ctx)
{
	struct plain_hit *hit = bpf_map_lookup_elem(&plain_hits, &(__u32){ 0 });

	if (!hit)
		return 0;
	hit->vcpu = ctx->args[0];
	if (make_whole(hit, HALF_VCPU))
		count_plain(hit);
	return 0;
}

/* Returns 1: a 0 would hide the event from perf. */
SEC("tp/kvm/kvm_exit")
int plain_exit(void *ctx)
{
	struct plain_hit *hit = bpf_map_lookup_elem(&plain_hits, &(__u32){ 0 });

	if (!hit)
		return 1;
	hit->reason = read_u32(ctx, plain_reason_offset);
	hit->isa = read_u32(ctx, plain_isa_offset);
	hit->vcpu_id = read_u32(ctx, plain_vcpu_id_offset);
	if (make_whole(hit, HALF_RECORD))
		count_plain(hit);
	return 1;
}

SEC("raw_tp/kvm_entry")
int plain_entry(struct bpf_raw_tracepoint_args *ctx)
{
	struct plain_hit *hit = bpf_map_lookup_elem(&plain_hits, &(__u32){ 0 });

	if (hit && hit->half) {
		hit->half = HALF_NONE;
		if (plain_on)
			lost(&ledger.missed);
	}
	on_entry((void *)ctx->args[0]);
	return 0;
}

/* --- the end of a vCPU: one of the two, whichever the kernel has ---------- */

SEC("fentry/kvm_arch_vcpu_destroy")
int BPF_PROG(destroy_fentry, struct kvm_vcpu *vcpu)
{
	on_destroy(vcpu, (__u64)vcpu->kvm);
	return 0;
}

SEC("kprobe/kvm_arch_vcpu_destroy")
int BPF_KPROBE(destroy_kprobe, void *vcpu)
{
	on_destroy(vcpu, plain_vm((__u64)vcpu));
	return 0;
}

/* --- asked once, at start ------------------------------------------------- */

SEC("syscall")
int read_tsc_khz(void *ctx)
{
	if (&tsc_khz)
		host_tsc_khz = read_u32(&tsc_khz, 0);
	return 0;
}
