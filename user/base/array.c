// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* The room there is for n elements is the next power of two. */
static size_t room(size_t n)
{
	size_t most = 1;

	while (most < n)
		most *= 2;
	return most;
}

void *array_append(void *array, size_t *n, size_t size)
{
	char *elements;

	memcpy(&elements, array, sizeof(elements));
	if (!*n || *n == room(*n)) {
		elements = reallocarray(elements, room(*n + 1), size);
		if (!elements)
			return NULL;
		memcpy(array, &elements, sizeof(elements));
	}
	return memset(elements + (*n)++ * size, 0, size);
}

void *array_copy(const void *array, size_t n, size_t size)
{
	void *copy = n ? reallocarray(NULL, room(n), size) : NULL;

	return copy ? memcpy(copy, array, n * size) : NULL;
}

void array_sort(void *array, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	if (n > 1)
		qsort(array, n, size, compare);
}
