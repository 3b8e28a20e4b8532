/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_BASE_CLOCK_H
#define EXITSTAT_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_SEC 1000000000ull

/* Nanoseconds of CLOCK_MONOTONIC as TSC cycles, rounded down; 2^64 - 1 stands for more. */
static inline uint64_t ns_to_cycles(uint64_t ns, uint32_t tsc_khz)
{
	unsigned __int128 cycles = (unsigned __int128)ns * tsc_khz / 1000000;

	return cycles < UINT64_MAX ? (uint64_t)cycles : UINT64_MAX;
}

/*
 * The least ns that are so many cycles or more: exactly so many, where cycles came from
 * ns_to_cycles(). 2^64 - 1 where no ns are.
 */
static inline uint64_t cycles_to_ns(uint64_t cycles, uint32_t tsc_khz)
{
	unsigned __int128 ns = ((unsigned __int128)cycles * 1000000 + tsc_khz - 1) / tsc_khz;

	return ns < UINT64_MAX ? (uint64_t)ns : UINT64_MAX;
}

/*
 * By how many ns CLOCK_REALTIME was set since start, ns ago: end, which is now, becomes what
 * it would be without. 0: it was not. NTP makes it faster or slower by 500 ppm at most, and
 * steps it where that would take too long.
 */
int64_t clock_was_set(const struct timespec *start, uint64_t ns, struct timespec *end);

#define CLOCK_STAMP_LEN 40

/* RFC 3339 in UTC with microseconds. False: there is no such year. */
bool clock_stamp(char text[CLOCK_STAMP_LEN], const struct timespec *when);

/* So many ns later. */
struct timespec clock_later(const struct timespec *when, uint64_t ns);

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
