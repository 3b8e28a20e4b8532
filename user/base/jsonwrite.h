/* SPDX-License-Identifier: GPL-2.0-only */
/* Values as every document has them. The caller owns what is returned; NULL: no memory. */
#ifndef EXITSTAT_BASE_JSONWRITE_H
#define EXITSTAT_BASE_JSONWRITE_H

#include <jansson.h>
#include <stdint.h>
#include <time.h>

/* Exact to 2^63 - 1, which stands for all above as well: JSON readers have no more. */
json_t *integer(uint64_t value);

/* CLOCK_REALTIME as RFC 3339 has it: UTC, microseconds. */
json_t *timestamp(const struct timespec *when);

#endif
