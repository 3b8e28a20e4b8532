// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
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

bool clock_stamp(char text[CLOCK_STAMP_LEN], const struct timespec *when)
{
	char date[CLOCK_STAMP_LEN - 10];
	struct tm tm;

	if (!gmtime_r(&when->tv_sec, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm))
		return false;
	snprintf(text, CLOCK_STAMP_LEN, "%s.%06uZ", date,
		 (unsigned int)(when->tv_nsec / 1000) % 1000000);
	return true;
}

struct timespec clock_later(const struct timespec *when, uint64_t ns)
{
	ns += (uint64_t)when->tv_nsec;
	return (struct timespec){ when->tv_sec + (time_t)(ns / NS_PER_SEC),
				  (long)(ns % NS_PER_SEC) };
}
