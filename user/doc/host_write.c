// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/array.h"
#include "doc/host_write.h"
#include "base/jsonwrite.h"
#include "doc/apicv_json.h"
#include "doc/detail_json.h"
#include "doc/scale.h"
#include "doc/seal.h"
#include "doc/slowest_json.h"
#include "doc/split_json.h"
#include "base/version.h"
#include "model/keys.h"
#include "model/levels.h"
#include "model/reasons.h"

const char *const clock_sources[2] = {
	[false] = "CLOCK_MONOTONIC, scaled by the kernel's tsc_khz",
	[true] = "CLOCK_MONOTONIC, scaled by a measured TSC frequency",
};

static json_t *cycles(uint64_t ns, uint32_t khz)
{
	return integer(scale_cycles(ns, khz));
}

static json_t *export_cycles(const struct reason_stat *r, uint32_t khz)
{
	if (!r->timed)
		return json_pack("{s:i, s:n, s:n, s:n, s:n, s:n}", "sum", 0, "min", "max", "p50",
				 "p90", "p99");
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "sum", cycles(r->sum_ns, khz), "min",
			 cycles(r->min_ns, khz), "max", cycles(r->max_ns, khz), "p50",
			 cycles(reason_percentile(r, 50), khz), "p90",
			 cycles(reason_percentile(r, 90), khz), "p99",
			 cycles(reason_percentile(r, 99), khz));
}

static json_t *export_bucket(const void *element, const void *with)
{
	const struct run *run = with;
	const struct bucket *bucket = element;
	uint32_t khz = run->host->tsc_khz;

	return json_pack("{s:o, s:o, s:o}", "lo", integer(scale_begin(bucket->index, khz)), "hi",
			 integer(scale_begin(bucket->index + 1, khz)), "count",
			 integer(bucket->count));
}

/* Of nested guests' exits only; json_pack() leaves out what is NULL. */
static json_t *export_level(const struct reason_stat *r)
{
	return r->level == EXITSTAT_L2 ? json_integer(EXITSTAT_L2) : NULL;
}

static json_t *export_reflected(const struct reason_stat *r)
{
	return r->level == EXITSTAT_L2 || r->reflected ? integer(r->reflected) : NULL;
}

static json_t *export_reason(const struct reason_stat *r, const struct run *run)
{
	struct reason_stat scaled;
	char name[REASON_NAME_LEN];
	json_t *made;

	if (scale_histogram(&scaled, r, run->host->tsc_khz))
		return NULL;
	reason_name(name, r->isa, r->reason);
	made = json_pack("{s:o, s:s, s:o, s:o*, s:o, s:o*, s:o, s:o}", "code",
			 integer(reason_code(r->isa, r->reason)), "name", name, "flags",
			 integer(reason_flags(r->isa, r->reason)), "level", export_level(r),
			 "count", integer(r->count), "reflected", export_reflected(r), "cycles",
			 export_cycles(&scaled, run->host->tsc_khz), "histogram",
			 jsonwrite_array(scaled.buckets, scaled.nbuckets, sizeof(*scaled.buckets),
					 export_bucket, run));
	free(scaled.buckets);
	if (run->parts)
		jsonwrite_member(&made, "split", split_write(r, run->parts, run->host->tsc_khz));
	if (run->kinds)
		jsonwrite_member(&made, "detail", detail_write(r, run->host->tsc_khz));
	return made;
}

static json_t *export_vcpu(const void *element, const void *with)
{
	const struct run *run = with;
	const struct vcpu_stat *vcpu = element;
	json_t *reasons = json_array();

	for_each_reason(r, vcpu) {
		if (reasons && filters_match(run->filters, run->nfilters, r->isa, r->reason) &&
		    json_array_append_new(reasons, export_reason(r, run))) {
			json_decref(reasons);
			return NULL;
		}
	}
	return json_pack("{s:o, s:o}", "id", integer(vcpu->id), "reasons", reasons);
}

