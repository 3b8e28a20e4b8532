// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/jsonread.h"
#include "bpf/exitstat.h"
#include "doc/apicv_json.h"
#include "doc/detail_json.h"
#include "doc/host_read.h"
#include "doc/host_write.h"
#include "doc/scale.h"
#include "doc/slowest_json.h"
#include "doc/split_json.h"
#include "model/keys.h"
#include "model/levels.h"
#include "model/reasons.h"

struct reader {
	struct jsonread json;
	struct host_document *doc;
	/* What the element that is read belongs to. */
	struct snapshot *snap;
	struct vm_stat *vm;
	struct vcpu_stat *vcpu;
	struct reason_stat *reason;
};

static uint64_t read_count(struct reader *reader, const json_t *from, const char *key)
{
	return jsonread_u64(&reader->json, from, key, INT64_MAX);
}

static uint32_t read_u32(struct reader *reader, const json_t *from, const char *key)
{
	return (uint32_t)jsonread_u64(&reader->json, from, key, UINT32_MAX);
}

/* Cycles, as ns. */
static uint64_t read_time(struct reader *reader, const json_t *from, const char *key)
{
	uint64_t cycles = read_count(reader, from, key), ns;

	if (!scale_ns(cycles, reader->doc->host.tsc_khz ?: 1, &ns))
		jsonread_fail(&reader->json, key, "as many cycles as whole nanoseconds have");
	return ns;
}

static void read_losses(struct reader *reader, const json_t *object, struct losses *losses)
{
	const json_t *from = jsonread_member(&reader->json, object, "losses", JSON_OBJECT, true);
	size_t len = strlen(reader->json.path);

	snprintf(reader->json.path + len, sizeof(reader->json.path) - len, "%slosses",
		 len ? "." : "");
	losses->map_full = read_count(reader, from, "map_full");
	losses->unpaired = read_count(reader, from, "unpaired");
	losses->missed = read_count(reader, from, "missed");
	reader->json.path[len] = '\0';
}

/* A snapshot, which is one of the series, has no names and no histograms. */
static bool in_series(const struct reader *reader)
{
	return reader->snap != &reader->doc->snap;
}

/* --- reasons ---------------------------------------------------------------------- */

/* Of the host's ISA, but for events that KVM gave another one: the name has that. */
static uint32_t isa_of(const struct reader *reader, const char *name, uint32_t code, uint32_t flags)
{
	uint32_t isas[] = { reader->doc->host.isa, EXITSTAT_ISA_UNKNOWN, EXITSTAT_ISA_VMX,
			    EXITSTAT_ISA_SVM };
	char expected[REASON_NAME_LEN];

	if (name)
		sscanf(name, "ISA%u_", &isas[1]);
	for (size_t i = 0; i < COUNT_OF(isas); i++) {
		reason_name(expected, isas[i], code | flags);
		if (reason_code(isas[i], code | flags) == code &&
		    reason_flags(isas[i], code | flags) == flags &&
		    (!name || !strcmp(name, expected)))
			return isas[i];
	}
	return UINT32_MAX;
}

/* Of a nested guest, or it has none; how many were reflected a snapshot does not have. */
static void read_level(struct reader *reader, const json_t *from)
{
	const json_t *level = jsonread_member(&reader->json, from, "level", JSON_INTEGER, false);
	bool nested = level && json_integer_value(level) == EXITSTAT_L2;

	if (level && (!nested || reader->doc->no_levels))
		jsonread_fail(&reader->json, "level", "2, or none");
	if (reader->json.failed)
		return;
	reader->reason->level = nested ? EXITSTAT_L2 : EXITSTAT_L1;
	if (!in_series(reader) && (nested || json_object_get(from, "reflected")))
		reader->reason->reflected = read_count(reader, from, "reflected");
}

