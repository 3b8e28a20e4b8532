/* SPDX-License-Identifier: GPL-2.0-only */
/* A file with frames, of which it is known what is new in each. */
#ifndef EXITSTAT_TESTS_UNIT_FRAMES_SAMPLE_H
#define EXITSTAT_TESTS_UNIT_FRAMES_SAMPLE_H

#include <stdint.h>

/* So late is each snapshot after its second. */
#define FRAMES_LATE_NS 300000

/*
 * A document of so many seconds, with a snapshot in each. In each second web1 (pid 100) has 100
 * CPUID of 1 us and 10 HLT of 5 ms on vCPU 0, 1 CPUID on vCPU 1; db (pid 200) 7 EPT_VIOLATION
 * until 3 s, and then it ends.
 */
void write_frames(const char *name, uint64_t seconds);
/* The same as a recording, which has all of it at each moment. */
void write_recorded(const char *name, uint64_t seconds);

#endif
