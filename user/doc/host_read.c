// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "doc/host_write.h"
#include "doc/host_read.h"
#include "base/jsonread.h"

static const char *const percentile_keys[PERCENTILES] = { "p50", "p90", "p99" };

static void read_losses(struct jsonread *read, const json_t *object, struct losses *losses)
{
	const json_t *from = jsonread_member(read, object, "losses", JSON_OBJECT, true);
	size_t len = strlen(read->path);

	if (!read->failed)
		snprintf(read->path + len, sizeof(read->path) - len, "%slosses", len ? "." : "");

	losses->map_full = jsonread_u64(read, from, "map_full", INT64_MAX);
	losses->unpaired = jsonread_u64(read, from, "unpaired", INT64_MAX);
	losses->missed = jsonread_u64(read, from, "missed", INT64_MAX);
	if (!read->failed)
		read->path[len] = '\0';
}

/* --- snapshots ------------------------------------------------------------------- */

static void read_point_reason(struct jsonread *read, const json_t *from, void *element)
{
	struct host_reason *r = element;

	r->code = (uint32_t)jsonread_u64(read, from, "code", UINT32_MAX);
	r->flags = (uint32_t)jsonread_u64(read, from, "flags", UINT32_MAX);
	r->count = jsonread_u64(read, from, "count", INT64_MAX);
	r->sum = jsonread_u64(read, from, "cycles", INT64_MAX);
}

static void read_point_vcpu(struct jsonread *read, const json_t *from, void *element)
{
	struct host_vcpu *vcpu = element;

	vcpu->id = (uint32_t)jsonread_u64(read, from, "id", UINT32_MAX);
	vcpu->nreasons = jsonread_array(read, from, "reasons", true, &vcpu->reasons,
					sizeof(*vcpu->reasons), read_point_reason);
}

static void read_point_vm(struct jsonread *read, const json_t *from, void *element)
{
	struct host_vm *vm = element;

	vm->index = jsonread_u64(read, from, "vm", INT64_MAX);
	vm->pid = (uint32_t)jsonread_u64(read, from, "pid", UINT32_MAX);
	vm->count = jsonread_u64(read, from, "count", INT64_MAX);
	vm->nvcpus = jsonread_array(read, from, "vcpus", true, &vm->vcpus, sizeof(*vm->vcpus),
				    read_point_vcpu);
}

static void read_point(struct jsonread *read, const json_t *from, void *element)
{
	struct host_point *point = element;

	point->real_ns = jsonread_time(read, from, "time");
	point->start_ns = jsonread_ns(read, from, "monotonic_ns");
	point->took_ns = jsonread_ns(read, from, "took_ns");
	read_losses(read, from, &point->losses);
	point->nvms = jsonread_array(read, from, "vms", true, &point->vms, sizeof(*point->vms),
				     read_point_vm);
}

/* --- what KVM told its guests ----------------------------------------------------- */

static void read_answer(struct jsonread *read, const json_t *from, void *element)
{
	struct host_answer *answer = element;

	answer->vm = jsonread_u64(read, from, "vm", INT64_MAX);
	answer->ns = jsonread_ns(read, from, "monotonic_ns");
	answer->leaf = (uint32_t)jsonread_u64(read, from, "leaf", UINT32_MAX);
	answer->subleaf = (uint32_t)jsonread_u64(read, from, "subleaf", UINT32_MAX);
	answer->regs.eax = (uint32_t)jsonread_u64(read, from, "eax", UINT32_MAX);
	answer->regs.ebx = (uint32_t)jsonread_u64(read, from, "ebx", UINT32_MAX);
	answer->regs.ecx = (uint32_t)jsonread_u64(read, from, "ecx", UINT32_MAX);
	answer->regs.edx = (uint32_t)jsonread_u64(read, from, "edx", UINT32_MAX);
}

static void read_answers(struct jsonread *read, struct host_doc *doc)
{
	const json_t *answers = jsonread_member(read, doc->root, "answers", JSON_OBJECT, false);

	if (!answers)
		return;
	doc->has_answers = true;
	doc->answers_dropped = jsonread_u64(read, answers, "dropped", INT64_MAX);
	snprintf(read->path, sizeof(read->path), "answers");
	doc->nanswers = jsonread_array(read, answers, "given", true, &doc->answers,
				       sizeof(*doc->answers), read_answer);
	if (!read->failed)
		read->path[0] = '\0';
}

/* --- the whole run --------------------------------------------------------------- */

static void read_bucket(struct jsonread *read, const json_t *from, void *element)
{
	struct host_bucket *bucket = element;

	bucket->lo = jsonread_u64(read, from, "lo", INT64_MAX);
	bucket->hi = jsonread_u64(read, from, "hi", INT64_MAX);
	bucket->count = jsonread_u64(read, from, "count", INT64_MAX);
}