/* A reason of the vCPU that is read; a snapshot's has no name. False: failed. */
static bool add_reason(struct reader *reader, const json_t *from, const char *name)
{
	uint32_t code = read_u32(reader, from, "code"), flags = read_u32(reader, from, "flags");
	uint32_t isa = isa_of(reader, name, code, flags);
	char expected[REASON_NAME_LEN];

	reason_name(expected, reader->doc->host.isa, code);
	if (isa == UINT32_MAX)
		jsonread_fail(&reader->json,
			      !name || !strncmp(name, expected, strcspn(name, "+")) ? "flags"
										    : "code",
			      "that of a reason of this name");
	if (reader->json.failed)
		return false;
	reader->reason = vcpu_add_reason(reader->vcpu, isa, code | flags);
	if (!reader->reason)
		jsonread_no_memory(&reader->json);
	else
		reader->reason->count = read_count(reader, from, "count");
	read_level(reader, from);
	return !reader->json.failed;
}

static void read_bucket(void *into, const json_t *from)
{
	struct reader *reader = into;
	struct reason_stat *r = reader->reason;
	uint32_t khz = reader->doc->host.tsc_khz, index;
	uint64_t count = read_count(reader, from, "count");
	struct bucket *last;

	if (!scale_find(read_count(reader, from, "lo"), khz, &index) ||
	    (r->nbuckets && r->buckets[r->nbuckets - 1].index >= index))
		jsonread_fail(&reader->json, "lo", "where the next bucket or a later one begins");
	else if (read_count(reader, from, "hi") != scale_begin(index + 1, khz))
		jsonread_fail(&reader->json, "hi", "where this bucket ends");
	else if (!count || count > r->count - r->timed)
		jsonread_fail(&reader->json, "count", "a part of the reason's count");
	if (reader->json.failed)
		return;
	last = array_append(&r->buckets, &r->nbuckets, sizeof(*last));
	if (!last) {
		jsonread_no_memory(&reader->json);
		return;
	}
	*last = (struct bucket){ index, count };
	r->timed += count;
}

static void check_percentile(struct reader *reader, const json_t *cycles, const char *key,
			     double percent)
{
	uint64_t ns = reason_percentile(reader->reason, percent);

	if (read_count(reader, cycles, key) != scale_cycles(ns, reader->doc->host.tsc_khz))
		jsonread_fail(&reader->json, key, "what the histogram says");
}

/* The histogram has been read. */
static void read_cycles(struct reader *reader, const json_t *from)
{
	const json_t *cycles = jsonread_member(&reader->json, from, "cycles", JSON_OBJECT, true);
	struct reason_stat *r = reader->reason;
	size_t len = strlen(reader->json.path);

	if (reader->json.failed)
		return;
	snprintf(reader->json.path + len, sizeof(reader->json.path) - len, ".cycles");
	r->sum_ns = read_time(reader, cycles, "sum");
	if (r->timed) {
		r->min_ns = read_time(reader, cycles, "min");
		r->max_ns = read_time(reader, cycles, "max");
		if (r->min_ns > r->max_ns)
			jsonread_fail(&reader->json, "min", "at most max");
		check_percentile(reader, cycles, "p50", 50);
		check_percentile(reader, cycles, "p90", 90);
		check_percentile(reader, cycles, "p99", 99);
	} else if (r->sum_ns || !json_is_null(json_object_get(cycles, "min"))) {
		jsonread_fail(&reader->json, r->sum_ns ? "sum" : "min",
			      "that of exits in the histogram");
	}
	if (!reader->json.failed)
		reader->json.path[len] = '\0';
}

static void read_reason(void *into, const json_t *from)
{
	struct reader *reader = into;
	const char *name = in_series(reader) ? NULL : jsonread_text(&reader->json, from, "name");

	if (!add_reason(reader, from, name))
		return;
	if (in_series(reader)) {
		reader->reason->sum_ns = read_time(reader, from, "cycles");
		return;
	}
	jsonread_each(&reader->json, from, "histogram", true, read_bucket, reader);
	read_cycles(reader, from);
	if (reader->doc->parts && !reader->json.failed)
		split_read(&reader->json, from, reader->reason, reader->doc->parts,
			   reader->doc->host.tsc_khz);
	if (reader->doc->kinds && !reader->json.failed)
		detail_read(&reader->json, from, reader->reason, &reader->doc->symbols,
			    reader->doc->host.tsc_khz);
}

/* --- VMs and their vCPUs ------------------------------------------------------------ */

static void read_vcpu(void *into, const json_t *from)
{
	struct reader *reader = into;

	reader->vcpu = vm_add_vcpu(reader->vm, read_u32(reader, from, "id"));
	if (!reader->vcpu)
		jsonread_no_memory(&reader->json);
	jsonread_each(&reader->json, from, "reasons", true, read_reason, reader);
}

