// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/version.h"
#include "doc/encode_frame.h"
#include "doc/encode_list.h"
#include "doc/encode_reason.h"

/* --- vCPUs and VMs --------------------------------------------------------------------------- */

static bool reason_is_it(const void *a, const void *b)
{
	return reason_is_same(a, b);
}

static bool put_reasons(struct encoder *e, const struct vcpu_stat *now, const struct vcpu_stat *was)
{
	struct walk walk = { .now = now->reasons,
			     .n = now->nreasons,
			     .was = was->reasons,
			     .nwas = was->nreasons,
			     .size = sizeof(*now->reasons),
			     .same = reason_is_it };
	const struct reason_stat *r;
	bool changed = false;
	const void *old;

	if (walk_nnew(&walk))
		pack_number(&e->pack, PACK_SHAPE, walk_nnew(&walk));
	while ((r = walk_next(e, &walk, &old)))
		changed |= encode_reason(e, r, old);
	return changed;
}

static bool put_vcpu(struct encoder *e, const struct vcpu_stat *now, const struct vcpu_stat *old)
{
	const struct vcpu_stat none = { 0 }, *was = old ?: &none;
	size_t mark = pack_mark(&e->pack);
	uint8_t flags = old ? 0 : RECORDING_VCPU_NEW;

	if (now->nreasons != was->nreasons)
		flags |= RECORDING_VCPU_MORE;
	pack_byte(&e->pack, PACK_SHAPE, 0);
	if (!old)
		pack_number(&e->pack, PACK_ONCE, now->id);
	if (put_reasons(e, now, was))
		flags |= RECORDING_VCPU_INSIDE;
	else
		pack_unchanged(&e->pack, mark);
	pack_flags(&e->pack, mark, flags);
	return flags;
}

static bool vcpu_is_it(const void *a, const void *b)
{
	const struct vcpu_stat *vcpu = a, *other = b;

	return vcpu->id == other->id;
}

static bool put_vcpus(struct encoder *e, const struct vm_stat *now, const struct vm_stat *was)
{
	struct walk walk = { .now = now->vcpus,
			     .n = now->nvcpus,
			     .was = was->vcpus,
			     .nwas = was->nvcpus,
			     .size = sizeof(*now->vcpus),
			     .same = vcpu_is_it };
	const struct vcpu_stat *vcpu;
	bool changed = false;
	const void *old;

	if (walk_nnew(&walk))
		pack_number(&e->pack, PACK_SHAPE, walk_nnew(&walk));
	while ((vcpu = walk_next(e, &walk, &old)))
		changed |= put_vcpu(e, vcpu, old);
	return changed;
}

static bool apicv_is_same(const struct apicv *a, const struct apicv *b)
{
	return a->known == b->known && a->inhibits == b->inhibits &&
	       !memcmp(a->set, b->set, sizeof(a->set)) &&
	       !memcmp(a->cleared, b->cleared, sizeof(a->cleared));
}

static void put_apicv(struct encoder *e, const struct apicv *now, const struct apicv *was)
{
	pack_number(&e->pack, PACK_ONCE, now->known);
	pack_number(&e->pack, PACK_ONCE, now->inhibits);
	for (uint32_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		pack_signed(&e->pack, PACK_ONCE, now->set[i] - was->set[i]);
		pack_signed(&e->pack, PACK_ONCE, now->cleared[i] - was->cleared[i]);
	}
}

static uint8_t put_vm_itself(struct encoder *e, const struct vm_stat *now,
			     const struct vm_stat *old)
{
	const struct vm_stat none = { 0 }, *was = old ?: &none;
	uint8_t flags = 0;

	if (!old) {
		flags |= RECORDING_VM_NEW;
		pack_number(&e->pack, PACK_ONCE, now->serial);
		pack_number(&e->pack, PACK_ONCE, now->pid);
		pack_text(&e->pack, now->name);
	} else if (now->pid != old->pid || strcmp(now->name, old->name)) {
		e->shrunk = true;
	}
	if (now->ended != was->ended || now->whole != was->whole) {
		flags |= RECORDING_VM_STATE;
		pack_number(&e->pack, PACK_ONCE, (now->ended ? 1 : 0) + (now->whole ? 2 : 0));
	}
	if (!apicv_is_same(&now->apicv, &was->apicv)) {
		flags |= RECORDING_VM_APICV;
		put_apicv(e, &now->apicv, &was->apicv);
	}
	return flags;
}

static void put_vm(struct encoder *e, const struct vm_stat *now, const struct vm_stat *old)
{
	const struct vm_stat none = { 0 }, *was = old ?: &none;
	size_t mark = pack_mark(&e->pack);
	uint8_t flags;

	pack_byte(&e->pack, PACK_SHAPE, 0);
	flags = put_vm_itself(e, now, old);
	if (now->nvcpus != was->nvcpus)
		flags |= RECORDING_VM_MORE;
	if (put_vcpus(e, now, was))
		flags |= RECORDING_VM_INSIDE;
	else
		pack_unchanged(&e->pack, mark);
	pack_flags(&e->pack, mark, flags);
}

static bool vm_is_it(const void *a, const void *b)
{
	const struct vm_stat *vm = a, *other = b;

	return vm->serial == other->serial;
}

static void put_vms(struct encoder *e, const struct snapshot *now, const struct snapshot *was)
{
	struct walk walk = { .now = now->vms,
			     .n = now->nvms,
			     .was = was->vms,
			     .nwas = was->nvms,
			     .size = sizeof(*now->vms),
			     .same = vm_is_it };
	const struct vm_stat *vm;
	const void *old;

	pack_number(&e->pack, PACK_SHAPE, walk_nnew(&walk));
	while ((vm = walk_next(e, &walk, &old)))
		put_vm(e, vm, old);
}

