/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of a vCPU: its slot becomes user space's. The kernel may skip the program
 * that is to see it, and the next vCPU may get the same address. So what shows that a
 * vCPU has gone is looked for, too, where that costs next to nothing.
 */
#ifndef EXITSTAT_ENDS_H
#define EXITSTAT_ENDS_H

#include "compat.h"
#include "maps.h"

static __always_inline void tell(__u32 type, __u32 slot)
{
	struct exitstat_event event = { .type = type, .slot = slot };

	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
}

static __always_inline struct exitstat_line *line_of(struct exitstat_vcpu *v)
{
	__u32 line = v->line - 1;

	return v->line ? &lines[line / 2 & (EXITSTAT_LINES / 2 - 1)].two[line & 1] : &v->spare;
}

/* An exit that has had no entry is still read, from the slot. */
static __noinline int give_line_back(struct exitstat_vcpu *v)
{
	struct exitstat_line *line = line_of(v);

	line->own = 0;
	if (!v->line)
		return 0;
	v->spare.class = line->class;
	v->spare.exit_ns = line->exit_ns;
	barrier();
	v->line = 0;
	barrier();
	line->exit_ns = 0;
	__builtin_memset(line->record, 0, sizeof(line->record));
	/* Last: from here on another vCPU may take it. */
	barrier();
	line->slot = 0;
	return 0;
}

/*
 * The address may be given to a new vCPU at once, so the slot stops answering to it
 * here. That it is still in slot_of_vcpu, if it cannot be deleted, does no harm.
 */
static __always_inline void end_slot(struct exitstat_vcpu *v, __u32 slot)
{
	bpf_map_delete_elem(&slot_of_vcpu, &v->addr);
	bpf_map_delete_elem(&serial_of_vm, &v->vm);
	v->addr = 0;
	give_line_back(v);
	barrier();
	v->end_ns = bpf_ktime_get_ns();
	tell(EXITSTAT_VCPU_ENDED, slot);
}

/* --- ends that were not seen -------------------------------------------------------- */

struct end_job {
	__u64 vm_serial;
	__u32 vcpu_id;
	bool found;
};

static __always_inline struct exitstat_vcpu *live_slot_of(__u32 slot, __u64 vm_serial)
{
	struct exitstat_vcpu *v = bpf_map_lookup_elem(&vcpus, &slot);

	return v && v->serial && !v->end_ns && v->vm_serial == vm_serial ? v : NULL;
}

static long end_one(__u32 i, struct end_job *job)
{
	struct exitstat_vcpu *v = live_slot_of(i + 1, job->vm_serial);

	if (v)
		end_slot(v, i + 1);
	return 0;
}

static long find_one(__u32 i, struct end_job *job)
{
	struct exitstat_vcpu *v = live_slot_of(i + 1, job->vm_serial);

	if (!v || v->vcpu_id != job->vcpu_id)
		return 0;
	job->found = true;
	return 1;
}

static __always_inline __u32 used_slots(void)
{
	__u32 last = room.last[EXITSTAT_VCPUS], end = room.end[EXITSTAT_VCPUS];

	return last < end ? last : end - 1;
}

/* A vCPU that has run is destroyed only with its VM, so all have gone. */
static __noinline int end_vm(__u64 serial)
{
	struct end_job job = { .vm_serial = serial };

	if (compat_has_loop())
		bpf_loop(used_slots(), end_one, &job, 0);
	return 0;
}

/* A vCPU of that VM has its first exit: was another in its place? Then the VM is new. */
static __noinline bool is_taken(__u64 serial, __u32 vcpu_id)
{
	struct end_job job = { .vm_serial = serial, .vcpu_id = vcpu_id };

	if (compat_has_loop())
		bpf_loop(used_slots(), find_one, &job, 0);
	return job.found;
}

#endif
