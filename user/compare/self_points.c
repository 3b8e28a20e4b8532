// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "compare/self_host.h"

static const struct host_vcpu *find_vcpu(const struct host_vm *vm, uint32_t id)
{
	for (size_t i = 0; vm && i < vm->nvcpus; i++)
		if (vm->vcpus[i].id == id)
			return &vm->vcpus[i];
	return NULL;
}

static const struct host_reason *find_reason(const struct host_vm *vm, uint32_t id, uint32_t word)
{
	const struct host_vcpu *vcpu = find_vcpu(vm, id);

	for (size_t i = 0; vcpu && i < vcpu->nreasons; i++)
		if (reason_word(&vcpu->reasons[i]) == word)
			return &vcpu->reasons[i];
	return NULL;
}

static const struct host_vm *find_vm(const struct host_point *point, uint64_t index)
{
	for (size_t i = 0; i < point->nvms; i++)
		if (point->vms[i].index == index)
			return &point->vms[i];
	return NULL;
}

static uint64_t sum_of(const struct host_vm *vm)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < vm->nvcpus; i++)
		for (size_t j = 0; j < vm->vcpus[i].nreasons; j++)
			sum += vm->vcpus[i].reasons[j].count;
	return sum;
}

/*
 * Counters only grow, so one of two is wrong when they do not: that which does not
 * add up, or the earlier one if the later fits what was before both.
 */
static bool later_is_wrong(const struct host_vm *earlier, const struct host_vm *later,
			   uint64_t value, uint64_t before)
{
	bool earlier_adds_up = sum_of(earlier) == earlier->count;
	bool later_adds_up = sum_of(later) == later->count;

	if (earlier_adds_up != later_adds_up)
		return earlier_adds_up;
	return value < before;
}

struct pair {
	size_t point; /* the earlier; the later one is behind it */
	size_t vm, vcpu, reason;
};

static void name_shrunk(struct check *check, const struct pair *at, const char *field,
			uint64_t value, uint64_t low, uint64_t high)
{
	snprintf(check->where, sizeof(check->where),
		 "snapshots[%zu].vms[%zu].vcpus[%zu].reasons[%zu]", at->point, at->vm, at->vcpu,
		 at->reason);
	check_range(check, field, value, low, high, "counters only grow");
}

/* Where in the later snapshot a reason is, to name it. */
static void locate(const struct host_point *point, uint64_t index, uint32_t id,
		   const struct host_reason *r, struct pair *at)
{
	for (at->vm = 0; point->vms[at->vm].index != index;)
		at->vm++;
	for (at->vcpu = 0; point->vms[at->vm].vcpus[at->vcpu].id != id;)
		at->vcpu++;
	at->reason = (size_t)(r - point->vms[at->vm].vcpus[at->vcpu].reasons);
}

static void check_growth(struct check *check, struct pair at, const struct host_vm *later_vm,
			 const struct host_reason *later)
{
	const struct host_point *points = check->doc->points;
	const struct host_vm *vm = &points[at.point].vms[at.vm];
	uint32_t id = vm->vcpus[at.vcpu].id;
	const struct host_reason *r = &vm->vcpus[at.vcpu].reasons[at.reason];
	const struct host_reason *before =
		at.point
			? find_reason(find_vm(&points[at.point - 1], vm->index), id, reason_word(r))
			: NULL;
	struct pair next = { .point = at.point + 1 };

	locate(&points[at.point + 1], vm->index, id, later, &next);
	if (later->count < r->count) {
		if (later_is_wrong(vm, later_vm, later->count, before ? before->count : 0))
			name_shrunk(check, &next, "count", later->count, r->count, INT64_MAX);
		else
			name_shrunk(check, &at, "count", r->count, 0, later->count);
	}
	if (later->sum < r->sum) {
		if (later->sum < (before ? before->sum : 0))
			name_shrunk(check, &next, "cycles", later->sum, r->sum, INT64_MAX);
		else
			name_shrunk(check, &at, "cycles", r->sum, 0, later->sum);
	}
}

