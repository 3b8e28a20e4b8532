// SPDX-License-Identifier: GPL-2.0-only
#include "base/jsonwrite.h"
#include "base/version.h"
#include "compare/document.h"
#include "model/reasons.h"

static json_t *make_line(const void *element, const void *isa)
{
	const struct compare_line *line = element;
	bool total = line->leaf < LEAF_COUNT;
	char name[REASON_NAME_LEN] = "all reasons";

	if (!total)
		reason_name(name, *(const uint32_t *)isa, line->code);
	return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s}", "code",
			 total ? json_null() : integer(line->code), "name", name, "field",
			 leaf_sum(line->leaf), "readings", integer(line->readings), "guest",
			 integer(line->guest), "host_low", integer(line->low), "host_high",
			 line->high == UINT64_MAX ? json_null() : integer(line->high), "verdict",
			 verdict_word(line->verdict), "explanation", line->why);
}

static json_t *make_note(const void *element, const void *isa)
{
	(void)isa;
	return json_string(element);
}

static json_t *make_guest(const void *element, const void *isa)
{
	const struct compared_guest *guest = element;

	return json_pack(
		"{s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "file",
		guest->doc->file, "kind", guest->doc->is_text ? "cpuid" : "exitstat-guest",
		"readings", integer(guest->doc->nreadings), "growth_only", guest->growth_only,
		"checked", integer(guest->checked), "explained", integer(guest->explained), "wrong",
		integer(guest->wrong), "placed", integer(guest->placed), "bounded",
		integer(guest->bounded), "unchecked", integer(guest->unchecked), "lines",
		jsonwrite_array(guest->lines, guest->nlines, sizeof(*guest->lines), make_line, isa),
		"notes",
		jsonwrite_array(guest->notes, guest->nnotes, sizeof(*guest->notes), make_note,
				isa));
}

static json_t *make_finding(const void *element, const void *isa)
{
	const struct finding *f = element;

	(void)isa;
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "verdict", verdict_word(f->verdict),
			 "file", f->file, "field", f->field, "value", f->value, "expected",
			 f->expected, "why", f->why);
}

json_t *comparison_document(const struct comparison *comparison)
{
	const struct timeline *timeline = comparison->timeline;
	const struct findings *findings = comparison->findings;
	uint32_t isa = timeline->doc->host.isa;

	if (findings->no_memory)
		return NULL;
	return json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:o, s:s, s:s, s:o}, s:s, s:o, s:o, s:o}",
			 "schema", EXITSTAT_COMPARE_SCHEMA, "tool", "name", "exitstat-bpf",
			 "version", exitstat_version, "host", "file", timeline->doc->file, "pid",
			 integer(timeline->vm->pid), "vm", timeline->vm->name, "isa", isa_name(isa),
			 "vcpus", integer(timeline->vm->nvcpus), "verdict",
			 verdict_word(comparison_verdict(comparison)), "guests",
			 jsonwrite_array(comparison->guests, comparison->nguests,
					 sizeof(*comparison->guests), make_guest, &isa),
			 "findings",
			 jsonwrite_array(findings->list, findings->n, sizeof(*findings->list),
					 make_finding, &isa),
			 "findings_dropped", integer(findings->dropped));
}