/* The serial of the VM at that place of the document; one more than it has: of another. */
static uint64_t read_serial(struct reader *reader, const json_t *from)
{
	return jsonread_u64(&reader->json, from, "vm", reader->doc->snap.nvms) + 1;
}

/* What follows from the exits is there if it is to be, and is that. */
static void check_nested(struct reader *reader, const json_t *from)
{
	const json_t *nested = jsonread_member(&reader->json, from, "nested", JSON_OBJECT, false);
	struct levels levels = { 0 };

	for_each_vcpu(vcpu, reader->vm)
		for_each_reason(r, vcpu)
			levels_add(&levels, r);
	if (!nested == !levels.l2 &&
	    (!nested ||
	     (read_count(reader, nested, "l1") == levels.l1 &&
	      read_count(reader, nested, "l2") == levels.l2 &&
	      read_count(reader, nested, "reflected") == levels.reflected &&
	      read_count(reader, nested, "l1_per_1000_l2") == levels_l1_per_1000(&levels))))
		return;
	jsonread_fail(&reader->json, "nested", "what the VM's reasons say");
}

static void read_vm(void *into, const json_t *from)
{
	struct reader *reader = into;
	bool series = in_series(reader);
	uint64_t serial = series ? read_serial(reader, from) : reader->snap->nvms + 1, sum;
	const struct vm_stat *whole = series ? snapshot_find_vm(&reader->doc->snap, serial) : NULL;
	const char *name = series ? "" : jsonread_text(&reader->json, from, "name");

	reader->vm = snapshot_add_vm(reader->snap, serial, read_u32(reader, from, "pid"),
				     whole ? whole->name : name);
	if (!reader->vm) {
		jsonread_no_memory(&reader->json);
		return;
	}
	reader->vm->whole = json_is_true(json_object_get(from, "whole"));
	apicv_read(&reader->json, jsonread_member(&reader->json, from, "apicv", JSON_OBJECT, false),
		   &reader->doc->host.apicv, &reader->vm->apicv);
	jsonread_each(&reader->json, from, "vcpus", true, read_vcpu, reader);
	if (reader->doc->nslowest && !series) {
		const struct run run = host_document_run(reader->doc);

		slowest_read(&reader->json, from, reader->vm, &run, &reader->doc->symbols);
	}
	if (!series)
		check_nested(reader, from);
	sum = vm_count(reader->vm);
	if (series && read_count(reader, from, "count") != (sum < INT64_MAX ? sum : INT64_MAX))
		jsonread_fail(&reader->json, "count", "the sum of its reasons");
}

/* --- snapshots, answers, self --------------------------------------------------------- */

static void read_point(void *into, const json_t *from)
{
	struct reader *reader = into;
	struct series *series = &reader->doc->series;
	struct point *point = array_append(&series->points, &series->npoints, sizeof(*point));

	if (!point) {
		jsonread_no_memory(&reader->json);
		return;
	}
	point->time = jsonread_time(&reader->json, from, "time");
	point->start_ns = jsonread_ns(&reader->json, from, "monotonic_ns");
	point->took_ns = jsonread_ns(&reader->json, from, "took_ns");
	if (series->npoints > 1 && point->start_ns < point[-1].start_ns + point[-1].took_ns)
		jsonread_fail(&reader->json, "monotonic_ns", "after the snapshot before it");
	read_losses(reader, from, &point->snap.losses);
	reader->snap = &point->snap;
	jsonread_each(&reader->json, from, "vms", true, read_vm, reader);
}

static void read_answer(void *into, const json_t *from)
{
	struct reader *reader = into;
	struct exitstat_answer answer = {
		.vm_serial = read_serial(reader, from),
		.ns = jsonread_ns(&reader->json, from, "monotonic_ns"),
		.function = read_u32(reader, from, "leaf"),
		.index = read_u32(reader, from, "subleaf"),
		.answer = { read_u32(reader, from, "eax"), read_u32(reader, from, "ebx"),
			    read_u32(reader, from, "ecx"), read_u32(reader, from, "edx") },
	};

	if (reader->doc->answers.n == ANSWERS_MAX)
		jsonread_fail(&reader->json, "", "an answer, of which so many are never written");
	else if (answers_add(&reader->doc->answers, &answer))
		jsonread_no_memory(&reader->json);
}

