// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/jsonread.h"

int jsonread_fail(struct jsonread *read, const char *key, const char *expected)
{
	if (!read->failed)
		fail(read->err, STATUS_CANNOT, "%s: %s%s%s is missing or not %s: give it unchanged",
		     read->file, read->path, *read->path ? "." : "", key, expected);
	read->failed = true;
	return -1;
}

void jsonread_no_memory(struct jsonread *read)
{
	if (!read->failed)
		fail(read->err, STATUS_FAILED, "out of memory for %s", read->file);
	read->failed = true;
}

static const char *name_of(json_type type)
{
	switch (type) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a text";
	default:
		return "a whole number in its range";
	}
}

const json_t *jsonread_member(struct jsonread *read, const json_t *object, const char *key,
			      json_type type, bool required)
{
	const json_t *value = json_object_get(object, key);

	if (read->failed || (!value && !required))
		return NULL;
	if (value && json_typeof(value) == type)
		return value;
	jsonread_fail(read, key, name_of(type));
	return NULL;
}

uint64_t jsonread_u64(struct jsonread *read, const json_t *object, const char *key, uint64_t max)
{
	const json_t *value = jsonread_member(read, object, key, JSON_INTEGER, true);
	json_int_t number = json_integer_value(value);

	if (!value)
		return 0;
	if (number >= 0 && (uint64_t)number <= max)
		return (uint64_t)number;
	jsonread_fail(read, key, name_of(JSON_INTEGER));
	return 0;
}

uint64_t jsonread_ns(struct jsonread *read, const json_t *object, const char *key)
{
	return jsonread_u64(read, object, key, INT64_MAX / 4);
}

const char *jsonread_text(struct jsonread *read, const json_t *object, const char *key)
{
	const json_t *value = jsonread_member(read, object, key, JSON_STRING, true);
	const char *text = value ? json_string_value(value) : "";

	/* Of UTF-8 (which it is, or it would not be JSON) C0, DEL and C1. */
	for (const char *p = text; *p; p++) {
		unsigned char next = (unsigned char)p[1];

		if (!iscntrl((unsigned char)*p) && !(*p == '\xc2' && next < 0xa0))
			continue;
		jsonread_fail(read, key, "a text that can be printed");
		return "";
	}
	return text;
}

struct timespec jsonread_time(struct jsonread *read, const json_t *object, const char *key)
{
	static const char form[] = "0000-00-00T00:00:00.000000Z";
	const char *text = jsonread_text(read, object, key);
	struct tm tm = { 0 };
	unsigned int us = 0;
	bool good = strlen(text) == strlen(form);

	for (size_t i = 0; good && form[i]; i++)
		good = form[i] == '0' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
	good = good && sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%6u", &tm.tm_year, &tm.tm_mon,
			      &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &us) == 7;
	if (good && tm.tm_year >= 1970 && tm.tm_year < 2100) {
		tm.tm_year -= 1900;
		tm.tm_mon--;
		return (struct timespec){ timegm(&tm), us * 1000l };
	}
	jsonread_fail(read, key, "a time such as 2026-01-31T12:00:00.000000Z");
	return (struct timespec){ 0 };
}

void jsonread_each(struct jsonread *read, const json_t *object, const char *key, bool required,
		   void (*each)(void *reader, const json_t *element), void *reader)
{
	const json_t *array = jsonread_member(read, object, key, JSON_ARRAY, required);
	size_t len = strlen(read->path), i;
	json_t *element;

	json_array_foreach(array, i, element) {
		snprintf(read->path + len, sizeof(read->path) - len, "%s%s[%zu]", len ? "." : "",
			 key, i);
		if (json_is_object(element))
			each(reader, element);
		else
			jsonread_fail(read, "", "an object");
		if (read->failed)
			return;
		read->path[len] = '\0';
	}
}
