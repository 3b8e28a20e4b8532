// SPDX-License-Identifier: GPL-2.0-only
#include "compare/comparison.h"
#include "base/array.h"
#include "base/jsonwrite.h"
#include "model/reasons.h"
#include "base/version.h"

static json_t *document_line(const struct compare_line *line, uint32_t isa)
{
	bool total = line->leaf < LEAF_COUNT;
	char name[REASON_NAME_LEN] = "all reasons";

	if (!total)
		reason_name(name, isa, line->code);
	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s}", "code",
			 total ? json_null() : integer(line->code), "name", name, "field",
			 leaf_sum(line->leaf), "readings", integer(line->readings), "guest",
			 integer(line->guest), "host_low", integer(line->low), "host_high",
			 line->high == UINT64_MAX ? json_null() : integer(line->high), "verdict",
			 verdict_name(line->verdict), "explanation", line->why);
}

static json_t *document_guest(const struct compared_guest *guest, uint32_t isa)
{
	json_t *lines = json_array(), *notes = json_array();

	for (size_t i = 0; lines && i < guest->nlines; i++)
		json_array_append_new(lines, document_line(&guest->lines[i], isa));
	for (size_t i = 0; notes && i < guest->nnotes; i++)
		json_array_append_new(notes, json_string(guest->notes[i]));
	return json_pack("{s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o}", "file", guest->doc->file,
			 "kind", guest->doc->root ? "exitstat-guest" : "cpuid", "readings",
			 integer(guest->doc->nreadings), "growth_only", guest->growth_only,
			 "checked", integer(guest->checked), "explained", integer(guest->explained),
			 "wrong", integer(guest->wrong), "lines", lines, "notes", notes);
}

static json_t *document_finding(const struct finding *f)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "verdict",
			 f->explained ? "explained" : "disagree", "file", f->file, "field",
			 f->field, "value", f->value, "expected", f->expected, "why", f->why);
}

json_t *comparison_document(const struct comparison *comparison)
{
	const struct timeline *timeline = comparison->timeline;
	const struct findings *findings = comparison->findings;
	json_t *guests = json_array(), *found = json_array();

	for (size_t i = 0; guests && i < comparison->nguests; i++)
		json_array_append_new(guests,
				      document_guest(&comparison->guests[i], timeline->doc->isa));
	for (size_t i = 0; found && i < findings->n; i++)
		json_array_append_new(found, document_finding(&findings->list[i]));
	return json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:o, s:s, s:s, s:o}, s:s, s:o, s:o, s:o}",
			 "schema", EXITSTAT_COMPARE_SCHEMA, "tool", "name", "exitstat-bpf",
			 "version", exitstat_version, "host", "file", comparison->host_file, "pid",
			 integer(timeline->vm->pid), "vm", timeline->vm->name, "isa",
			 isa_name(timeline->doc->isa), "vcpus", integer(timeline->vm->nvcpus),
			 "verdict", verdict_name(comparison_verdict(comparison)), "guests", guests,
			 "findings", found, "findings_dropped", integer(findings->dropped));
}