static void read_answers(struct reader *reader, const json_t *from)
{
	reader->doc->has_answers = from;
	if (!from)
		return;
	snprintf(reader->json.path, sizeof(reader->json.path), "answers");
	jsonread_each(&reader->json, from, "given", true, read_answer, reader);
	reader->doc->answers.dropped = read_count(reader, from, "dropped");
	reader->json.path[0] = '\0';
}

static void read_program(void *into, const json_t *from)
{
	struct reader *reader = into;
	struct self *self = &reader->doc->self;
	struct self_program *program = &self->programs[self->nprograms];
	const char *name = jsonread_text(&reader->json, from, "name");

	if (self->nprograms == COUNT_OF(self->programs) || strlen(name) >= sizeof(program->name)) {
		jsonread_fail(&reader->json, "name", "that of a BPF program, of which so many are");
		return;
	}
	strcpy(program->name, name);
	program->runs = read_count(reader, from, "runs");
	program->ns = read_count(reader, from, "ns");
	self->nprograms++;
}

static void read_self(struct reader *reader, const json_t *from)
{
	reader->doc->has_self = from;
	if (!from)
		return;
	snprintf(reader->json.path, sizeof(reader->json.path), "self");
	jsonread_each(&reader->json, from, "programs", true, read_program, reader);
	reader->doc->self.process_ns = read_count(reader, from, "process_ns");
	reader->json.path[0] = '\0';
}

/* --- what exits were about ------------------------------------------------------------- */

static void read_detail(struct reader *reader, const json_t *from)
{
	const json_t *kinds, *name;
	size_t i;
	uint8_t kind;

	if (!from)
		return;
	snprintf(reader->json.path, sizeof(reader->json.path), "detail");
	kinds = jsonread_member(&reader->json, from, "kinds", JSON_ARRAY, true);
	json_array_foreach(kinds, i, name) {
		if (!json_is_string(name) || !kind_find(json_string_value(name), &kind) ||
		    reader->doc->kinds >> kind)
			jsonread_fail(&reader->json, "kinds", "kinds of keys, in order");
		else
			reader->doc->kinds |= 1u << kind;
	}
	if (!reader->doc->kinds)
		jsonread_fail(&reader->json, "kinds", "kinds of keys, in order");
	reader->doc->snap.losses.keys = read_count(reader, from, "missed");
	reader->json.path[0] = '\0';
}

static void read_slowest(struct reader *reader, const json_t *from)
{
	if (!from)
		return;
	snprintf(reader->json.path, sizeof(reader->json.path), "slowest");
	reader->doc->nslowest =
		(unsigned int)jsonread_u64(&reader->json, from, "n", EXITSTAT_MAX_SLOWEST);
	reader->doc->start_ns = jsonread_ns(&reader->json, from, "monotonic_ns");
	reader->doc->slowest_idle = json_is_true(json_object_get(from, "idle"));
	if (!reader->doc->nslowest || !reader->doc->parts)
		jsonread_fail(&reader->json, "n", "how many, of exits that are split");
	else
		reader->json.path[0] = '\0';
}

/* --- the document ---------------------------------------------------------------------- */

static void read_text(struct reader *reader, const json_t *from, const char *key, char *text,
		      size_t size)
{
	if (snprintf(text, size, "%s", jsonread_text(&reader->json, from, key)) >= (int)size)
		jsonread_fail(&reader->json, key, "so short a text");
}

static void read_host(struct reader *reader, const json_t *from)
{
	struct host *host = &reader->doc->host;
	const char *isa;

	snprintf(reader->json.path, sizeof(reader->json.path), "host");
	read_text(reader, from, "kernel", host->kernel, sizeof(host->kernel));
	read_text(reader, from, "cpu", host->cpu, sizeof(host->cpu));
	isa = jsonread_text(&reader->json, from, "isa");
	while (host->isa <= EXITSTAT_ISA_SVM && strcmp(isa, isa_name(host->isa)))
		host->isa++;
	if (host->isa > EXITSTAT_ISA_SVM)
		jsonread_fail(&reader->json, "isa", "vmx, svm or unknown");
	host->tsc_khz = read_u32(reader, from, "tsc_khz");
	if (!host->tsc_khz)
		jsonread_fail(&reader->json, "tsc_khz", "the frequency of a TSC");
	apicv_host_read(&reader->json,
			jsonread_member(&reader->json, from, "apicv", JSON_OBJECT, false),
			&host->apicv);
	reader->json.path[0] = '\0';
}

