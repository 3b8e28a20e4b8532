// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/moment.h"
#include "model/packed.h"

/*
 * What can be passed over is a part, which has its length in front. A VM has the exits of all its
 * vCPUs in front of these, a vCPU of its reasons, and in front of all VMs are the reasons of all
 * of them together.
 */

/* --- packing ------------------------------------------------------------------------- */

static void put_details(struct packer *packer, const struct details *details)
{
	packed_put(packer, details->n);
	for_each_element(detail, details->list, details->n) {
		packed_put(packer, detail->kind);
		packed_put(packer, detail->access);
		packed_put(packer, detail->key);
		packed_put(packer, detail->count);
		packed_put(packer, detail->accesses);
		packed_put(packer, detail->sum_ns);
		packed_put(packer, (uintptr_t)detail->symbol);
	}
}

static void put_slowest(struct packer *packer, const struct reason_stat *reason)
{
	packed_put(packer, reason->nslow);
	for_each_element(slow, reason->slow, reason->nslow) {
		packed_put(packer, slow->entry_ns);
		packed_put(packer, slow->ns);
		for (int i = 0; i < EXITSTAT_PARTS; i++)
			packed_put(packer, slow->part_ns[i]);
		packed_put(packer, slow->key.kind);
		packed_put(packer, slow->key.access);
		packed_put(packer, slow->key.key);
		packed_put(packer, slow->key.accesses);
		packed_put(packer, (uintptr_t)slow->key.symbol);
		packed_put(packer, slow->other_tid);
		packed_put_bytes(packer, slow->other, strlen(slow->other));
	}
}

static void put_reason(struct packer *packer, const struct reason_stat *reason)
{
	uint32_t index = 0;
	size_t part;

	packed_put(packer, reason->isa);
	packed_put(packer, reason->reason);
	packed_put(packer, reason->level);
	packed_put(packer, reason->count);
	part = packed_begin_part(packer);
	packed_put(packer, reason->timed);
	packed_put(packer, reason->sum_ns);
	packed_put(packer, reason->min_ns + 1); /* none is the highest number */
	packed_put(packer, reason->max_ns);
	packed_put(packer, reason->reflected);
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		packed_put(packer, reason->part_ns[i]);
	packed_put(packer, reason->nbuckets);
	for_each_bucket(bucket, reason) {
		packed_put(packer, bucket->index - index);
		packed_put(packer, bucket->count);
		index = bucket->index;
	}
	put_details(packer, &reason->details);
	put_slowest(packer, reason);
	packed_end_part(packer, part);
}

static void put_vcpu(struct packer *packer, const struct vcpu_stat *vcpu)
{
	uint64_t count = 0;
	size_t part;

	for_each_reason(reason, vcpu)
		count += reason->count;
	packed_put(packer, vcpu->id);
	packed_put(packer, count);
	part = packed_begin_part(packer);
	packed_put(packer, vcpu->nreasons);
	for_each_reason(reason, vcpu)
		put_reason(packer, reason);
	packed_end_part(packer, part);
}

static void put_apicv(struct packer *packer, const struct apicv *apicv)
{
	packed_put(packer, apicv->known);
	if (!apicv->known)
		return;
	packed_put(packer, apicv->inhibits);
	for (size_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		packed_put(packer, apicv->set[i]);
		packed_put(packer, apicv->cleared[i]);
	}
}

static void put_vm(struct packer *packer, const struct vm_stat *vm)
{
	size_t part;

	packed_put(packer, vm->serial);
	packed_put(packer, vm_count(vm));
	part = packed_begin_part(packer);
	packed_put(packer, vm->nvcpus);
	for_each_vcpu(vcpu, vm)
		put_vcpu(packer, vcpu);
	packed_put(packer, vm->pid);
	packed_put(packer, vm->ended);
	packed_put(packer, vm->whole);
	packed_put_bytes(packer, vm->name, strlen(vm->name));
	put_apicv(packer, &vm->apicv);
	packed_end_part(packer, part);
}

static int add_to_sums(struct vcpu_stat *sums, const struct vcpu_stat *vcpu)
{
	for_each_reason(reason, vcpu) {
		struct reason_stat *sum = vcpu_find_reason(sums, reason);

		if (!sum) {
			sum = vcpu_add_reason(sums, reason->isa, reason->reason);
			if (!sum)
				return -ENOMEM;
			sum->level = reason->level;
		}
		sum->count += reason->count;
	}
	return 0;
}

/* The reasons of all VMs. */
static void put_sums(struct packer *packer, const struct snapshot *snap)
{
	struct vcpu_stat sums = { 0 };
	int err = 0;

	for_each_vm(vm, snap)
		for_each_vcpu(vcpu, vm)
			err = err ?: add_to_sums(&sums, vcpu);
	packer->no_memory |= err;
	packed_put(packer, sums.nreasons);
	for_each_reason(sum, &sums) {
		packed_put(packer, sum->isa);
		packed_put(packer, sum->reason);
		packed_put(packer, sum->level);
		packed_put(packer, sum->count);
	}
	free(sums.reasons);
}

