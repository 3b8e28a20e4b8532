// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/jsonread.h"
#include "bpf/exitstat.h"
#include "doc/guest_read.h"
#include "doc/guest_write.h"
#include "model/reasons.h"

struct reader {
	struct jsonread json;
	struct guest_doc *doc;
	size_t nreasons; /* of this reading */
};

struct observation *guest_observe(struct guest_doc *doc, enum leaf leaf, uint32_t code,
				  uint64_t value)
{
	struct observation *o = array_append(&doc->observations, &doc->n, sizeof(*o));

	if (o)
		*o = (struct observation){
			.leaf = leaf, .code = code, .value = value, .defined = true
		};
	return o;
}

/* In the order in which exitstat-guest asks. */
static const char *const fields[] = { "count", "handled", "away" };

static void observe(struct reader *reader, enum leaf leaf, uint32_t code, uint64_t value,
		    bool defined, const char *field)
{
	struct observation *o = guest_observe(reader->doc, leaf, code, value);

	if (!o) {
		jsonread_no_memory(&reader->json);
		return;
	}
	o->defined = defined;
	o->reading = (uint32_t)(reader->doc->nreadings - 1);
	snprintf(o->where, sizeof(o->where), "%.40s.%s", reader->json.path, field);
}

static void read_reason(void *into, const json_t *from)
{
	static const enum leaf leaves[] = { LEAF_COUNT, LEAF_HANDLED, LEAF_AWAY };
	struct reader *reader = into;
	uint32_t code = (uint32_t)jsonread_u64(&reader->json, from, "code", UINT32_MAX);
	uint64_t value, count = 0;
	char name[REASON_NAME_LEN];

	reason_name(name, reader->doc->isa, code);
	if (strcmp(name, jsonread_text(&reader->json, from, "name")))
		jsonread_fail(&reader->json, "code", "that of this name");
	if (reader->nreasons++ == GUEST_MAX_REASONS)
		jsonread_fail(&reader->json, "", "a reason, of which no manual has so many");
	if (json_is_null(json_object_get(from, "count"))) {
		observe(reader, LEAF_COUNT, code, 0, false, "count");
		return;
	}
	for (size_t i = 0; i < COUNT_OF(fields); i++) {
		value = jsonread_u64(&reader->json, from, fields[i], INT64_MAX);
		/* What never happened is not asked about again. */
		if (!i || count)
			observe(reader, leaves[i], code, value, true, fields[i]);
		else if (value)
			jsonread_fail(&reader->json, fields[i], "0, as there was no exit");
		count = i ? count : value;
	}
}

static void read_total(struct reader *reader, const json_t *from)
{
	static const enum leaf leaves[] = { LEAF_COUNT_ALL, LEAF_HANDLED_ALL, LEAF_AWAY_ALL };
	const json_t *total = jsonread_member(&reader->json, from, "total", JSON_OBJECT, true);
	size_t len = strlen(reader->json.path);

	if (reader->json.failed)
		return;
	snprintf(reader->json.path + len, sizeof(reader->json.path) - len, ".total");
	for (size_t i = 0; i < COUNT_OF(fields); i++)
		observe(reader, leaves[i], 0,
			jsonread_u64(&reader->json, total, fields[i], INT64_MAX), true, fields[i]);
	if (!reader->json.failed)
		reader->json.path[len] = '\0';
}

static void read_reading(void *into, const json_t *from)
{
	struct reader *reader = into;

	reader->doc->nreadings++;
	reader->nreasons = 0;
	jsonread_each(&reader->json, from, "reasons", true, read_reason, reader);
	read_total(reader, from);
}

/* --- the document ------------------------------------------------------------------------ */

static void read_head(struct reader *reader, const json_t *root)
{
	static const char *const selections[] = {
		[SELECTED_COUNTED] = "counted",
		[SELECTED_ALL] = "all",
		[SELECTED_CHOSEN] = "chosen",
	};
	struct jsonread *json = &reader->json;
	struct guest_doc *doc = reader->doc;
	const json_t *guest = jsonread_member(json, root, "guest", JSON_OBJECT, true);
	const char *isa = jsonread_text(json, guest, "isa");
	const char *selection = jsonread_text(json, root, "selection");
	size_t i = 0;

	for (doc->isa = EXITSTAT_ISA_VMX; strcmp(isa, isa_name(doc->isa)); doc->isa++)
		if (doc->isa == EXITSTAT_ISA_SVM) {
			jsonread_fail(json, "guest.isa", "vmx or svm");
			break;
		}
	doc->layout = (uint32_t)jsonread_u64(json, guest, "layout", UINT32_MAX);
	doc->tsc_khz = (uint32_t)jsonread_u64(json, guest, "tsc_khz", UINT32_MAX);
	doc->defined = (uint32_t)jsonread_u64(json, guest, "defined", UINT32_MAX);
	if (jsonread_u64(json, guest, "abi", UINT32_MAX) != LEAVES_ABI)
		jsonread_fail(json, "guest.abi", "1, the ABI that is known here");
	if (doc->layout != LAYOUT_2021 && doc->layout != LAYOUT_2022)
		jsonread_fail(json, "guest.layout", "2021 or 2022");
	while (i < COUNT_OF(selections) && strcmp(selection, selections[i]))
		i++;
	if (i == COUNT_OF(selections))
		jsonread_fail(json, "selection", "counted, all or chosen");
	doc->selection = (enum selection)i;
}

int guest_read(struct guest_doc *doc, const char *file, const json_t *root, struct error *err)
{
	struct reader reader = { .json = { .file = file, .err = err }, .doc = doc };

	*doc = (struct guest_doc){ .file = file,
				   .has_who = true,
				   .isa_where = "guest.isa",
				   .khz_where = "guest.tsc_khz",
				   .defined_where = "guest.defined" };
	if (strcmp(jsonread_text(&reader.json, root, "schema"), EXITSTAT_GUEST_SCHEMA))
		jsonread_fail(&reader.json, "schema", "\"" EXITSTAT_GUEST_SCHEMA "\"");
	read_head(&reader, root);
	jsonread_each(&reader.json, root, "readings", true, read_reading, &reader);
	if (!doc->nreadings)
		jsonread_fail(&reader.json, "readings", "a list of readings");
	if (!reader.json.failed)
		return 0;
	guest_doc_free(doc);
	return -1;
}

void guest_doc_free(struct guest_doc *doc)
{
	free(doc->observations);
	memset(doc, 0, sizeof(*doc));
}
