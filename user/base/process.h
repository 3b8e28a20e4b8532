/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_BASE_PROCESS_H
#define EXITSTAT_BASE_PROCESS_H

#include <stdint.h>

/* When it was started, in clock ticks since the host was; 0 if nobody can say. */
uint64_t process_start_ticks(uint32_t pid);

/* Now, in the same unit. */
uint64_t process_ticks_now(void);

#endif
