// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "doc/decode_frame.h"
#include "doc/decode_list.h"
#include "doc/decode_reason.h"
#include "model/split.h"

/* After 1970, and before the time at which differences do not fit 64 bits any more. */
#define MAX_SECONDS 9000000000ull

/* --- vCPUs and VMs --------------------------------------------------------------------------- */

static bool reason_follows(const struct reason_stat *a, const struct reason_stat *b)
{
	if (a->isa != b->isa)
		return a->isa < b->isa;
	if (a->reason != b->reason)
		return a->reason < b->reason;
	return a->level < b->level;
}

static void take_reasons(struct decoder *d, struct vcpu_stat *vcpu, bool more)
{
	size_t nnew = more ? take_nnew(d, PACK_SHAPE) : 0;
	struct reason_stat *r;
	struct merge merge;

	merge_begin(d, &merge, &vcpu->reasons, &vcpu->nreasons, sizeof(*r), nnew);
	while (!merge_is_done(d, &merge)) {
		uint8_t flags = unpack_byte(&d->unpack, PACK_SHAPE);

		r = merge_next(d, &merge, flags & RECORDING_NEW);
		if (!r)
			break;
		decode_reason(d, r, flags);
		if (merge.at > 1 && !reason_follows(r - 1, r))
			d->unpack.failed = true;
	}
	merge_end(&merge, &vcpu->nreasons);
}

/* Nothing of it has changed. */
static void pass_vcpu(struct decoder *d, const struct vcpu_stat *vcpu)
{
	for (size_t i = 0; i < vcpu->nreasons; i++)
		rates_had(&d->rates, false, 0);
}

static void take_vcpus(struct decoder *d, struct vm_stat *vm, bool more)
{
	size_t nnew = more ? take_nnew(d, PACK_SHAPE) : 0;
	struct vcpu_stat *vcpu;
	struct merge merge;

	merge_begin(d, &merge, &vm->vcpus, &vm->nvcpus, sizeof(*vcpu), nnew);
	while (!merge_is_done(d, &merge)) {
		uint8_t flags = unpack_byte(&d->unpack, PACK_SHAPE);

		vcpu = merge_next(d, &merge, flags & RECORDING_VCPU_NEW);
		if (!vcpu)
			break;
		if (flags & RECORDING_VCPU_NEW)
			vcpu->id = (uint32_t)take_once(d, UINT32_MAX);
		if (merge.at > 1 && vcpu[-1].id >= vcpu->id)
			d->unpack.failed = true;
		if (flags & RECORDING_VCPU_INSIDE)
			take_reasons(d, vcpu, flags & RECORDING_VCPU_MORE);
		else
			pass_vcpu(d, vcpu);
	}
	merge_end(&merge, &vm->nvcpus);
}

static void take_new_vm(struct decoder *d, struct vm_stat *vm)
{
	char name[PACK_MAX_TEXT];

	vm->serial = take_once(d, UINT64_MAX);
	vm->pid = (uint32_t)take_once(d, UINT32_MAX);
	unpack_text(&d->unpack, name, sizeof(name));
	d->bytes += sizeof(name);
	vm->name = strdup(name);
	if (!vm->name)
		d->no_memory = true;
}

static void take_apicv(struct decoder *d, struct apicv *apicv)
{
	apicv->known = take_once(d, 1);
	apicv->inhibits = take_once(d, UINT32_MAX);
	for (uint32_t i = 0; i < EXITSTAT_INHIBITS; i++) {
		apicv->set[i] += take_change(d, PACK_ONCE);
		apicv->cleared[i] += take_change(d, PACK_ONCE);
	}
}

static void take_vm(struct decoder *d, struct vm_stat *vm, uint8_t flags)
{
	uint64_t state;

	if (flags & RECORDING_VM_NEW)
		take_new_vm(d, vm);
	if (flags & RECORDING_VM_STATE) {
		state = take_once(d, 3);
		vm->ended = state & 1;
		vm->whole = state & 2;
	}
	if (flags & RECORDING_VM_APICV)
		take_apicv(d, &vm->apicv);
	if (flags & RECORDING_VM_INSIDE) {
		take_vcpus(d, vm, flags & RECORDING_VM_MORE);
		return;
	}
	for_each_vcpu(vcpu, vm)
		pass_vcpu(d, vcpu);
}

static void take_vms(struct decoder *d)
{
	size_t nnew = take_nnew(d, PACK_SHAPE);
	struct vm_stat *vm;
	struct merge merge;

	merge_begin(d, &merge, &d->snap.vms, &d->snap.nvms, sizeof(*vm), nnew);
	while (!merge_is_done(d, &merge)) {
		uint8_t flags = unpack_byte(&d->unpack, PACK_SHAPE);

		vm = merge_next(d, &merge, flags & RECORDING_VM_NEW);
		if (!vm)
			break;
		take_vm(d, vm, flags);
		if (merge.at > 1 && vm[-1].serial >= vm->serial)
			d->unpack.failed = true;
	}
	merge_end(&merge, &d->snap.nvms);
}

/* --- frames ------------------------------------------------------------------------------------
 */

static void take_losses(struct decoder *d)
{
	d->snap.losses.map_full += take_change(d, PACK_ONCE);
	d->snap.losses.unpaired += take_change(d, PACK_ONCE);
	d->snap.losses.missed += take_change(d, PACK_ONCE);
	d->snap.losses.keys += take_change(d, PACK_ONCE);
}

