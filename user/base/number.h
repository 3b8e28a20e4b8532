/* SPDX-License-Identifier: GPL-2.0-only */
/* Strict parsing: the whole text is a number within bounds, or it is refused. */
#ifndef EXITSTAT_BASE_NUMBER_H
#define EXITSTAT_BASE_NUMBER_H

#include <stdint.h>

/* Decimal, or hexadecimal after 0x; no sign, no blanks. 0 or -1. */
int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value);

/* Seconds such as "1" or "0.25", at most 9 decimals, as nanoseconds. 0 or -1. */
int parse_seconds(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *ns);

#endif