/* --- frames ------------------------------------------------------------------------------------
 */

static void put_losses(struct encoder *e, const struct losses *now, const struct losses *was)
{
	pack_signed(&e->pack, PACK_ONCE, now->map_full - was->map_full);
	pack_signed(&e->pack, PACK_ONCE, now->unpaired - was->unpaired);
	pack_signed(&e->pack, PACK_ONCE, now->missed - was->missed);
	pack_signed(&e->pack, PACK_ONCE, now->keys - was->keys);
}

static uint64_t ns_of(const struct timespec *time)
{
	return (uint64_t)time->tv_sec * NS_PER_SEC + (uint64_t)time->tv_nsec;
}

static void put_time(struct encoder *e, const struct run *run)
{
	uint64_t grown_ns = run->ns - e->ns;
	uint64_t drift_ns = ns_of(&run->end) - ns_of(&run->start) - run->ns;

	pack_signed(&e->pack, PACK_ONCE, grown_ns - e->grown_ns);
	pack_signed(&e->pack, PACK_ONCE, drift_ns - e->drift_ns);
	pack_signed(&e->pack, PACK_ONCE, (uint64_t)run->clock_set_ns - e->clock_set_ns);
	e->ns = run->ns;
	e->grown_ns = grown_ns;
	e->drift_ns = drift_ns;
	e->clock_set_ns = (uint64_t)run->clock_set_ns;
}

static void put_self(struct encoder *e, const struct self *self)
{
	pack_number(&e->pack, PACK_ONCE, self->nprograms);
	for (size_t i = 0; i < self->nprograms; i++) {
		pack_text(&e->pack, self->programs[i].name);
		pack_number(&e->pack, PACK_ONCE, self->programs[i].runs);
		pack_number(&e->pack, PACK_ONCE, self->programs[i].ns);
	}
	pack_number(&e->pack, PACK_ONCE, self->process_ns);
}

static void put_frame(struct encoder *e, const struct run *run, const struct snapshot *now,
		      uint8_t flags)
{
	pack_empty(&e->pack);
	pack_byte(&e->pack, PACK_SHAPE, flags);
	put_time(e, run);
	put_losses(e, &now->losses, &e->last.losses);
	put_vms(e, now, &e->last);
	if (flags & RECORDING_SELF)
		put_self(e, run->self);
	pack_finish(&e->pack);
}

static void forget(struct encoder *e)
{
	snapshot_free(&e->last);
	rates_free(&e->rates);
	e->nsymbols = 0;
	e->slow_ns = 0;
	e->ns = 0;
	e->grown_ns = 0;
	e->drift_ns = 0;
	e->clock_set_ns = 0;
	e->shrunk = false;
}

int encode_frame(struct encoder *e, const struct run *run, uint8_t flags)
{
	struct snapshot now;
	int err;

	if (snapshot_copy(&now, run->snap))
		return -ENOMEM;
	snapshot_sort(&now);
	put_frame(e, run, &now, flags);
	if (e->shrunk) {
		/* Not what it was before: then all is said anew. */
		forget(e);
		put_frame(e, run, &now, flags | RECORDING_RESET);
	}
	err = rates_end(&e->rates);
	snapshot_free(&e->last);
	e->last = now;
	if (e->pack.no_memory || err)
		return -ENOMEM;
	return e->shrunk ? -EINVAL : 0;
}

/* --- the head ----------------------------------------------------------------------------------
 */

static void put_host(struct pack *pack, const struct host *host)
{
	pack_text(pack, exitstat_version);
	pack_text(pack, host->kernel);
	pack_text(pack, host->cpu);
	pack_number(pack, PACK_ONCE, host->isa);
	pack_number(pack, PACK_ONCE, host->tsc_khz);
	pack_number(pack, PACK_ONCE, host->tsc_measured);
	pack_number(pack, PACK_ONCE, host->apicv.use);
	pack_number(pack, PACK_ONCE, host->apicv.n);
	for (uint32_t i = 0; i < host->apicv.n; i++)
		pack_text(pack, host->apicv.names[i]);
}

static void put_filter(struct pack *pack, const struct reason_filter *filter)
{
	pack_number(pack, PACK_ONCE, filter->is_number);
	pack_number(pack, PACK_ONCE, filter->code);
	pack_number(pack, PACK_ONCE, filter->on_vmx);
	pack_number(pack, PACK_ONCE, filter->on_svm);
	pack_number(pack, PACK_ONCE, filter->vmx_code);
	pack_number(pack, PACK_ONCE, filter->svm_code);
}

int encode_head(struct encoder *e, const struct run *run)
{
	struct pack *pack = &e->pack;

	pack_empty(pack);
	put_host(pack, run->host);
	pack_number(pack, PACK_ONCE, (uint64_t)run->start.tv_sec);
	pack_number(pack, PACK_ONCE, (uint64_t)run->start.tv_nsec);
	pack_number(pack, PACK_ONCE, run->start_ns);
	pack_number(pack, PACK_ONCE, run->no_levels);
	pack_number(pack, PACK_ONCE, run->kinds);
	pack_number(pack, PACK_ONCE, run->parts);
	pack_number(pack, PACK_ONCE, run->nslowest);
	pack_number(pack, PACK_ONCE, run->slowest_idle);
	pack_number(pack, PACK_ONCE, run->nfilters);
	for (size_t i = 0; i < run->nfilters; i++)
		put_filter(pack, &run->filters[i]);
	pack_finish(pack);
	return pack->no_memory ? -ENOMEM : 0;
}

void encoder_free(struct encoder *e)
{
	forget(e);
	free(e->symbols);
	pack_free(&e->pack);
	*e = (struct encoder){ 0 };
}
