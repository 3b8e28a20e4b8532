// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/near.h"

#define LONGEST 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t distance(const char *a, const char *b)
{
	size_t len = strlen(b), row[LONGEST + 1];

	if (len > LONGEST)
		return len;
	for (size_t j = 0; j <= len; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t above = row[j + 1];

			row[j + 1] = least(least(above, row[j]) + 1, corner + (a[i] != b[j]));
			corner = above;
		}
	}
	return row[len];
}
