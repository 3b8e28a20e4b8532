// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocations.h"

static size_t wishes, first; /* how many there were; which one is the first to fail */
static bool counts, fails_later;

static bool is_refused(void)
{
	if (!counts)
		return false;
	wishes++;
	if (wishes != first && !(fails_later && wishes > first))
		return false;
	errno = ENOMEM;
	return true;
}

/* --- what the linker puts in the place of each --------------------------------------------- */

#define WRAP(type, name, parameters, arguments) \
	type __real_##name parameters;          \
	type __wrap_##name parameters;          \
	type __wrap_##name parameters           \
	{                                       \
		if (is_refused())               \
			return NULL;            \
		return __real_##name arguments; \
	}                                       \
	_Static_assert(sizeof(type) == sizeof(void *), "a pointer, NULL when there is no memory")

WRAP(void *, malloc, (size_t size), (size));
WRAP(void *, calloc, (size_t n, size_t size), (n, size));
WRAP(void *, realloc, (void *old, size_t size), (old, size));
WRAP(void *, reallocarray, (void *old, size_t n, size_t size), (old, n, size));
WRAP(char *, strdup, (const char *text), (text));
WRAP(char *, realpath, (const char *path, char *resolved), (path, resolved));
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode));
WRAP(FILE *, fdopen, (int fd, const char *mode), (fd, mode));
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size));

int __real_vasprintf(char **text, const char *fmt, va_list args);
int __wrap_vasprintf(char **text, const char *fmt, va_list args);
int __wrap_asprintf(char **text, const char *fmt, ...);

int __wrap_vasprintf(char **text, const char *fmt, va_list args)
{
	return is_refused() ? -1 : __real_vasprintf(text, fmt, args);
}

int __wrap_asprintf(char **text, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = __wrap_vasprintf(text, fmt, args);
	va_end(args);
	return len;
}

/* What the JSON library had made when memory ran out is lost (user/base/jsontext.c). */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:allocate_or_leave\n";
}

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

/* --- when ------------------------------------------------------------------------------------ */

static json_malloc_t json_malloc_before;
static json_free_t json_free_before;

void allocations_fail(size_t nth, bool all_later)
{
	json_get_alloc_funcs(&json_malloc_before, &json_free_before);
	json_set_alloc_funcs(__wrap_malloc, free);
	wishes = 0;
	first = nth;
	fails_later = all_later;
	counts = true;
}

size_t allocations_end(void)
{
	counts = false;
	json_set_alloc_funcs(json_malloc_before, json_free_before);
	return wishes;
}
