// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/exitstat.h"
#include "model/snapshot.h"

struct vm_stat *snapshot_add_vm(struct snapshot *snap, uint64_t serial, uint32_t pid,
				const char *name)
{
	char *copy = strdup(name);
	struct vm_stat *vm;

	if (!copy)
		return NULL;
	vm = array_append(&snap->vms, &snap->nvms, sizeof(*vm));
	if (!vm) {
		free(copy);
		return NULL;
	}
	vm->serial = serial;
	vm->pid = pid;
	vm->name = copy;
	return vm;
}

struct vcpu_stat *vm_add_vcpu(struct vm_stat *vm, uint32_t id)
{
	struct vcpu_stat *vcpu = array_append(&vm->vcpus, &vm->nvcpus, sizeof(*vcpu));

	if (vcpu)
		vcpu->id = id;
	return vcpu;
}

void reason_init(struct reason_stat *reason, uint32_t isa, uint32_t code)
{
	*reason = (struct reason_stat){
		.isa = isa, .reason = code, .level = EXITSTAT_L1, .min_ns = UINT64_MAX
	};
}

struct reason_stat *vcpu_add_reason(struct vcpu_stat *vcpu, uint32_t isa, uint32_t reason)
{
	struct reason_stat *r = array_append(&vcpu->reasons, &vcpu->nreasons, sizeof(*r));

	if (r)
		reason_init(r, isa, reason);
	return r;
}

struct vm_stat *snapshot_find_vm(const struct snapshot *snap, uint64_t serial)
{
	for_each_vm(vm, snap)
		if (vm->serial == serial)
			return vm;
	return NULL;
}

struct vcpu_stat *vm_find_vcpu(const struct vm_stat *vm, uint32_t id)
{
	for_each_vcpu(vcpu, vm)
		if (vcpu->id == id)
			return vcpu;
	return NULL;
}

bool reason_is_same(const struct reason_stat *a, const struct reason_stat *b)
{
	return a->isa == b->isa && a->reason == b->reason && a->level == b->level;
}

struct reason_stat *vcpu_find_reason(const struct vcpu_stat *vcpu, const struct reason_stat *like)
{
	for_each_reason(r, vcpu)
		if (reason_is_same(r, like))
			return r;
	return NULL;
}

uint64_t vm_count(const struct vm_stat *vm)
{
	uint64_t count = 0;

	for_each_vcpu(vcpu, vm)
		for_each_reason(r, vcpu)
			count += r->count;
	return count;
}

uint64_t snapshot_count(const struct snapshot *snap)
{
	uint64_t count = 0;

	for_each_vm(vm, snap)
		count += vm_count(vm);
	return count;
}

void reason_free(struct reason_stat *reason)
{
	details_free(&reason->details);
	free(reason->slow);
	reason->slow = NULL;
	reason->nslow = 0;
	free(reason->buckets);
	reason->buckets = NULL;
	reason->nbuckets = 0;
}

void vcpu_free(struct vcpu_stat *vcpu)
{
	for_each_reason(r, vcpu)
		reason_free(r);
	free(vcpu->reasons);
}

void vm_free(struct vm_stat *vm)
{
	for_each_vcpu(vcpu, vm)
		vcpu_free(vcpu);
	free(vm->vcpus);
	free(vm->name);
}

void snapshot_free(struct snapshot *snap)
{
	for_each_vm(vm, snap)
		vm_free(vm);
	free(snap->vms);
	memset(snap, 0, sizeof(*snap));
}

/* The histogram of now without that of before, a subset of it. */
static int subtract_buckets(struct reason_stat *growth, const struct reason_stat *now,
			    const struct reason_stat *before)
{
	size_t b = 0;

	growth->buckets = calloc(now->nbuckets ?: 1, sizeof(*growth->buckets));
	if (!growth->buckets)
		return -ENOMEM;
	for (size_t i = 0; i < now->nbuckets; i++) {
		struct bucket bucket = now->buckets[i];

		while (before && b < before->nbuckets && before->buckets[b].index < bucket.index)
			b++;
		if (before && b < before->nbuckets && before->buckets[b].index == bucket.index)
			bucket.count -= before->buckets[b].count;
		if (bucket.count)
			growth->buckets[growth->nbuckets++] = bucket;
	}
	return 0;
}

static bool is_among(const struct reason_stat *reason, const struct slow *slow)
{
	for (size_t i = 0; reason && i < reason->nslow; i++)
		if (reason->slow[i].entry_ns == slow->entry_ns)
			return true;
	return false;
}

/* Those that were not yet among the longest before. */
static int subtract_slow(struct reason_stat *growth, const struct reason_stat *now,
			 const struct reason_stat *before)
{
	for_each_element(slow, now->slow, now->nslow) {
		struct slow *copy;

		if (is_among(before, slow))
			continue;
		copy = array_append(&growth->slow, &growth->nslow, sizeof(*copy));
		if (!copy)
			return -ENOMEM;
		*copy = *slow;
	}
	return 0;
}

static int subtract_reason(struct reason_stat *growth, const struct reason_stat *now,
			   const struct reason_stat *before)
{
	const struct details none = { 0 };

	growth->count = now->count - (before ? before->count : 0);
	growth->timed = now->timed - (before ? before->timed : 0);
	growth->sum_ns = now->sum_ns - (before ? before->sum_ns : 0);
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		growth->part_ns[i] = now->part_ns[i] - (before ? before->part_ns[i] : 0);
	growth->reflected = now->reflected - (before ? before->reflected : 0);
	if (subtract_buckets(growth, now, before) || subtract_slow(growth, now, before) ||
	    details_subtract(&growth->details, &now->details, before ? &before->details : &none))
		return -ENOMEM;
	if (!before || !before->timed) {
		growth->min_ns = now->min_ns;
		growth->max_ns = now->max_ns;
	} else if (growth->nbuckets) {
		uint32_t first = growth->buckets[0].index;
		uint32_t last = growth->buckets[growth->nbuckets - 1].index;
		uint64_t top = last + 1 < EXITSTAT_HIST_BUCKETS ? exitstat_bucket_low(last + 1) - 1
								: UINT64_MAX;
		uint64_t low = exitstat_bucket_low(first);

		growth->min_ns = low > now->min_ns ? low : now->min_ns;
		growth->max_ns = top < now->max_ns ? top : now->max_ns;
	}
	return 0;
}

