// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "base/jsonwrite.h"
#include "doc/scale.h"
#include "doc/split_json.h"
#include "model/split.h"

json_t *split_write_parts(uint32_t parts)
{
	json_t *names = json_array();

	for (unsigned int part = 0; names && part <= PART_KVM; part++) {
		if (!(parts & 1u << part))
			continue;
		if (json_array_append_new(names, json_string(part_name(part)))) {
			json_decref(names);
			return NULL;
		}
	}
	return json_pack("{s:o}", "parts", names);
}

/* KVM's is what is left of the cycles: scaled one by one, times would not add up. */
json_t *split_write(const struct reason_stat *reason, uint32_t parts, uint32_t khz)
{
	uint64_t left = scale_cycles(reason->sum_ns, khz);
	json_t *made = json_object();

	for (unsigned int part = 0; part < PART_KVM; part++) {
		uint64_t cycles = scale_cycles(reason->part_ns[part], khz);

		if (!(parts & 1u << part))
			continue;
		cycles = cycles < left ? cycles : left;
		left -= cycles;
		jsonwrite_member(&made, part_name(part), integer(cycles));
	}
	jsonwrite_member(&made, part_name(PART_KVM), integer(left));
	return made;
}

/* --- back ---------------------------------------------------------------------------- */

static uint32_t read_part(const json_t *name)
{
	const char *text = json_string_value(name);

	for (unsigned int part = 0; text && part <= PART_KVM; part++)
		if (!strcmp(text, part_name(part)))
			return 1u << part;
	return 0;
}

uint32_t split_read_parts(struct jsonread *json, const json_t *root)
{
	const json_t *split = jsonread_member(json, root, "split", JSON_OBJECT, false);
	const json_t *names, *name;
	uint32_t parts = 0, part;
	size_t i;

	if (!split)
		return 0;
	snprintf(json->path, sizeof(json->path), "split");
	names = jsonread_member(json, split, "parts", JSON_ARRAY, true);
	json_array_foreach(names, i, name) {
		part = read_part(name);
		if (!part || part <= parts)
			jsonread_fail(json, "parts", "parts of the time, in order");
		parts |= part;
	}
	if (!(parts & 1u << PART_KVM))
		jsonread_fail(json, "parts", "parts of the time, kvm the last of them");
	else
		json->path[0] = '\0';
	return parts;
}

void split_read(struct jsonread *json, const json_t *from, struct reason_stat *reason,
		uint32_t parts, uint32_t khz)
{
	const json_t *split = jsonread_member(json, from, "split", JSON_OBJECT, true);
	uint64_t left = scale_cycles(reason->sum_ns, khz), cycles;
	size_t len = strlen(json->path);

	if (json->failed)
		return;
	snprintf(json->path + len, sizeof(json->path) - len, ".split");
	for (unsigned int part = 0; part < PART_KVM; part++) {
		if (!(parts & 1u << part))
			continue;
		cycles = jsonread_u64(json, split, part_name(part), left);
		if (!scale_ns(cycles, khz ?: 1, &reason->part_ns[part]))
			jsonread_fail(json, part_name(part),
				      "as many cycles as whole nanoseconds have");
		left -= cycles < left ? cycles : left;
	}
	if (jsonread_u64(json, split, part_name(PART_KVM), INT64_MAX) != left)
		jsonread_fail(json, part_name(PART_KVM),
			      "what the other parts leave of the cycles");
	if (!json->failed)
		json->path[len] = '\0';
}
