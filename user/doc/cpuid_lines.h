/* SPDX-License-Identifier: GPL-2.0-only */
/* The lines of "cpuid -r" in a text, among whatever else was copied with them. */
#ifndef EXITSTAT_DOC_CPUID_LINES_H
#define EXITSTAT_DOC_CPUID_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/leaves.h"

#define CPUID_MAX_LINES 4096u

struct cpuid_line {
	size_t line; /* of the text, from 1 */
	bool cut;    /* a part of it is missing or cannot be read: nothing else is known */
	uint32_t leaf, subleaf;
	struct cpuid_regs regs;
};

struct cpuid_text {
	size_t nlines;
	struct cpuid_line *lines; /* of our leaves */
};

/* 0, -ENOMEM, or -E2BIG for more than CPUID_MAX_LINES lines. The caller frees lines. */
int cpuid_lines_read(struct cpuid_text *found, const char *text, size_t len);

#endif
