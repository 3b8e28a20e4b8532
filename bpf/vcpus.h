/* SPDX-License-Identifier: GPL-2.0-only */
/* A vCPU's slot and the records of its reasons: found at each exit, made at the first. */
#ifndef EXITSTAT_VCPUS_H
#define EXITSTAT_VCPUS_H

#include <bpf/bpf_helpers.h>

#include "ends.h"
#include "maps.h"

/* --- vCPU slots: the rare path ------------------------------------------- */

static __always_inline __u32 alloc_index(void *recycled, enum exitstat_room_of what)
{
	__u32 index, end = *(volatile __u32 *)&room.end[what];

	if (!bpf_map_pop_elem(recycled, &index))
		return index;
	index = *(volatile __u32 *)&room.last[what] + 1;
	if (index >= end)
		return 0;
	if (index + room.few[what] >= end)
		tell(EXITSTAT_LITTLE_ROOM, 0);
	index = __sync_fetch_and_add(&room.last[what], 1) + 1;
	return index < end ? index : 0;
}

/*
 * Two vCPUs of a new VM may come here at once: the first to insert wins. A VM that has
 * this vCPU already is one that ended unseen.
 */
static __always_inline __u64 vm_serial(__u64 kvm, __u32 vcpu_id)
{
	__u64 *known = bpf_map_lookup_elem(&serial_of_vm, &kvm), serial;

	if (known) {
		serial = *known;
		if (!is_taken(serial, vcpu_id))
			return serial;
		end_vm(serial);
	}
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

static __always_inline struct exitstat_vcpu *claim_slot(__u64 addr, __u64 vm, __u32 vcpu_id,
							__u32 *slot)
{
	struct exitstat_vcpu *v;

	*slot = alloc_index(&free_vcpus, EXITSTAT_VCPUS);
	if (!*slot)
		return NULL;
	v = bpf_map_lookup_elem(&vcpus, slot);
	if (!v)
		return NULL;
	v->vm_serial = vm_serial(vm, vcpu_id);
	/* A vCPU is in one thread: what is there under its address is of one that ended. */
	if (!v->vm_serial || bpf_map_update_elem(&slot_of_vcpu, &addr, slot, BPF_ANY)) {
		bpf_map_push_elem(&free_vcpus, slot, BPF_ANY);
		return NULL;
	}
	return v;
}

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

/* By the lower half of a vCPU's address. */
static __always_inline __u32 line_hash(__u32 low)
{
	return (low * 0x9e3779b1u) >> (32 - EXITSTAT_LINE_BITS);
}

/* Two vCPUs may want the same at once. */
static __always_inline bool take(struct exitstat_line *line, __u32 slot)
{
	return !__sync_val_compare_and_swap(&line->slot, 0, slot);
}

static __noinline int take_line(struct exitstat_vcpu *v, __u32 slot)
{
	__u32 hash = line_hash((__u32)v->addr);

	v->spare.slot = slot;
	if (take(&lines[hash].two[0], slot))
		v->line = 2 * hash + 1;
	else if (take(&lines[hash].two[1], slot))
		v->line = 2 * hash + 2;
	return 0;
}

/* By copies: where a pointer is followed the verifier searches all types for what it may be. */
static __always_inline __u64 vm_of(const struct kvm_vcpu *vcpu)
{
	return compat_read_u64(vcpu, compat_vcpu_field_offset(kvm));
}

static __always_inline __u64 born(__u64 vm)
{
	return compat_read_u64((void *)vm, compat_vm_field_offset(arch.kvmclock_offset));
}

/* The first exit of a vCPU: give it a slot, or count the exit as lost. */
static __noinline struct exitstat_vcpu *add_vcpu(__u64 addr, __u64 vm, __u32 vcpu_id, __u32 isa)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	const struct task_struct *task = (void *)bpf_get_current_task();
	struct exitstat_vcpu *v;
	__u32 slot = 0;

	if (!wanted(pid_tgid >> 32, vcpu_id))
		return NULL;
	v = claim_slot(addr, vm, vcpu_id, &slot);
	if (!v) {
		lost(&ledger.map_full);
		return NULL;
	}
	v->slot = slot;
	v->vm = vm;
	v->vcpu_id = vcpu_id;
	v->isa = isa;
	v->pid = pid_tgid >> 32;
	v->tid = (__u32)pid_tgid;
	BPF_CORE_READ_STR_INTO(&v->comm, task, group_leader, comm);
	v->start_ns = bpf_ktime_get_ns();
	v->addr = addr;
	take_line(v, slot);
	line_of(v)->class.level = EXITSTAT_L1;
	/* Last: user space takes a slot with a serial for complete (x86 keeps the order). */
	barrier();
	v->serial = __sync_fetch_and_add(&last_serial, 1) + 1;
	tell(EXITSTAT_VCPU_STARTED, slot);
	return v;
}

