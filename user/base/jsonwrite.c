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
