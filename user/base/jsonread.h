/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Members of a document that somebody else wrote. The first that is not as it
 * must be fails the reader, which from then on hands out zeros.
 */
#ifndef EXITSTAT_BASE_JSONREAD_H
#define EXITSTAT_BASE_JSONREAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

struct jsonread {
	const char *file;
	struct error *err; /* filled in when failed */
	bool failed;
	char path[128]; /* of the object that is being read, e.g. vms[0] */
};

/* Each of the two fails the reader, if it has not failed yet. */
void jsonread_no_memory(struct jsonread *read);
int jsonread_fail(struct jsonread *read, const char *key, const char *expected);

/* Of an object; NULL when failed, and when "required" is not set and there is none. */
const json_t *jsonread_member(struct jsonread *read, const json_t *object, const char *key,
			      json_type type, bool required);
uint64_t jsonread_u64(struct jsonread *read, const json_t *object, const char *key, uint64_t max);
/* Nanoseconds, no more than 73 years: differences fit 64 bits. */
uint64_t jsonread_ns(struct jsonread *read, const json_t *object, const char *key);
/* Without control characters; "" when failed. */
const char *jsonread_text(struct jsonread *read, const json_t *object, const char *key);
/* RFC 3339 in UTC with microseconds. */
struct timespec jsonread_time(struct jsonread *read, const json_t *object, const char *key);

/* Call each() for the elements of an array, which are objects, with path set. */
void jsonread_each(struct jsonread *read, const json_t *object, const char *key, bool required,
		   void (*each)(void *reader, const json_t *element), void *reader);

#endif
