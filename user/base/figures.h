/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as people read them. */
#ifndef EXITSTAT_BASE_FIGURES_H
#define EXITSTAT_BASE_FIGURES_H

#include <stddef.h>
#include <stdint.h>

/* "873ns", "1.25us", "14.0ms", "2.50s", "3h12m", "90d08h": at most 7 characters to a year. */
void duration(char *text, size_t size, uint64_t ns);

/* "12.34%" that part is of whole; "-" of nothing. */
void percent(char *text, size_t size, uint64_t part, uint64_t whole);

/* 1,234,567 */
void grouped(char *text, size_t size, uint64_t n);

#endif
