/* SPDX-License-Identifier: GPL-2.0-only */
/* Values as every document has them. The caller owns what is returned; NULL: no memory. */
#ifndef EXITSTAT_BASE_JSONWRITE_H
#define EXITSTAT_BASE_JSONWRITE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Exact to 2^63 - 1, which stands for all above as well: JSON readers have no more. */
json_t *integer(uint64_t value);

/* CLOCK_REALTIME as RFC 3339 has it: UTC, microseconds. */
json_t *timestamp(const struct timespec *when);

/* An array of what make() makes of each of n elements of this size. */
json_t *jsonwrite_array(const void *elements, size_t n, size_t size,
			json_t *(*make)(const void *element, const void *arg), const void *arg);

/*
 * Give *object a member. If that fails, or one before has failed, or value is NULL,
 * *object is NULL: a whole object comes of it, or none.
 */
void jsonwrite_member(json_t **object, const char *key, json_t *value);

#endif