static int subtract_vcpu(struct vcpu_stat *growth, const struct vcpu_stat *now,
			 const struct vcpu_stat *before)
{
	for_each_reason(r, now) {
		const struct reason_stat *old = before ? vcpu_find_reason(before, r) : NULL;
		struct reason_stat *out;

		if (old && old->count == r->count && old->timed == r->timed &&
		    old->reflected == r->reflected)
			continue;
		out = vcpu_add_reason(growth, r->isa, r->reason);
		if (!out)
			return -ENOMEM;
		out->level = r->level;
		if (subtract_reason(out, r, old))
			return -ENOMEM;
	}
	return 0;
}

static int subtract_vm(struct snapshot *growth, const struct vm_stat *now,
		       const struct vm_stat *before)
{
	struct vm_stat *out = snapshot_add_vm(growth, now->serial, now->pid, now->name);

	if (!out)
		return -ENOMEM;
	out->ended = now->ended;
	out->whole = now->whole;
	memcpy(out->uuid, now->uuid, sizeof(out->uuid));
	out->apicv = before ? apicv_subtract(&now->apicv, &before->apicv) : now->apicv;
	for_each_vcpu(vcpu, now) {
		struct vcpu_stat *grown = vm_add_vcpu(out, vcpu->id);

		if (!grown ||
		    subtract_vcpu(grown, vcpu, before ? vm_find_vcpu(before, vcpu->id) : NULL))
			return -ENOMEM;
	}
	return 0;
}

int snapshot_subtract(struct snapshot *growth, const struct snapshot *now,
		      const struct snapshot *before)
{
	memset(growth, 0, sizeof(*growth));
	growth->losses.map_full = now->losses.map_full - before->losses.map_full;
	growth->losses.unpaired = now->losses.unpaired - before->losses.unpaired;
	growth->losses.missed = now->losses.missed - before->losses.missed;
	growth->losses.keys = now->losses.keys - before->losses.keys;
	for_each_vm(vm, now) {
		if (subtract_vm(growth, vm, snapshot_find_vm(before, vm->serial))) {
			snapshot_free(growth);
			return -ENOMEM;
		}
	}
	return 0;
}

int snapshot_copy(struct snapshot *to, const struct snapshot *from)
{
	const struct snapshot nothing = { 0 };

	return snapshot_subtract(to, from, &nothing);
}

int reason_accumulate(struct reason_stat *sum, const struct reason_stat *src)
{
	size_t n = 0, a = 0, b = 0;
	struct bucket *merged;

	if (details_accumulate(&sum->details, &src->details))
		return -ENOMEM;
	merged = calloc(sum->nbuckets + src->nbuckets + 1, sizeof(*merged));
	if (!merged)
		return -ENOMEM;
	while (a < sum->nbuckets || b < src->nbuckets) {
		if (b == src->nbuckets ||
		    (a < sum->nbuckets && sum->buckets[a].index < src->buckets[b].index)) {
			merged[n++] = sum->buckets[a++];
		} else if (a == sum->nbuckets || sum->buckets[a].index > src->buckets[b].index) {
			merged[n++] = src->buckets[b++];
		} else {
			merged[n] = sum->buckets[a++];
			merged[n++].count += src->buckets[b++].count;
		}
	}
	free(sum->buckets);
	sum->buckets = merged;
	sum->nbuckets = n;
	sum->count += src->count;
	sum->timed += src->timed;
	sum->sum_ns += src->sum_ns;
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		sum->part_ns[i] += src->part_ns[i];
	sum->reflected += src->reflected;
	if (src->min_ns < sum->min_ns)
		sum->min_ns = src->min_ns;
	if (src->max_ns > sum->max_ns)
		sum->max_ns = src->max_ns;
	return 0;
}

uint64_t reason_percentile(const struct reason_stat *reason, double percent)
{
	uint64_t middle =
		distribution_rank(reason->buckets, reason->nbuckets, reason->timed, percent);

	if (middle < reason->min_ns && reason->timed)
		middle = reason->min_ns;
	return middle > reason->max_ns ? reason->max_ns : middle;
}

static int by_serial(const void *a, const void *b)
{
	const struct vm_stat *x = a, *y = b;

	return (x->serial > y->serial) - (x->serial < y->serial);
}

static int by_id(const void *a, const void *b)
{
	const struct vcpu_stat *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_code(const void *a, const void *b)
{
	const struct reason_stat *x = a, *y = b;

	if (x->isa != y->isa)
		return x->isa < y->isa ? -1 : 1;
	if (x->reason != y->reason)
		return x->reason < y->reason ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

void snapshot_sort(struct snapshot *snap)
{
	array_sort(snap->vms, snap->nvms, sizeof(*snap->vms), by_serial);
	for_each_vm(vm, snap) {
		array_sort(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus), by_id);
		for_each_vcpu(vcpu, vm) {
			array_sort(vcpu->reasons, vcpu->nreasons, sizeof(*vcpu->reasons), by_code);
			for_each_reason(r, vcpu)
				details_sort(&r->details);
		}
	}
}
