// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/jsonwrite.h"
#include "doc/apicv_json.h"

static json_t *write_name(const void *element, const void *with)
{
	(void)with;
	return json_string(element);
}

json_t *apicv_host_write(const struct apicv_host *host)
{
	json_t *on = host->use == APICV_UNKNOWN ? json_null() : json_boolean(host->use == APICV_ON);

	return json_pack("{s:o, s:o}", "on", on, "reasons",
			 jsonwrite_array(host->names, host->n, sizeof(host->names[0]), write_name,
					 NULL));
}

static int add_name(json_t *list, const struct apicv_host *host, uint32_t reason)
{
	char name[APICV_NAME_LEN];

	apicv_reason_name(name, host, reason);
	return json_array_append_new(list, json_string(name));
}

static int add_change(json_t *list, const struct apicv *apicv, const struct apicv_host *host,
		      uint32_t reason)
{
	char name[APICV_NAME_LEN];

	apicv_reason_name(name, host, reason);
	return json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "reason", name, "set",
						     integer(apicv->set[reason]), "cleared",
						     integer(apicv->cleared[reason])));
}

json_t *apicv_write(const struct apicv *apicv, const struct apicv_host *host)
{
	json_t *inhibited = json_array(), *changes = json_array();
	bool failed = !inhibited || !changes;

	for (uint32_t i = 0; !failed && i < EXITSTAT_INHIBITS; i++) {
		if (apicv->inhibits >> i & 1)
			failed = add_name(inhibited, host, i);
		if (apicv->set[i] || apicv->cleared[i])
			failed = failed || add_change(changes, apicv, host, i);
	}
	if (!failed)
		return json_pack("{s:b, s:o, s:o}", "active", !apicv->inhibits, "inhibited",
				 inhibited, "changes", changes);
	json_decref(inhibited);
	json_decref(changes);
	return NULL;
}

/* --- back ---------------------------------------------------------------------------- */

static void add_host_name(struct jsonread *json, struct apicv_host *host, const char *name)
{
	if (!name || !*name || strlen(name) >= APICV_NAME_LEN || host->n == EXITSTAT_INHIBITS ||
	    apicv_find_reason(host, name) < EXITSTAT_INHIBITS)
		jsonread_fail(json, "apicv.reasons", "a name of each reason");
	else
		snprintf(host->names[host->n++], APICV_NAME_LEN, "%s", name);
}

void apicv_host_read(struct jsonread *json, const json_t *from, struct apicv_host *host)
{
	const json_t *on = json_object_get(from, "on"), *name;
	size_t i;

	if (!from)
		return;
	if (json_is_boolean(on))
		host->use = json_is_true(on) ? APICV_ON : APICV_OFF;
	else if (!json_is_null(on))
		jsonread_fail(json, "apicv.on", "true, false or null");
	if (!json_is_array(json_object_get(from, "reasons")))
		jsonread_fail(json, "apicv.reasons", "a name of each reason");
	json_array_foreach(json_object_get(from, "reasons"), i, name)
		add_host_name(json, host, json_string_value(name));
}

struct reader {
	struct jsonread *json;
	const struct apicv_host *host;
	struct apicv *apicv;
	uint32_t next; /* they are in order */
};

static bool read_reason(struct reader *reader, const char *key, const char *name, uint32_t *reason)
{
	*reason = name ? apicv_find_reason(reader->host, name) : EXITSTAT_INHIBITS;
	if (*reason < EXITSTAT_INHIBITS && *reason >= reader->next) {
		reader->next = *reason + 1;
		return true;
	}
	jsonread_fail(reader->json, key, "a reason that the host has, in order");
	return false;
}

static void read_change(void *into, const json_t *from)
{
	struct reader *reader = into;
	const char *name = jsonread_text(reader->json, from, "reason");
	uint32_t reason;

	if (!read_reason(reader, "reason", name, &reason))
		return;
	reader->apicv->set[reason] = jsonread_u64(reader->json, from, "set", INT64_MAX);
	reader->apicv->cleared[reason] = jsonread_u64(reader->json, from, "cleared", INT64_MAX);
	if (!reader->apicv->set[reason] && !reader->apicv->cleared[reason])
		jsonread_fail(reader->json, "set", "a number of changes");
}

void apicv_read(struct jsonread *json, const json_t *from, const struct apicv_host *host,
		struct apicv *apicv)
{
	struct reader reader = { json, host, apicv, 0 };
	const json_t *list, *name;
	uint32_t reason;
	size_t i;

	if (!from)
		return;
	apicv->known = true;
	list = jsonread_member(json, from, "inhibited", JSON_ARRAY, true);
	json_array_foreach(list, i, name)
		if (read_reason(&reader, "apicv.inhibited", json_string_value(name), &reason))
			apicv->inhibits |= 1ull << reason;
	reader.next = 0;
	jsonread_each(json, from, "changes", true, read_change, &reader);
	if (!json_is_boolean(json_object_get(from, "active")) ||
	    json_is_true(json_object_get(from, "active")) != !apicv->inhibits)
		jsonread_fail(json, "apicv.active", "whether nothing inhibits it");
}
