/* SPDX-License-Identifier: GPL-2.0-only */
/* All that came of one "exitstat-bpf compare". */
#ifndef EXITSTAT_COMPARE_COMPARISON_H
#define EXITSTAT_COMPARE_COMPARISON_H

#include "compare/guest.h"

struct comparison {
	const struct timeline *timeline;
	size_t nguests;
	const struct compared_guest *guests;
	const struct findings *findings;
};

/* The worst of all numbers and findings. */
enum verdict comparison_verdict(const struct comparison *comparison);

#endif
