// SPDX-License-Identifier: GPL-2.0-only
#include "advice/document.h"
#include "base/array.h"
#include "base/jsonwrite.h"
#include "base/version.h"
#include "model/keys.h"
#include "model/reasons.h"

/* What is wanted, by enum fit. */
static const char *const wants[] = {
	[FIT_NO_KEYS] = "detail", [FIT_NO_SPLIT] = "split", [FIT_NO_ROOM] = "room",
	[FIT_NO_FACT] = "fact",	  [FIT_NO_LIVES] = "lives",
};

static json_t *key_object(const void *element, const void *with)
{
	const struct detail *detail = element;
	const char *access = access_name(detail->kind, detail->access);
	char text[KEY_TEXT_LEN], name[KEY_NAME_LEN];
	bool named = key_name(name, detail);
	json_t *made;

	(void)with;
	key_text(text, detail);
	made = json_pack("{s:s, s:s, s:o, s:o}", "kind", kind_name(detail->kind), "key", text,
			 "exits", integer(detail->count), "ns", integer(detail->sum_ns));
	if (named)
		jsonwrite_member(&made, "name", json_string(name));
	if (access)
		jsonwrite_member(&made, "access", json_string(access));
	return made;
}

static json_t *facts_object(const struct rule *rule, const struct advice *advice)
{
	json_t *made = json_object();

	for (int fact = 0; fact < FACTS; fact++) {
		const char *text = advice->facts->text[fact];

		if (rule->facts & 1u << fact && *text)
			jsonwrite_member(&made, fact_name(fact), json_string(text));
	}
	return made;
}

static json_t *parts_object(const struct measure *measure, const struct run *run)
{
	json_t *made = json_object();

	for (unsigned int part = 0; part <= PART_KVM; part++)
		if (has_part(run, part))
			jsonwrite_member(&made, part_name(part), integer(measure->part_ns[part]));
	return made;
}

static json_t *consistent_object(const struct judgment *judgment, const struct advice *advice)
{
	const struct rule *rule = judgment->rule;
	const struct measure *measure = &judgment->measure;
	json_t *made = json_pack("{s:s, s:s, s:o, s:o}", "rule", rule->id, "title", rule->title,
				 "exits", integer(measure->rule.count), "ns",
				 integer(measure->rule.sum_ns));

	jsonwrite_member(&made, "keys",
			 jsonwrite_array(measure->keys.list, measure->keys.n,
					 sizeof(*measure->keys.list), key_object, NULL));
	if (rule->measured == MEASURE_EXITS && advice->run->parts)
		jsonwrite_member(&made, "split_ns", parts_object(measure, advice->run));
	if (advice->facts->known)
		jsonwrite_member(&made, "checked", facts_object(rule, advice));
	jsonwrite_member(&made, "means", json_string(rule->means));
	jsonwrite_member(&made, "change", json_string(rule->change));
	jsonwrite_member(&made, "cost", json_string(rule->cost));
	jsonwrite_member(&made, "documented", json_string(rule->documented));
	return made;
}

static json_t *kinds_array(uint32_t kinds)
{
	json_t *made = json_array();

	for (uint8_t kind = 0; made && kind < EXITSTAT_KINDS; kind++) {
		if (!(kinds & 1u << kind) ||
		    !json_array_append_new(made, json_string(kind_name(kind))))
			continue;
		json_decref(made);
		return NULL;
	}
	return made;
}

static json_t *open_object(const struct judgment *judgment, const struct advice *advice)
{
	json_t *made =
		json_pack("{s:s, s:s}", "rule", judgment->rule->id, "want", wants[judgment->fit]);

	if (judgment->fit == FIT_NO_KEYS)
		jsonwrite_member(&made, "detail",
				 kinds_array(rule_kinds(judgment->rule) & ~advice->run->kinds));
	if (judgment->fit == FIT_NO_FACT)
		jsonwrite_member(&made, "fact", json_string(fact_name(judgment->rule->where.fact)));
	return made;
}

/* Of a VM those that are consistent, or those that are not judged. */
static json_t *judgments_array(const struct vm_advice *of, const struct advice *advice,
			       bool consistent)
{
	json_t *made = json_array();

	for_each_element(judgment, of->judgments, of->n) {
		if (!made || (judgment->fit == FIT_CONSISTENT) != consistent ||
		    !json_array_append_new(made, consistent ? consistent_object(judgment, advice)
							    : open_object(judgment, advice)))
			continue;
		json_decref(made);
		return NULL;
	}
	return made;
}

static json_t *vm_object(const void *element, const void *with)
{
	const struct vm_advice *of = element;
	json_t *made = json_pack("{s:o, s:s}", "pid", integer(of->vm->pid), "name", of->vm->name);

	jsonwrite_member(&made, "consistent", judgments_array(of, with, true));
	jsonwrite_member(&made, "not_judged", judgments_array(of, with, false));
	return made;
}

json_t *advice_document(const struct advice *advice)
{
	const struct host *host = advice->run->host;

	return json_pack("{s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s, s:b}, s:{s:o}, s:o}", "schema",
			 EXITSTAT_ADVICE_SCHEMA, "tool", "name", "exitstat-bpf", "version",
			 exitstat_version, "host", "kernel", host->kernel, "cpu", host->cpu, "isa",
			 isa_name(host->isa), "checked", advice->facts->known, "interval", "ns",
			 integer(advice->run->ns), "vms",
			 jsonwrite_array(advice->vms, advice->nvms, sizeof(*advice->vms), vm_object,
					 advice));
}
