// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "doc/guest_read.h"
#include "doc/guest_write.h"
#include "base/jsonread.h"

static uint64_t read_own(struct jsonread *read, const json_t *own, const char *key)
{
	return jsonread_u64(read, own, key, INT64_MAX);
}

static void read_sums(struct jsonread *read, const json_t *from, struct guest_sums *sums)
{
	sums->count = jsonread_u64(read, from, "count", INT64_MAX);
	sums->handled = jsonread_u64(read, from, "handled", INT64_MAX);
	sums->away = jsonread_u64(read, from, "away", INT64_MAX);
}

static void read_reason(struct jsonread *read, const json_t *from, void *element)
{
	struct guest_reason *reason = element;

	reason->code = (uint32_t)jsonread_u64(read, from, "code", UINT32_MAX);
	reason->name = jsonread_text(read, from, "name");
	reason->defined = !json_is_null(json_object_get(from, "count"));
	if (reason->defined)
		read_sums(read, from, &reason->sums);
}

static void read_reading(struct jsonread *read, const json_t *from, void *element)
{
	const json_t *own = jsonread_member(read, from, "own", JSON_OBJECT, true);
	const json_t *total = jsonread_member(read, from, "total", JSON_OBJECT, true);
	struct guest_reading *reading = element;

	reading->timed = true;
	reading->real_ns = jsonread_time(read, from, "time");
	reading->start_ns = jsonread_ns(read, from, "monotonic_ns");
	reading->took_ns = jsonread_ns(read, from, "took_ns");
	reading->own.reading = read_own(read, own, "reading");
	reading->own.so_far = read_own(read, own, "so_far");
	reading->own.in_total = read_own(read, own, "in_total");
	reading->own.has_cpuid = !json_is_null(json_object_get(own, "in_cpuid"));
	if (reading->own.has_cpuid)
		reading->own.in_cpuid = read_own(read, own, "in_cpuid");
	read_sums(read, total, &reading->total);
	reading->nreasons = jsonread_array(read, from, "reasons", true, &reading->reasons,
					   sizeof(*reading->reasons), read_reason);
	if (reading->nreasons > GUEST_MAX_REASONS)
		jsonread_fail(read, "reasons", "a list of reasons, of which no manual has so many");
}

/* --- as observations ------------------------------------------------------------------ */

static void observe(struct guest_reading *reading, enum leaf leaf, uint32_t code, bool defined,
		    uint64_t value, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

static void observe(struct guest_reading *reading, enum leaf leaf, uint32_t code, bool defined,
		    uint64_t value, const char *fmt, ...)
{
	struct observation *o = &reading->observations[reading->nobservations++];
	va_list args;

	*o = (struct observation){ leaf, code, defined, value, "" };
	va_start(args, fmt);
	vsnprintf(o->where, sizeof(o->where), fmt, args);
	va_end(args);
}

/* In the order in which exitstat-guest reads: reason by reason, the totals last. */
static int make_observations(struct guest_reading *reading, size_t r)
{
	reading->observations = calloc(3 * (reading->nreasons + 1), sizeof(*reading->observations));
	if (!reading->observations)
		return -1;
	for (size_t i = 0; i < reading->nreasons; i++) {
		const struct guest_reason *reason = &reading->reasons[i];

		observe(reading, LEAF_COUNT, reason->code, reason->defined, reason->sums.count,
			"readings[%zu].reasons[%zu].count", r, i);
		if (!reason->sums.count)
			continue;
		observe(reading, LEAF_HANDLED, reason->code, true, reason->sums.handled,
			"readings[%zu].reasons[%zu].handled", r, i);
		observe(reading, LEAF_AWAY, reason->code, true, reason->sums.away,
			"readings[%zu].reasons[%zu].away", r, i);
	}
	observe(reading, LEAF_COUNT_ALL, 0, true, reading->total.count, "readings[%zu].total.count",
		r);
	observe(reading, LEAF_HANDLED_ALL, 0, true, reading->total.handled,
		"readings[%zu].total.handled", r);
	observe(reading, LEAF_AWAY_ALL, 0, true, reading->total.away, "readings[%zu].total.away",
		r);
	return 0;
}

/* --- the document ------------------------------------------------------------------------ */

static void read_head(struct jsonread *read, struct guest_doc *doc)
{
	static const char *const selections[] = { "counted", "all", "chosen" };
	const json_t *guest = jsonread_member(read, doc->root, "guest", JSON_OBJECT, true);
	const char *isa = jsonread_text(read, guest, "isa");
	const char *selection = jsonread_text(read, doc->root, "selection");
	size_t i = 0;

	doc->has_isa = true;
	doc->isa = !strcmp(isa, "vmx") ? EXITSTAT_ISA_VMX : EXITSTAT_ISA_SVM;
	if (strcmp(isa, "vmx") && strcmp(isa, "svm"))
		jsonread_fail(read, "guest.isa", "vmx or svm");
	doc->layout = (uint32_t)jsonread_u64(read, guest, "layout", UINT32_MAX);
	doc->tsc_khz = jsonread_u64(read, guest, "tsc_khz", UINT32_MAX);
	doc->defined = jsonread_u64(read, guest, "defined", UINT32_MAX);
	doc->isa_where = "guest.isa";
	doc->khz_where = "guest.tsc_khz";
	doc->defined_where = "guest.defined";
	if (jsonread_u64(read, guest, "abi", UINT32_MAX) != LEAVES_ABI)
		jsonread_fail(read, "guest.abi", "1, the ABI that is known here");
	if (doc->layout != LAYOUT_2021 && doc->layout != LAYOUT_2022)
		jsonread_fail(read, "guest.layout", "2021 or 2022");
	while (i < 3 && strcmp(selection, selections[i]))
		i++;
	if (i == 3)
		jsonread_fail(read, "selection", "counted, all or chosen");
	doc->selection = (enum selection)i;
}

int guestdoc_read(struct guest_doc *doc, const char *file, json_t *root, struct error *err)
{
	struct jsonread read = { .file = file, .err = err };

	*doc = (struct guest_doc){ .file = file, .root = root };
	if (strcmp(jsonread_text(&read, root, "schema"), EXITSTAT_GUEST_SCHEMA))
		jsonread_fail(&read, "schema", "\"" EXITSTAT_GUEST_SCHEMA "\"");
	read_head(&read, doc);
	doc->nreadings = jsonread_array(&read, root, "readings", true, &doc->readings,
					sizeof(*doc->readings), read_reading);
	if (!read.failed && !doc->nreadings)
		jsonread_fail(&read, "readings", "a list of readings");
	for (size_t i = 0; i < doc->nreadings && !read.failed; i++) {
		if (make_observations(&doc->readings[i], i)) {
			fail(err, STATUS_FAILED, "out of memory for %s", file);
			read.failed = true;
		}
	}
	if (read.failed)
		guestdoc_free(doc);
	return read.failed ? -1 : 0;
}

void guestdoc_free(struct guest_doc *doc)
{
	for (size_t i = 0; doc->readings && i < doc->nreadings; i++) {
		free(doc->readings[i].reasons);
		free(doc->readings[i].observations);
	}
	free(doc->readings);
	json_decref(doc->root);
	memset(doc, 0, sizeof(*doc));
}
