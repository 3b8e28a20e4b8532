// SPDX-License-Identifier: GPL-2.0-only
#include "bpf/exitstat.h"
#include "base/array.h"
#include "base/clock.h"
#include "doc/host_write.h"
#include "base/jsonwrite.h"
#include "doc/seal.h"
#include "base/version.h"
#include "model/reasons.h"

/* An array of what make() makes of n elements of this size; NULL: no memory. */
static json_t *export_array(const void *elements, size_t n, size_t size, const struct run *run,
			    json_t *(*make)(const void *element, const struct run *run))
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		const char *element = (const char *)elements + i * size;

		if (json_array_append_new(array, make(element, run))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *export_cycles(const struct reason_stat *r, uint32_t khz)
{
	if (!r->timed)
		return json_pack("{s:i, s:n, s:n, s:n, s:n, s:n}", "sum", 0, "min", "max", "p50",
				 "p90", "p99");
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "sum",
			 integer(ns_to_cycles(r->sum_ns, khz)), "min",
			 integer(ns_to_cycles(r->min_ns, khz)), "max",
			 integer(ns_to_cycles(r->max_ns, khz)), "p50",
			 integer(ns_to_cycles(reason_percentile(r, 50), khz)), "p90",
			 integer(ns_to_cycles(reason_percentile(r, 90), khz)), "p99",
			 integer(ns_to_cycles(reason_percentile(r, 99), khz)));
}

/* The end of the last bucket, 2^64 ns, is beyond any clock: say the last value. */
static uint64_t bucket_end(uint32_t index, uint32_t khz)
{
	if (index + 1 < EXITSTAT_HIST_BUCKETS)
		return ns_to_cycles(exitstat_bucket_low(index + 1), khz);
	return INT64_MAX;
}

/*
 * Below 1 GHz neighbouring buckets of one or two ns can fall on the same cycle;
 * such are joined, so that every bucket has lo < hi.
 */
static json_t *export_histogram(const struct reason_stat *r, uint32_t khz)
{
	json_t *array = json_array();
	uint64_t carried = 0;

	for (size_t i = 0; array && i < r->nbuckets; i++) {
		uint64_t lo = ns_to_cycles(exitstat_bucket_low(r->buckets[i].index), khz);
		uint64_t hi = bucket_end(r->buckets[i].index, khz);

		carried += r->buckets[i].count;
		if (i + 1 < r->nbuckets &&
		    ns_to_cycles(exitstat_bucket_low(r->buckets[i + 1].index), khz) == lo)
			continue;
		if (hi <= lo)
			hi = lo + 1;
		if (json_array_append_new(array,
					  json_pack("{s:o, s:o, s:o}", "lo", integer(lo), "hi",
						    integer(hi), "count", integer(carried)))) {
			json_decref(array);
			return NULL;
		}
		carried = 0;
	}
	return array;
}

static json_t *export_reason(const struct reason_stat *r, uint32_t khz)
{
	char name[REASON_NAME_LEN];

	reason_name(name, r->isa, r->reason);
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "code",
			 integer(reason_code(r->isa, r->reason)), "name", name, "flags",
			 integer(reason_flags(r->isa, r->reason)), "count", integer(r->count),
			 "cycles", export_cycles(r, khz), "histogram", export_histogram(r, khz));
}

static json_t *export_vcpu(const void *element, const struct run *run)
{
	const struct vcpu_stat *vcpu = element;
	json_t *reasons = json_array();

	for_each_reason(r, vcpu) {
		if (reasons && filters_match(run->filters, run->nfilters, r->isa, r->reason) &&
		    json_array_append_new(reasons, export_reason(r, run->host->tsc_khz))) {
			json_decref(reasons);
			return NULL;
		}
	}
	return json_pack("{s:o, s:o}", "id", integer(vcpu->id), "reasons", reasons);
}

static json_t *export_vm(const void *element, const struct run *run)
{
	const struct vm_stat *vm = element;

	return json_pack("{s:o, s:s, s:o*, s:o}", "pid", integer(vm->pid), "name", vm->name,
			 "whole", run->series ? json_boolean(vm->whole) : NULL, "vcpus",
			 export_array(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus), run, export_vcpu));
}

static json_t *export_losses(const struct losses *losses)
{
	return json_pack("{s:o, s:o, s:o}", "map_full", integer(losses->map_full), "unpaired",
			 integer(losses->unpaired), "missed", integer(losses->missed));
}

/* --- snapshots ----------------------------------------------------------------- */

