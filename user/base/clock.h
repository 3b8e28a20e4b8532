/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_BASE_CLOCK_H
#define EXITSTAT_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

#define NS_PER_SEC 1000000000ull

/* Nanoseconds of CLOCK_MONOTONIC as TSC cycles, rounded down; exact to 2^64 cycles. */
static inline uint64_t ns_to_cycles(uint64_t ns, uint32_t tsc_khz)
{
	return (uint64_t)((unsigned __int128)ns * tsc_khz / 1000000);
}

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_SEC + (uint64_t)now.tv_nsec;
}

static inline uint64_t monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

#endif
