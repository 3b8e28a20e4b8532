/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays that grow by one element, each a pointer and a number of elements. */
#ifndef EXITSTAT_BASE_ARRAY_H
#define EXITSTAT_BASE_ARRAY_H

#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Grow the array by an element of that size, and return it, zeroed; NULL: no memory,
 * and nothing has changed. array is the address of the pointer, which is NULL where
 * *n is 0 at first. The array must have been grown by this function alone, as room is
 * made for twice as many each time; elements may be taken away at its end.
 */
void *array_append(void *array, size_t *n, size_t size);

/* A copy of n elements in an array of its own, which can grow; NULL: no memory, or n is 0. */
void *array_copy(const void *array, size_t n, size_t size);

/* qsort(), which wants no NULL even of no elements. */
void array_sort(void *array, size_t n, size_t size, int (*compare)(const void *, const void *));

#endif