static json_t *export_point_reason(const void *element, const struct run *run)
{
	const struct reason_stat *r = element;

	return json_pack("{s:o, s:o, s:o, s:o}", "code", integer(reason_code(r->isa, r->reason)),
			 "flags", integer(reason_flags(r->isa, r->reason)), "count",
			 integer(r->count), "cycles",
			 integer(ns_to_cycles(r->sum_ns, run->host->tsc_khz)));
}

static json_t *export_point_vcpu(const void *element, const struct run *run)
{
	const struct vcpu_stat *vcpu = element;

	return json_pack("{s:o, s:o}", "id", integer(vcpu->id), "reasons",
			 export_array(vcpu->reasons, vcpu->nreasons, sizeof(*vcpu->reasons), run,
				      export_point_reason));
}

/* Its place in the list of the whole run: one process can have several. */
static json_t *vm_place(const struct run *run, uint64_t serial)
{
	size_t i = 0;

	while (i < run->snap->nvms && run->snap->vms[i].serial != serial)
		i++;
	return integer(i);
}

static json_t *export_point_vm(const void *element, const struct run *run)
{
	const struct vm_stat *vm = element;

	return json_pack("{s:o, s:o, s:o, s:o}", "vm", vm_place(run, vm->serial), "pid",
			 integer(vm->pid), "count", integer(vm_count(vm)), "vcpus",
			 export_array(vm->vcpus, vm->nvcpus, sizeof(*vm->vcpus), run,
				      export_point_vcpu));
}

static json_t *export_point(const void *element, const struct run *run)
{
	const struct point *point = element;

	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "time", timestamp(&point->time),
			 "monotonic_ns", integer(point->start_ns), "took_ns",
			 integer(point->took_ns), "losses", export_losses(&point->snap.losses),
			 "vms",
			 export_array(point->snap.vms, point->snap.nvms, sizeof(*point->snap.vms),
				      run, export_point_vm));
}

static json_t *export_snapshots(const struct run *run)
{
	const struct series *series = run->series;

	return series ? export_array(series->points, series->npoints, sizeof(*series->points), run,
				     export_point)
		      : NULL;
}

/* --- what KVM told its guests ---------------------------------------------------- */

static json_t *export_given(const void *element, const struct run *run)
{
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
			 export_array(answers->list, answers->n, sizeof(*answers->list), run,
				      export_given));
}

/* --- what it cost ----------------------------------------------------------------- */

static json_t *export_program(const void *element, const struct run *run)
{
	const struct self_program *program = element;

	(void)run;
	return json_pack("{s:s, s:o, s:o}", "name", program->name, "runs", integer(program->runs),
			 "ns", integer(program->ns));
}

static json_t *export_self(const struct run *run)
{
	const struct self *self = run->self;

	if (!self)
		return NULL;
	return json_pack("{s:o, s:o}", "programs",
			 export_array(self->programs, self->nprograms, sizeof(*self->programs), run,
				      export_program),
			 "process_ns", integer(self->process_ns));
}

/* --- the document -------------------------------------------------------------- */

static json_t *export_document(const struct run *run)
{
	const struct host *host = run->host;

	return json_pack(
		"{s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s, s:o}, s:{s:s, s:s}, s:{s:o, s:o, s:o},"
		" s:o, s:o, s:o*, s:o*, s:o*}",
		"schema", EXITSTAT_SCHEMA, "tool", "name", "exitstat-bpf", "version",
		exitstat_version, "host", "kernel", host->kernel, "cpu", host->cpu, "isa",
		isa_name(host->isa), "tsc_khz", integer(host->tsc_khz), "clock", "unit", "cycles",
		"source",
		host->tsc_measured ? "CLOCK_MONOTONIC, scaled by a measured TSC frequency"
				   : "CLOCK_MONOTONIC, scaled by the kernel's tsc_khz",
		"interval", "start", timestamp(&run->start), "end", timestamp(&run->end), "ns",
		integer(run->ns), "losses", export_losses(&run->snap->losses), "vms",
		export_array(run->snap->vms, run->snap->nvms, sizeof(*run->snap->vms), run,
			     export_vm),
		"self", export_self(run), "snapshots", export_snapshots(run), "answers",
		export_answers(run));
}

json_t *export_json(const struct run *run)
{
	json_t *doc = export_document(run);

	/* json_pack() leaves out what is NULL, even for want of memory. */
	if (doc && ((run->self && !json_object_get(doc, "self")) ||
		    (run->answers && !json_object_get(doc, "answers")) ||
		    (run->series && (!json_object_get(doc, "snapshots") || seal_set(doc))))) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}
