// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "base/jsonwrite.h"

json_t *integer(uint64_t value)
{
	return json_integer(value < INT64_MAX ? (json_int_t)value : INT64_MAX);
}

json_t *timestamp(const struct timespec *when)
{
	char date[32], text[64];
	struct tm tm;

	if (!gmtime_r(&when->tv_sec, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
		return NULL;
	snprintf(text, sizeof(text), "%s.%06ldZ", date, when->tv_nsec / 1000);
	return json_string(text);
}

json_t *jsonwrite_array(const void *elements, size_t n, size_t size,
			json_t *(*make)(const void *element, const void *arg), const void *arg)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		const char *element = (const char *)elements + i * size;

		if (json_array_append_new(array, make(element, arg))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

void jsonwrite_member(json_t **object, const char *key, json_t *value)
{
	/* Which takes the value, and wants neither to be NULL. */
	if (json_object_set_new(*object, key, value)) {
		json_decref(*object);
		*object = NULL;
	}
}