/* Each reason of a snapshot is in the next one, and has not shrunk. */
static void check_next(struct check *check, size_t point)
{
	const struct host_point *this = &check->doc->points[point];

	for (size_t i = 0; i < this->nvms; i++) {
		const struct host_vm *vm = &this->vms[i], *later = find_vm(this + 1, vm->index);

		for (size_t j = 0; later && j < vm->nvcpus; j++) {
			const struct host_vcpu *vcpu = &vm->vcpus[j];

			for (size_t k = 0; k < vcpu->nreasons; k++) {
				const struct host_reason *r = find_reason(
					later, vcpu->id, reason_word(&vcpu->reasons[k]));

				if (r)
					check_growth(check, (struct pair){ point, i, j, k }, later,
						     r);
			}
		}
	}
}

/* What a reason had come to in another snapshot; if it is not there, or there is none. */
static uint64_t count_at(const struct check *check, size_t point, uint64_t index, uint32_t id,
			 uint32_t word, uint64_t otherwise)
{
	const struct host_reason *r = NULL;

	if (point < check->doc->npoints)
		r = find_reason(find_vm(&check->doc->points[point], index), id, word);
	return r ? r->count : otherwise;
}

/* If the sum is wrong, one number is: the sum, or a reason that can make up for it. */
static void check_sum_of_vm(struct check *check, const struct host_vm *vm, size_t point)
{
	uint64_t sum = sum_of(vm);
	size_t len = strlen(check->where);

	check_range(check, "count", vm->count, sum, sum, "not the sum of its reasons");
	for (size_t i = 0; sum != vm->count && i < vm->nvcpus; i++) {
		for (size_t j = 0; j < vm->vcpus[i].nreasons; j++) {
			const struct host_reason *r = &vm->vcpus[i].reasons[j];
			uint32_t id = vm->vcpus[i].id, word = reason_word(r);
			uint64_t right = r->count + vm->count - sum;

			if (right < count_at(check, point - 1, vm->index, id, word, 0) ||
			    right > count_at(check, point + 1, vm->index, id, word, right))
				continue;
			snprintf(check->where + len, sizeof(check->where) - len,
				 ".vcpus[%zu].reasons[%zu]", i, j);
			check_range(check, "count", r->count, right, right,
				    "or else this, one of its reasons, is wrong");
		}
	}
	check->where[len] = '\0';
}

/* Of a snapshot's VM: in the list, its sum right, its reasons in those of the run. */
static void check_point_vm(struct check *check, const struct host_vm *vm, size_t point)
{
	const struct host_doc *doc = check->doc;
	const struct host_vm *whole = vm->index < doc->nvms ? &doc->vms[vm->index] : NULL;
	size_t len = strlen(check->where);

	if (!whole) {
		finding_why(check_found(check, "vm", vm->index), "there are only %zu VMs",
			    doc->nvms);
		return;
	}
	if (whole->pid != vm->pid)
		check_range(check, "pid", vm->pid, whole->pid, whole->pid, "another process's VM");
	check_sum_of_vm(check, vm, point);
	for (size_t i = 0; i < vm->nvcpus; i++) {
		const struct host_vcpu *vcpu = &vm->vcpus[i];

		snprintf(check->where + len, sizeof(check->where) - len, ".vcpus[%zu]", i);
		if (!find_vcpu(whole, vcpu->id))
			finding_why(check_found(check, "id", vcpu->id), "the VM has no such vCPU");
		for (size_t j = 0; find_vcpu(whole, vcpu->id) && j < vcpu->nreasons; j++) {
			const struct host_reason *r = &vcpu->reasons[j];

			snprintf(check->where + len, sizeof(check->where) - len,
				 ".vcpus[%zu].reasons[%zu]", i, j);
			if ((j && reason_word(r) <= reason_word(r - 1)) ||
			    (j + 1 < vcpu->nreasons && reason_word(r) >= reason_word(r + 1)))
				finding_why(check_found(check, "code", r->code),
					    "not in ascending order");
			if (!check_flags_fit(check, r))
				finding_why(check_found(check, "flags", r->flags),
					    "no flags of this ISA's exits");
			if (!find_reason(whole, vcpu->id, reason_word(r)))
				finding_why(check_found(check, r->flags ? "flags" : "code",
							r->flags ? r->flags : r->code),
					    "the run has no such reason of this vCPU");
			check_scaled(check, "cycles", r->sum);
		}
	}
	check->where[len] = '\0';
}

