// SPDX-License-Identifier: GPL-2.0-only
#include "base/jsonwrite.h"
#include "base/array.h"
#include "doc/seal.h"
#include "base/version.h"
#include "doc/guest_write.h"
#include "model/reasons.h"

static json_t *document_sums(const struct sums *sums)
{
	return json_pack("{s:o, s:o, s:o}", "count", integer(sums->count), "handled",
			 integer(sums->handled), "away", integer(sums->away));
}

static json_t *document_reason(const struct reason_sums *reason, uint32_t isa)
{
	const struct sums *sums = &reason->sums;
	char name[REASON_NAME_LEN];

	reason_name(name, isa, reason->code);
	if (!reason->defined)
		return json_pack("{s:o, s:s, s:n, s:n, s:n}", "code", integer(reason->code), "name",
				 name, "count", "handled", "away");
	return json_pack("{s:o, s:s, s:o, s:o, s:o}", "code", integer(reason->code), "name", name,
			 "count", integer(sums->count), "handled", integer(sums->handled), "away",
			 integer(sums->away));
}

static json_t *document_reasons(const struct reading *reading, uint32_t isa, bool all)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < reading->nreasons; i++) {
		const struct reason_sums *reason = &reading->reasons[i];

		if ((all || reason->sums.count) &&
		    json_array_append_new(array, document_reason(reason, isa))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *document_own(const struct reading *reading)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "reading", integer(reading->own), "so_far",
			 integer(reading->own_so_far), "in_total", integer(reading->own_in_total),
			 "in_cpuid",
			 reading->has_cpuid ? integer(reading->own_in_cpuid) : json_null());
}

static json_t *document_reading(const struct reading *reading, uint32_t isa, bool all)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "time", timestamp(&reading->time),
			 "monotonic_ns", integer(reading->start_ns), "took_ns",
			 integer(reading->ns), "own", document_own(reading), "total",
			 document_sums(&reading->total), "reasons",
			 document_reasons(reading, isa, all));
}

static json_t *document_readings(const struct plan *plan, bool all, const struct reading *readings,
				 size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array,
					  document_reading(&readings[i], plan->who.isa, all))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

json_t *document_make(const struct host *guest, const struct plan *plan, bool all,
		      const struct reading *readings, size_t n)
{
	const struct who *who = &plan->who;
	const char *shown = plan->chosen ? "chosen" : all ? "all" : "counted";
	json_t *doc;

	doc = json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s, s:o, s:o, s:o, s:o}, s:{s:s, s:s},"
			" s:s, s:o}",
			"schema", EXITSTAT_GUEST_SCHEMA, "tool", "name", "exitstat-guest",
			"version", exitstat_version, "guest", "kernel", guest->kernel, "cpu",
			guest->cpu, "isa", isa_name(who->isa), "tsc_khz", integer(who->tsc_khz),
			"layout", integer(who->layout), "abi", integer(who->abi), "defined",
			integer(who->reasons), "clock", "unit", "cycles", "source",
			"the host's TSC, read by its KVM", "selection", shown, "readings",
			document_readings(plan, all || plan->chosen, readings, n));
	if (doc && seal_set(doc)) {
		json_decref(doc);
		return NULL;
	}
	return doc;
}