/* Of the exits that are written, if any is of a nested guest. */
static json_t *export_nested(const struct vm_stat *vm, const struct run *run)
{
	struct levels levels = { 0 };

	for_each_vcpu(vcpu, vm)
		for_each_reason(r, vcpu)
			if (filters_match(run->filters, run->nfilters, r->isa, r->reason))
				levels_add(&levels, r);
	if (!levels.l2)
		return NULL;
	return json_pack("{s:o, s:o, s:o, s:o}", "l1", integer(levels.l1), "l2", integer(levels.l2),
			 "reflected", integer(levels.reflected), "l1_per_1000_l2",
			 integer(levels_l1_per_1000(&levels)));
}

static json_t *export_vm(const void *element, const void *with)
{
	const struct run *run = with;
	const struct vm_stat *vm = element;
	json_t *made;

	made = json_pack("{s:o, s:s, s:o*, s:o*, s:o}", "pid", integer(vm->pid), "name", vm->name,
			 "whole", run->series ? json_boolean(vm->whole) : NULL, "nested",
			 export_nested(vm, run), "vcpus",
			 jsonwrite_array(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus), export_vcpu,
					 run));
	if (run->nslowest)
		jsonwrite_member(&made, "slowest", slowest_write(run, vm));
	if (vm->apicv.known)
		jsonwrite_member(&made, "apicv", apicv_write(&vm->apicv, &run->host->apicv));
	return made;
}

static json_t *export_losses(const struct losses *losses)
{
	return json_pack("{s:o, s:o, s:o}", "map_full", integer(losses->map_full), "unpaired",
			 integer(losses->unpaired), "missed", integer(losses->missed));
}

/* --- snapshots ----------------------------------------------------------------- */

static json_t *export_point_reason(const void *element, const void *with)
{
	const struct run *run = with;
	const struct reason_stat *r = element;

	return json_pack("{s:o, s:o, s:o*, s:o, s:o}", "code",
			 integer(reason_code(r->isa, r->reason)), "flags",
			 integer(reason_flags(r->isa, r->reason)), "level", export_level(r),
			 "count", integer(r->count), "cycles",
			 cycles(r->sum_ns, run->host->tsc_khz));
}

static json_t *export_point_vcpu(const void *element, const void *with)
{
	const struct run *run = with;
	const struct vcpu_stat *vcpu = element;

	return json_pack("{s:o, s:o}", "id", integer(vcpu->id), "reasons",
			 jsonwrite_array(vcpu->reasons, vcpu->nreasons, sizeof(*vcpu->reasons),
					 export_point_reason, run));
}

/* Its place in the list of the whole run: one process can have several. */
static json_t *vm_place(const struct run *run, uint64_t serial)
{
	size_t i = 0;

	while (i < run->snap->nvms && run->snap->vms[i].serial != serial)
		i++;
	return integer(i);
}

static json_t *export_point_vm(const void *element, const void *with)
{
	const struct run *run = with;
	const struct vm_stat *vm = element;

	return json_pack("{s:o, s:o, s:o, s:o}", "vm", vm_place(run, vm->serial), "pid",
			 integer(vm->pid), "count", integer(vm_count(vm)), "vcpus",
			 jsonwrite_array(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus),
					 export_point_vcpu, run));
}

static json_t *export_point(const void *element, const void *with)
{
	const struct run *run = with;
	const struct point *point = element;

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "time", timestamp(&point->time),
			 "monotonic_ns", integer(point->start_ns), "took_ns",
			 integer(point->took_ns), "losses", export_losses(&point->snap.losses),
			 "vms",
			 jsonwrite_array(point->snap.vms, point->snap.nvms,
					 sizeof(*point->snap.vms), export_point_vm, run));
}

static json_t *export_snapshots(const struct run *run)
{
	const struct series *series = run->series;

	return series ? jsonwrite_array(series->points, series->npoints, sizeof(*series->points),
					export_point, run)
		      : NULL;
}

/* --- what KVM told its guests ---------------------------------------------------- */

static json_t *export_given(const void *element, const void *with)
{
	const struct run *run = with;
	const struct given *given = element;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "vm",
			 vm_place(run, given->vm_serial), "monotonic_ns", integer(given->ns),
			 "leaf", integer(given->leaf), "subleaf", integer(given->subleaf), "eax",
			 integer(given->regs.eax), "ebx", integer(given->regs.ebx), "ecx",
			 integer(given->regs.ecx), "edx", integer(given->regs.edx));
}