int moment_make(struct moment *moment, const struct run *run)
{
	const struct snapshot *snap = run->snap;
	struct packer packer = { 0 };

	*moment = (struct moment){
		.time = run->end,
		.ns = run->ns,
		.losses = snap->losses,
		.has_self = run->self,
	};
	if (run->self)
		moment->self = *run->self;
	put_sums(&packer, snap);
	packed_put(&packer, snap->nvms);
	for_each_vm(vm, snap)
		put_vm(&packer, vm);
	if (!packer.no_memory) {
		moment->packed = realloc(packer.bytes, packer.n) ?: packer.bytes;
		moment->size = packer.n;
		return 0;
	}
	free(packer.bytes);
	return -ENOMEM;
}

void moment_free(struct moment *moment)
{
	free(moment->packed);
	moment->packed = NULL;
}

/* --- unpacking ----------------------------------------------------------------------- */

static int get_details(struct unpacker *unpacker, struct details *details)
{
	size_t n = packed_get(unpacker);

	for (size_t i = 0; i < n; i++) {
		struct detail detail = { .kind = (uint8_t)packed_get(unpacker) };

		detail.access = (uint8_t)packed_get(unpacker);
		detail.key = packed_get(unpacker);
		detail.count = packed_get(unpacker);
		detail.accesses = packed_get(unpacker);
		detail.sum_ns = packed_get(unpacker);
		detail.symbol = (const struct symbol *)(uintptr_t)packed_get(unpacker);
		if (!details_add(details, &detail))
			return -ENOMEM;
	}
	return 0;
}

static void get_slow(struct unpacker *unpacker, struct slow *slow)
{
	*slow = (struct slow){ .entry_ns = packed_get(unpacker) };
	slow->ns = packed_get(unpacker);
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		slow->part_ns[i] = packed_get(unpacker);
	slow->key.kind = (uint8_t)packed_get(unpacker);
	slow->key.access = (uint8_t)packed_get(unpacker);
	slow->key.key = packed_get(unpacker);
	slow->key.accesses = packed_get(unpacker);
	slow->key.symbol = (const struct symbol *)(uintptr_t)packed_get(unpacker);
	slow->other_tid = (uint32_t)packed_get(unpacker);
	packed_get_text(unpacker, slow->other, sizeof(slow->other));
}

static int get_slowest(struct unpacker *unpacker, struct reason_stat *reason)
{
	size_t n = packed_get(unpacker);

	reason->slow = n ? calloc(n, sizeof(*reason->slow)) : NULL;
	if (n && !reason->slow)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		get_slow(unpacker, &reason->slow[i]);
	reason->nslow = n;
	return 0;
}

static int get_buckets(struct unpacker *unpacker, struct reason_stat *reason)
{
	size_t n = packed_get(unpacker);
	uint32_t index = 0;

	reason->buckets = calloc(n ?: 1, sizeof(*reason->buckets));
	if (!reason->buckets)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		index += (uint32_t)packed_get(unpacker);
		reason->buckets[i].index = index;
		reason->buckets[i].count = packed_get(unpacker);
	}
	reason->nbuckets = n;
	return 0;
}

static int get_reason(struct unpacker *unpacker, struct vcpu_stat *vcpu)
{
	uint32_t isa = (uint32_t)packed_get(unpacker), code = (uint32_t)packed_get(unpacker);
	struct reason_stat *reason = vcpu_add_reason(vcpu, isa, code);

	if (!reason)
		return -ENOMEM;
	reason->level = (uint32_t)packed_get(unpacker);
	reason->count = packed_get(unpacker);
	packed_get_part(unpacker);
	reason->timed = packed_get(unpacker);
	reason->sum_ns = packed_get(unpacker);
	reason->min_ns = packed_get(unpacker) - 1;
	reason->max_ns = packed_get(unpacker);
	reason->reflected = packed_get(unpacker);
	for (int i = 0; i < EXITSTAT_PARTS; i++)
		reason->part_ns[i] = packed_get(unpacker);
	return get_buckets(unpacker, reason) ?: get_details(unpacker, &reason->details) ?:
	       get_slowest(unpacker, reason);
}

static int get_vcpu(struct unpacker *unpacker, struct vm_stat *vm)
{
	struct vcpu_stat *vcpu = vm_add_vcpu(vm, (uint32_t)packed_get(unpacker));
	int err = vcpu ? 0 : -ENOMEM;
	size_t n;

	if (err)
		return err;
	packed_get(unpacker);
	packed_get_part(unpacker);
	n = packed_get(unpacker);
	for (size_t i = 0; !err && i < n; i++)
		err = get_reason(unpacker, vcpu);
	return err;
}

