// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"
#include "base/jsonwrite.h"

json_t *integer(uint64_t value)
{
	return json_integer(value < INT64_MAX ? (json_int_t)value : INT64_MAX);
}

json_t *timestamp(const struct timespec *when)
{
	char text[CLOCK_STAMP_LEN];

	if (!clock_stamp(text, when))
		return NULL;
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