static json_t *export_answers(const struct run *run)
{
	const struct answers *answers = run->answers;

	if (!answers)
		return NULL;
	return json_pack("{s:o, s:o}", "dropped", integer(answers->dropped), "given",
			 jsonwrite_array(answers->list, answers->n, sizeof(*answers->list),
					 export_given, run));
}

/* --- what it cost ----------------------------------------------------------------- */

static json_t *export_program(const void *element, const void *with)
{
	const struct self_program *program = element;

	(void)with;
	return json_pack("{s:s, s:o, s:o}", "name", program->name, "runs", integer(program->runs),
			 "ns", integer(program->ns));
}

static json_t *export_self(const struct run *run)
{
	const struct self *self = run->self;

	if (!self)
		return NULL;
	return json_pack("{s:o, s:o}", "programs",
			 jsonwrite_array(self->programs, self->nprograms, sizeof(*self->programs),
					 export_program, run),
			 "process_ns", integer(self->process_ns));
}

/* --- what exits were about ---------------------------------------------------------- */

static json_t *export_detail(const struct run *run)
{
	json_t *kinds;

	if (!run->kinds)
		return NULL;
	kinds = json_array();
	for (uint8_t kind = 0; kinds && kind < EXITSTAT_KINDS; kind++) {
		if (!(run->kinds & 1u << kind))
			continue;
		if (json_array_append_new(kinds, json_string(kind_name(kind)))) {
			json_decref(kinds);
			return NULL;
		}
	}
	return json_pack("{s:o, s:o}", "kinds", kinds, "missed", integer(run->snap->losses.keys));
}

static json_t *export_slowest(const struct run *run)
{
	if (!run->nslowest)
		return NULL;
	return json_pack("{s:o, s:b, s:o}", "n", integer(run->nslowest), "idle", run->slowest_idle,
			 "monotonic_ns", integer(run->start_ns));
}

/* --- the document -------------------------------------------------------------- */

static bool has_apicv(const struct host *host)
{
	return host->apicv.use != APICV_UNKNOWN || host->apicv.n;
}

static json_t *export_host(const struct host *host)
{
	json_t *made = json_pack("{s:s, s:s, s:s, s:o}", "kernel", host->kernel, "cpu", host->cpu,
				 "isa", isa_name(host->isa), "tsc_khz", integer(host->tsc_khz));

	if (has_apicv(host))
		jsonwrite_member(&made, "apicv", apicv_host_write(&host->apicv));
	return made;
}

static json_t *export_document(const struct run *run)
{
	const struct host *host = run->host;

	return json_pack("{s:s, s:{s:s, s:s}, s:o, s:{s:s, s:s}, s:{s:o, s:o, s:o, s:o*},"
			 " s:o*, s:o, s:o*, s:o*, s:o*, s:o, s:o*, s:o*, s:o*}",
			 "schema", EXITSTAT_SCHEMA, "tool", "name", "exitstat-bpf", "version",
			 exitstat_version, "host", export_host(host), "clock", "unit", "cycles",
			 "source", clock_sources[host->tsc_measured], "interval", "start",
			 timestamp(&run->start), "end", timestamp(&run->end), "ns",
			 integer(run->ns), "clock_set_ns",
			 run->clock_set_ns ? json_integer(run->clock_set_ns) : NULL, "levels",
			 run->no_levels ? json_false() : NULL, "losses",
			 export_losses(&run->snap->losses), "split",
			 run->parts ? split_write_parts(run->parts) : NULL, "slowest",
			 export_slowest(run), "detail", export_detail(run), "vms",
			 jsonwrite_array(run->snap->vms, run->snap->nvms, sizeof(*run->snap->vms),
					 export_vm, run),
			 "self", export_self(run), "snapshots", export_snapshots(run), "answers",
			 export_answers(run));
}

json_t *export_json(const struct run *run)
{
	json_t *doc = export_document(run);

	/* json_pack() leaves out what is NULL, even for want of memory. */
	if (doc && ((run->self && !json_object_get(doc, "self")) ||
		    (run->parts && !json_object_get(doc, "split")) ||
		    (run->nslowest && !json_object_get(doc, "slowest")) ||
		    (run->kinds && !json_object_get(doc, "detail")) ||
		    (run->answers && !json_object_get(doc, "answers")) ||
		    (run->series && (!json_object_get(doc, "snapshots") || seal_set(doc))))) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}