static void read_head(struct reader *reader, const json_t *root)
{
	struct jsonread *json = &reader->json;
	struct host_document *doc = reader->doc;
	const json_t *clock, *interval, *set;
	const char *source;

	if (strcmp(jsonread_text(json, root, "schema"), EXITSTAT_SCHEMA))
		jsonread_fail(json, "schema", "\"" EXITSTAT_SCHEMA "\"");
	read_host(reader, jsonread_member(json, root, "host", JSON_OBJECT, true));
	clock = jsonread_member(json, root, "clock", JSON_OBJECT, true);
	source = jsonread_text(json, clock, "source");
	doc->host.tsc_measured = !strcmp(source, clock_sources[true]);
	if (strcmp(source, clock_sources[doc->host.tsc_measured]))
		jsonread_fail(json, "clock.source", "one of the two that exitstat-bpf writes");
	interval = jsonread_member(json, root, "interval", JSON_OBJECT, true);
	doc->start = jsonread_time(json, interval, "start");
	doc->end = jsonread_time(json, interval, "end");
	doc->ns = read_count(reader, interval, "ns");
	if (doc->end.tv_sec < doc->start.tv_sec ||
	    (doc->end.tv_sec == doc->start.tv_sec && doc->end.tv_nsec < doc->start.tv_nsec))
		jsonread_fail(json, "interval.end", "a time that is not before its start");
	set = jsonread_member(json, interval, "clock_set_ns", JSON_INTEGER, false);
	doc->clock_set_ns = json_integer_value(set);
	if (set && !doc->clock_set_ns)
		jsonread_fail(json, "interval.clock_set_ns", "by how much the clock was set");
	doc->no_levels = json_object_get(root, "levels");
	if (doc->no_levels && !json_is_false(json_object_get(root, "levels")))
		jsonread_fail(json, "levels", "false, or none");
	read_losses(reader, root, &doc->snap.losses);
}

int host_read(struct host_document *doc, const char *file, const json_t *root, struct error *err)
{
	struct reader reader = { .json = { .file = file, .err = err }, .doc = doc };

	*doc = (struct host_document){ .file = file };
	read_head(&reader, root);
	doc->parts = split_read_parts(&reader.json, root);
	read_slowest(&reader, jsonread_member(&reader.json, root, "slowest", JSON_OBJECT, false));
	read_detail(&reader, jsonread_member(&reader.json, root, "detail", JSON_OBJECT, false));
	reader.snap = &doc->snap;
	jsonread_each(&reader.json, root, "vms", true, read_vm, &reader);
	read_self(&reader, jsonread_member(&reader.json, root, "self", JSON_OBJECT, false));
	doc->has_series = json_object_get(root, "snapshots");
	jsonread_each(&reader.json, root, "snapshots", false, read_point, &reader);
	read_answers(&reader, jsonread_member(&reader.json, root, "answers", JSON_OBJECT, false));
	if (!reader.json.failed)
		return 0;
	host_document_free(doc);
	return -1;
}

void host_document_free(struct host_document *doc)
{
	snapshot_free(&doc->snap);
	series_free(&doc->series);
	answers_free(&doc->answers);
	kept_symbols_free(&doc->symbols);
}

struct run host_document_run(const struct host_document *doc)
{
	return (struct run){
		.host = &doc->host,
		.start = doc->start,
		.end = doc->end,
		.ns = doc->ns,
		.clock_set_ns = doc->clock_set_ns,
		.snap = &doc->snap,
		.series = doc->has_series ? &doc->series : NULL,
		.answers = doc->has_answers ? &doc->answers : NULL,
		.self = doc->has_self ? &doc->self : NULL,
		.kinds = doc->kinds,
		.parts = doc->parts,
		.nslowest = doc->nslowest,
		.slowest_idle = doc->slowest_idle,
		.start_ns = doc->start_ns,
		.no_levels = doc->no_levels,
	};
}