static void get_apicv(struct unpacker *unpacker, struct apicv *apicv)
{
	apicv->known = packed_get(unpacker);
	if (!apicv->known)
		return;
	apicv->inhibits = packed_get(unpacker);
	for (size_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		apicv->set[i] = packed_get(unpacker);
		apicv->cleared[i] = packed_get(unpacker);
	}
}

/* The name comes after the vCPUs, which can be passed over. */
static int get_vm(struct unpacker *unpacker, struct snapshot *snap)
{
	struct vm_stat *vm = snapshot_add_vm(snap, packed_get(unpacker), 0, "");
	size_t n, length;
	int err = 0;

	if (!vm)
		return -ENOMEM;
	packed_get(unpacker);
	packed_get_part(unpacker);
	n = packed_get(unpacker);
	for (size_t i = 0; !err && i < n; i++)
		err = get_vcpu(unpacker, vm);
	if (err)
		return err;
	vm->pid = (uint32_t)packed_get(unpacker);
	vm->ended = packed_get(unpacker);
	vm->whole = packed_get(unpacker);
	length = packed_get(unpacker);
	free(vm->name);
	vm->name = strndup((const char *)unpacker->at, length);
	unpacker->at += length;
	get_apicv(unpacker, &vm->apicv);
	return vm->name ? 0 : -ENOMEM;
}

int moment_unpack(const struct moment *moment, struct snapshot *snap)
{
	struct unpacker unpacker = { moment->packed };
	int err = 0;
	size_t n;

	memset(snap, 0, sizeof(*snap));
	n = packed_get(&unpacker);
	for (size_t i = 0; i < 4 * n; i++)
		packed_get(&unpacker);
	n = packed_get(&unpacker);
	for (size_t i = 0; !err && i < n; i++)
		err = get_vm(&unpacker, snap);
	if (err)
		snapshot_free(snap);
	else
		snap->losses = moment->losses;
	return err;
}

/* --- counts alone -------------------------------------------------------------------- */

struct counting {
	struct unpacker unpacker;
	enum count_of of;
	const struct count_scope *scope;
	void (*each)(void *arg, const struct counted *counted);
	void *arg;
};

static void count_reason(struct counting *counting, struct counted *counted)
{
	counted->isa = (uint32_t)packed_get(&counting->unpacker);
	counted->reason = (uint32_t)packed_get(&counting->unpacker);
	counted->level = (uint32_t)packed_get(&counting->unpacker);
	counted->count = packed_get(&counting->unpacker);
	counting->each(counting->arg, counted);
}

static void count_vcpu(struct counting *counting, struct counted *counted)
{
	const struct count_scope *scope = counting->scope;
	const uint8_t *end;
	size_t n;

	counted->vcpu = (uint32_t)packed_get(&counting->unpacker);
	counted->count = packed_get(&counting->unpacker);
	end = packed_get_part(&counting->unpacker);
	if (scope->one_vcpu && counted->vcpu != scope->vcpu) {
		/* passed over */
	} else if (counting->of == COUNT_VCPUS) {
		counting->each(counting->arg, counted);
	} else {
		n = packed_get(&counting->unpacker);
		for (size_t i = 0; i < n; i++) {
			count_reason(counting, counted);
			counting->unpacker.at = packed_get_part(&counting->unpacker);
		}
	}
	counting->unpacker.at = end;
}

static void count_vm(struct counting *counting)
{
	const struct count_scope *scope = counting->scope;
	struct counted counted = { .serial = packed_get(&counting->unpacker) };
	const uint8_t *end;
	size_t n;

	counted.count = packed_get(&counting->unpacker);
	end = packed_get_part(&counting->unpacker);
	if (scope->one_vm && counted.serial != scope->serial) {
		/* passed over */
	} else if (counting->of == COUNT_VMS) {
		counting->each(counting->arg, &counted);
	} else {
		n = packed_get(&counting->unpacker);
		for (size_t i = 0; i < n; i++)
			count_vcpu(counting, &counted);
	}
	counting->unpacker.at = end;
}

void moment_count(const struct moment *moment, enum count_of of, const struct count_scope *scope,
		  void (*each)(void *arg, const struct counted *counted), void *arg)
{
	struct counting counting = { { moment->packed }, of, scope, each, arg };
	bool of_all = of == COUNT_REASONS && !scope->one_vm && !scope->one_vcpu;
	size_t n = packed_get(&counting.unpacker);

	for (size_t i = 0; i < n; i++) {
		struct counted counted = { 0 };

		if (of_all)
			count_reason(&counting, &counted);
		else
			for (int j = 0; j < 4; j++)
				packed_get(&counting.unpacker);
	}
	n = of_all ? 0 : packed_get(&counting.unpacker);
	for (size_t i = 0; i < n; i++)
		count_vm(&counting);
}