static void read_reason(struct jsonread *read, const json_t *from, void *element)
{
	const json_t *cycles = jsonread_member(read, from, "cycles", JSON_OBJECT, true);
	struct host_reason *r = element;

	r->code = (uint32_t)jsonread_u64(read, from, "code", UINT32_MAX);
	r->flags = (uint32_t)jsonread_u64(read, from, "flags", UINT32_MAX);
	r->name = jsonread_text(read, from, "name");
	r->count = jsonread_u64(read, from, "count", INT64_MAX);
	r->sum = jsonread_u64(read, cycles, "sum", INT64_MAX);
	r->timed = !json_is_null(json_object_get(cycles, "min"));
	if (r->timed) {
		r->min = jsonread_u64(read, cycles, "min", INT64_MAX);
		r->max = jsonread_u64(read, cycles, "max", INT64_MAX);
		for (int i = 0; i < PERCENTILES; i++)
			r->percentiles[i] =
				jsonread_u64(read, cycles, percentile_keys[i], INT64_MAX);
	}
	r->nbuckets = jsonread_array(read, from, "histogram", true, &r->buckets,
				     sizeof(*r->buckets), read_bucket);
}

static void read_vcpu(struct jsonread *read, const json_t *from, void *element)
{
	struct host_vcpu *vcpu = element;

	vcpu->id = (uint32_t)jsonread_u64(read, from, "id", UINT32_MAX);
	vcpu->nreasons = jsonread_array(read, from, "reasons", true, &vcpu->reasons,
					sizeof(*vcpu->reasons), read_reason);
}

static void read_vm(struct jsonread *read, const json_t *from, void *element)
{
	struct host_vm *vm = element;

	vm->pid = (uint32_t)jsonread_u64(read, from, "pid", UINT32_MAX);
	vm->name = jsonread_text(read, from, "name");
	vm->whole = json_is_true(json_object_get(from, "whole"));
	vm->nvcpus = jsonread_array(read, from, "vcpus", true, &vm->vcpus, sizeof(*vm->vcpus),
				    read_vcpu);
}

static void read_head(struct jsonread *read, struct host_doc *doc)
{
	const json_t *host = jsonread_member(read, doc->root, "host", JSON_OBJECT, true);
	const json_t *clock = jsonread_member(read, doc->root, "clock", JSON_OBJECT, true);
	const json_t *interval = jsonread_member(read, doc->root, "interval", JSON_OBJECT, true);
	const char *isa = jsonread_text(read, host, "isa");

	doc->isa = !strcmp(isa, "vmx")	 ? EXITSTAT_ISA_VMX
		   : !strcmp(isa, "svm") ? EXITSTAT_ISA_SVM
					 : EXITSTAT_ISA_UNKNOWN;
	doc->tsc_khz = jsonread_u64(read, host, "tsc_khz", UINT32_MAX);
	doc->tsc_measured = strstr(jsonread_text(read, clock, "source"), "measured");
	doc->start_ns = jsonread_time(read, interval, "start");
	doc->end_ns = jsonread_time(read, interval, "end");
	jsonread_ns(read, interval, "ns");
	read_losses(read, doc->root, &doc->losses);
	if (!read->failed && (doc->isa == EXITSTAT_ISA_UNKNOWN || !doc->tsc_khz))
		jsonread_fail(read, doc->tsc_khz ? "host.isa" : "host.tsc_khz",
			      "that of a host with VMX or SVM");
}

int hostdoc_read(struct host_doc *doc, const char *file, json_t *root, struct error *err)
{
	struct jsonread read = { .file = file, .err = err };

	*doc = (struct host_doc){ .file = file, .root = root };
	if (strcmp(jsonread_text(&read, root, "schema"), EXITSTAT_SCHEMA))
		jsonread_fail(&read, "schema", "\"" EXITSTAT_SCHEMA "\"");
	read_head(&read, doc);
	doc->nvms = jsonread_array(&read, root, "vms", true, &doc->vms, sizeof(*doc->vms), read_vm);
	doc->npoints = jsonread_array(&read, root, "snapshots", false, &doc->points,
				      sizeof(*doc->points), read_point);
	read_answers(&read, doc);
	if (read.failed)
		hostdoc_free(doc);
	return read.failed ? -1 : 0;
}

static void free_vms(struct host_vm *vms, size_t n)
{
	for (size_t i = 0; vms && i < n; i++) {
		for (size_t j = 0; vms[i].vcpus && j < vms[i].nvcpus; j++) {
			struct host_vcpu *vcpu = &vms[i].vcpus[j];

			for (size_t k = 0; vcpu->reasons && k < vcpu->nreasons; k++)
				free(vcpu->reasons[k].buckets);
			free(vcpu->reasons);
		}
		free(vms[i].vcpus);
	}
	free(vms);
}

void hostdoc_free(struct host_doc *doc)
{
	free_vms(doc->vms, doc->nvms);
	for (size_t i = 0; doc->points && i < doc->npoints; i++)
		free_vms(doc->points[i].vms, doc->points[i].nvms);
	free(doc->points);
	free(doc->answers);
	json_decref(doc->root);
	memset(doc, 0, sizeof(*doc));
}
