// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/clock.h"

static int64_t ns_of(const struct timespec *time)
{
	return time->tv_sec * (int64_t)NS_PER_SEC + time->tv_nsec;
}

int64_t clock_was_set(const struct timespec *start, uint64_t ns, struct timespec *end)
{
	int64_t expected = ns_of(start) + (int64_t)ns, off = ns_of(end) - expected;

	if ((uint64_t)llabs(off) <= NS_PER_SEC / 2 + ns / 1000)
		return 0;
	*end = (struct timespec){ expected / (int64_t)NS_PER_SEC, expected % (int64_t)NS_PER_SEC };
	return off;
}