static void take_time(struct decoder *d)
{
	const struct timespec *start = &d->run.start;
	uint64_t clock_set, end_ns;

	d->grown_ns += take_change(d, PACK_ONCE);
	d->run.ns += d->grown_ns;
	d->drift_ns += take_change(d, PACK_ONCE);
	clock_set = (uint64_t)d->run.clock_set_ns + take_change(d, PACK_ONCE);
	memcpy(&d->run.clock_set_ns, &clock_set, sizeof(clock_set));
	end_ns = (uint64_t)start->tv_sec * NS_PER_SEC + (uint64_t)start->tv_nsec + d->run.ns +
		 d->drift_ns;
	if (d->run.ns > MAX_NS || end_ns > MAX_SECONDS * NS_PER_SEC)
		d->unpack.failed = true;
	d->run.end.tv_sec = (time_t)(end_ns / NS_PER_SEC);
	d->run.end.tv_nsec = (long)(end_ns % NS_PER_SEC);
}

static void take_self(struct decoder *d)
{
	d->self = (struct self){ .nprograms = take_once(d, SELF_PROGRAMS) };
	for (size_t i = 0; i < d->self.nprograms; i++) {
		struct self_program *program = &d->self.programs[i];

		unpack_text(&d->unpack, program->name, sizeof(program->name));
		program->runs = take_once(d, UINT64_MAX);
		program->ns = take_once(d, UINT64_MAX);
	}
	d->self.process_ns = take_once(d, UINT64_MAX);
	d->run.self = &d->self;
}

/* As if no frame had been read, but for symbols, which others may have. */
static void forget(struct decoder *d)
{
	snapshot_free(&d->snap);
	rates_free(&d->rates);
	d->symbols_from = d->symbols.n;
	d->slow_ns = 0;
	d->grown_ns = 0;
	d->drift_ns = 0;
	d->bytes = 0;
	d->run.ns = 0;
	d->run.clock_set_ns = 0;
	d->run.self = NULL;
}

static int outcome(const struct decoder *d)
{
	if (d->no_memory)
		return -ENOMEM;
	return unpack_is_done(&d->unpack) ? 0 : -EINVAL;
}

int decode_frame(struct decoder *d, uint8_t *flags)
{
	*flags = unpack_byte(&d->unpack, PACK_SHAPE);
	if (*flags & RECORDING_RESET)
		forget(d);
	take_time(d);
	take_losses(d);
	take_vms(d);
	if (*flags & RECORDING_SELF)
		take_self(d);
	d->no_memory |= rates_end(&d->rates) != 0;
	d->run.snap = &d->snap;
	return outcome(d);
}

/* --- the head ----------------------------------------------------------------------------------
 */

static void take_host(struct decoder *d)
{
	struct host *host = &d->host;
	char version[PACK_MAX_TEXT];

	unpack_text(&d->unpack, version, sizeof(version));
	unpack_text(&d->unpack, host->kernel, sizeof(host->kernel));
	unpack_text(&d->unpack, host->cpu, sizeof(host->cpu));
	host->isa = (uint32_t)take_once(d, EXITSTAT_ISA_SVM);
	host->tsc_khz = (uint32_t)take_once(d, UINT32_MAX);
	if (!host->tsc_khz)
		d->unpack.failed = true;
	host->tsc_measured = take_once(d, 1);
	host->apicv.use = (enum apicv_use)take_once(d, APICV_ON);
	host->apicv.n = (uint32_t)take_once(d, EXITSTAT_INHIBITS);
	for (uint32_t i = 0; i < host->apicv.n; i++)
		unpack_text(&d->unpack, host->apicv.names[i], sizeof(host->apicv.names[i]));
}

static void take_filter(struct decoder *d)
{
	struct reason_filter *filter = array_append(&d->filters, &d->nfilters, sizeof(*filter));

	if (!filter) {
		d->no_memory = true;
		return;
	}
	filter->is_number = take_once(d, 1);
	filter->code = (uint32_t)take_once(d, UINT32_MAX);
	filter->on_vmx = take_once(d, 1);
	filter->on_svm = take_once(d, 1);
	filter->vmx_code = (uint32_t)take_once(d, UINT32_MAX);
	filter->svm_code = (uint32_t)take_once(d, UINT32_MAX);
}

int decode_head(struct decoder *d)
{
	struct run *run = &d->run;
	uint64_t nfilters;

	take_host(d);
	run->host = &d->host;
	run->start.tv_sec = (time_t)take_once(d, MAX_SECONDS);
	run->start.tv_nsec = (long)take_once(d, NS_PER_SEC - 1);
	run->end = run->start;
	run->start_ns = take_once(d, MAX_NS);
	run->no_levels = take_once(d, 1);
	run->kinds = (uint32_t)take_once(d, (1u << EXITSTAT_KINDS) - 1);
	run->parts = (uint32_t)take_once(d, PARTS_ALL);
	run->nslowest = (unsigned int)take_once(d, EXITSTAT_MAX_SLOWEST);
	run->slowest_idle = take_once(d, 1);
	nfilters = take_once(d, RECORDING_MAX_FILTERS);
	while (nfilters-- && !decoder_failed(d))
		take_filter(d);
	run->filters = d->filters;
	run->nfilters = d->nfilters;
	d->head = *run;
	return outcome(d);
}

void decoder_free(struct decoder *d)
{
	forget(d);
	kept_symbols_free(&d->symbols);
	free(d->filters);
	*d = (struct decoder){ 0 };
}