/* By its line, or if that is not one of the two by its address. */
static __noinline struct exitstat_vcpu *find_vcpu(__u64 addr)
{
	struct exitstat_line *line = lines[line_hash(low_half((void *)addr))].two;
	struct exitstat_vcpu *v;
	__u32 *slot;

	v = bpf_map_lookup_elem(&vcpus, &line[0].slot);
	if (v && v->addr == addr)
		return v;
	v = bpf_map_lookup_elem(&vcpus, &line[1].slot);
	if (v && v->addr == addr)
		return v;
	slot = bpf_map_lookup_elem(&slot_of_vcpu, &addr);
	v = slot ? bpf_map_lookup_elem(&vcpus, slot) : NULL;
	return v && v->addr == addr ? v : NULL;
}

/* --- records: the rare path ---------------------------------------------- */

static __noinline __u32 add_record(struct exitstat_vcpu *v, __u32 reason, __u32 level)
{
	__u32 index = alloc_index(&free_records, EXITSTAT_RECORDS);
	struct exitstat_record *r;

	/* From here on the level of each exit is looked at. */
	if (exitstat_begins_nested(v->isa, reason))
		line_of(v)->own = 0;
	if (!index)
		return 0;
	r = record_at(index);
	if (!r)
		return 0;
	r->class.reason = reason;
	r->class.level = level;
	r->index = index;
	r->min_ns = ~0ULL;
	r->next = v->first;
	/* Last: from here on user space walks into it. */
	barrier();
	v->first = index;
	return index;
}

/*
 * More than all codes that a manual defines. Whoever has more kinds of exits has those
 * that are beyond counted as lost, not in a second record of the same reason.
 */
#define MAX_LISTED 512

/* As many where the kernel has no bpf_loop(): its verifier goes through each step. */
#define MAX_STEPS 64

struct listed {
	__u32 reason;
	__u32 level;
	__u32 index; /* of the record to look at; 0: at the end */
	bool found;
};

static long look_at(__u32 step, struct listed *job)
{
	struct exitstat_record *r = record_at(job->index);

	if (!r)
		return 1;
	job->found = r->class.reason == job->reason && r->class.level == job->level;
	if (job->found)
		return 1;
	job->index = r->next;
	return !job->index;
}

/* Not static: so the verifier goes through it once, not with each state that it is called in. */
__noinline __u32 find_listed(struct exitstat_vcpu *v, __u32 reason, __u32 level)
{
	struct listed job = { .reason = reason, .level = level };

	if (!v)
		return 0;
	job.index = v->first;
	if (!job.index)
		return add_record(v, reason, level);
	if (compat_has_loop())
		bpf_loop(MAX_LISTED, look_at, &job, 0);
	else
		for (int i = 0; i < MAX_STEPS && !look_at(i, &job); i++)
			;
	if (job.found)
		return job.index;
	return job.index ? 0 : add_record(v, reason, level);
}

/* Where the direct index has the record of a reason of L1; NULL: not there. */
static __always_inline __u32 *direct_index(const struct exitstat_vcpu *v, __u32 reason)
{
	struct exitstat_index *index = chunk_entry(&indexes, v->slot, 0);
	__u32 direct = reason;

	/* Have the tests done on the very register that is the index: 6.1's verifier
	 * does not carry bounds over to a 32-bit copy.
	 */
	barrier_var(direct);
	if (direct >= EXITSTAT_DIRECT_LOW) {
		direct -= EXITSTAT_NPF_BASE;
		barrier_var(direct);
		if (direct >= EXITSTAT_NPF_REASONS)
			return NULL;
		direct += EXITSTAT_DIRECT_LOW;
	}
	return index ? &index->record[direct] : NULL;
}

/* Of the exit that the vCPU's line has; 0: there is no room. Not static, as above. */
__noinline __u32 find_record(struct exitstat_vcpu *v)
{
	struct exitstat_line *line;
	__u32 reason, level, *direct;

	if (!v)
		return 0;
	line = line_of(v);
	reason = line->class.reason;
	level = line->class.level;
	direct = level == EXITSTAT_L1 ? direct_index(v, reason) : NULL;

	if (!direct)
		return find_listed(v, reason, level);
	/* It may be in the list: the index may have come after it. */
	if (!*direct)
		*direct = find_listed(v, reason, level);
	return *direct;
}

/* --- every exit and every entry ------------------------------------------ */

/* Whose VM has no nested guest: the others are found the long way. */
static __always_inline struct exitstat_line *find_own(const struct kvm_vcpu *vcpu)
{
	struct exitstat_line *line = lines[line_hash(low_half(vcpu))].two;

	/* Else the compiler gets at the second one the same long way, or copies the first. */
	barrier_var(line);
	if (line->own == (__u64)vcpu)
		return line;
	line++;
	barrier_var(line);
	return line->own == (__u64)vcpu ? line : NULL;
}

static __always_inline struct exitstat_vcpu *vcpu_of(struct exitstat_line *line)
{
	return bpf_map_lookup_elem(&vcpus, &line->slot);
}

#endif
