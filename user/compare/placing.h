/* SPDX-License-Identifier: GPL-2.0-only */
/* Between which of the host's snapshots each number of a guest's readings was read. */
#ifndef EXITSTAT_COMPARE_PLACING_H
#define EXITSTAT_COMPARE_PLACING_H

#include "compare/align.h"
#include "doc/findings.h"
#include "doc/guest_read.h"

/* A count, or total count. */
struct placed {
	const struct observation *observation;
	size_t column; /* of the timeline */
	struct claim count;
	/* CPUID and the total: exits of the reading itself before it was read, and after. */
	bool has_own;
	uint64_t own_before, own_after;
	bool holds;   /* with the rest of the readings */
	bool suspect; /* does, but were it wrong instead, as many others would */
};

struct placing {
	size_t nplaced;
	struct placed *placed;
	long first_gap, last_gap; /* when the reading began, at the earliest, and ended */
	bool jumped; /* fits only if the guest's clock stood still or was set before it */
	struct interval offset; /* host's minus guest's CLOCK_MONOTONIC, for this reading */
};

/* Fill in one for each reading. 0 or -ENOMEM; the caller frees them in either case. */
int placing_all(struct placing *placings, const struct guest_doc *doc,
		const struct timeline *timeline, const struct findings *findings);
void placing_free(struct placing *placings, size_t n);

/* By how many ns the guest's CLOCK_REALTIME is ahead of the host's. */
struct clocks {
	bool known;
	int64_t lo, hi;
};

struct clocks placing_clocks(const struct placing *placings, const struct guest_doc *doc,
			     const struct timeline *timeline);

#endif