static void check_losses(struct check *check, const struct losses *now, const struct losses *least,
			 const struct losses *most)
{
	static const char why[] = "losses only grow, to those of the run";

	check_range(check, "losses.map_full", now->map_full, least->map_full, most->map_full, why);
	check_range(check, "losses.unpaired", now->unpaired, least->unpaired, most->unpaired, why);
	check_range(check, "losses.missed", now->missed, least->missed, most->missed, why);
}

/* The run's losses against its last snapshot's: which is wrong is open. */
void check_end_losses(struct check *check)
{
	const struct losses *run = &check->doc->losses;
	const struct losses *last = &check->doc->points[check->doc->npoints - 1].losses;
	static const char why[] = "not that of the last snapshot";

	snprintf(check->where, sizeof(check->where), "losses");
	check_range(check, "map_full", run->map_full, last->map_full, last->map_full, why);
	check_range(check, "unpaired", run->unpaired, last->unpaired, last->unpaired, why);
	check_range(check, "missed", run->missed, last->missed, last->missed, why);
}

void check_point(struct check *check, size_t i)
{
	const struct host_point *point = &check->doc->points[i];
	const struct losses *run = &check->doc->losses, none = { 0 };
	bool last = i + 1 == check->doc->npoints;

	snprintf(check->where, sizeof(check->where), "snapshots[%zu]", i);
	check_losses(check, &point->losses, last ? run : i ? &point[-1].losses : &none, run);
	if (i && point->start_ns < point[-1].start_ns + point[-1].took_ns)
		check_range(check, "monotonic_ns", point->start_ns,
			    point[-1].start_ns + point[-1].took_ns, INT64_MAX,
			    "before the end of the snapshot before it");
	for (size_t j = 0; j < point->nvms; j++) {
		snprintf(check->where, sizeof(check->where), "snapshots[%zu].vms[%zu]", i, j);
		if (j && point->vms[j].index <= point->vms[j - 1].index)
			finding_why(check_found(check, "vm", point->vms[j].index), "not in order");
		check_point_vm(check, &point->vms[j], i);
	}
	if (!last)
		check_next(check, i);
}

/* The last snapshot is the end of the run. */
void check_end(struct check *check, size_t i)
{
	const struct host_doc *doc = check->doc;
	const struct host_vm *end = find_vm(&doc->points[doc->npoints - 1], i);
	const struct host_vm *vm = &doc->vms[i];

	snprintf(check->where, sizeof(check->where), "vms[%zu]", i);
	if (end && end->pid != vm->pid)
		check_range(check, "pid", vm->pid, end->pid, end->pid, "not that of the snapshots");
	for (size_t j = 0; end && j < vm->nvcpus; j++) {
		if (!find_vcpu(end, vm->vcpus[j].id)) {
			snprintf(check->where, sizeof(check->where), "vms[%zu].vcpus[%zu]", i, j);
			finding_why(check_found(check, "id", vm->vcpus[j].id),
				    "the last snapshot has no such vCPU");
			continue;
		}
		for (size_t k = 0; k < vm->vcpus[j].nreasons; k++) {
			const struct host_reason *r = &vm->vcpus[j].reasons[k];
			const struct host_reason *last =
				find_reason(end, vm->vcpus[j].id, reason_word(r));

			snprintf(check->where, sizeof(check->where),
				 "vms[%zu].vcpus[%zu].reasons[%zu]", i, j, k);
			if (!last) {
				finding_why(check_found(check, "code", r->code),
					    "not in the last snapshot");
				continue;
			}
			check_range(check, "count", r->count, last->count, last->count,
				    "not that of the last snapshot");
			check_range(check, "cycles.sum", r->sum, last->sum, last->sum,
				    "not that of the last snapshot");
		}
	}
}
