/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A reading: the counters of this VM, asked for one after the other. Each number
 * is whole, as both its halves come in one answer; but each is of its own
 * instant, and asking is itself an exit (CPUID), so that these are counted too.
 */
#ifndef EXITSTAT_MODEL_READING_H
#define EXITSTAT_MODEL_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"
#include "model/leaves.h"

struct sums {
	uint64_t count;	  /* exits */
	uint64_t handled; /* cycles until KVM's handler had returned */
	uint64_t away;	  /* cycles until the next VM entry */
};

/* What is to be read. */
struct plan {
	struct who who;
	bool chosen; /* only the reasons that were asked for */
	size_t ncodes;
	uint32_t *codes; /* ascending */
};

struct reason_sums {
	uint32_t code;
	bool defined;
	struct sums sums;
};

struct reading {
	uint64_t number;      /* from 1 */
	struct timespec time; /* CLOCK_REALTIME */
	uint64_t start_ns;    /* CLOCK_MONOTONIC */
	uint64_t ns;	      /* how long it took */
	uint64_t own;	      /* exits that it caused */
	uint64_t own_so_far;  /* that this program has caused up to its end */
	/* How many of these were in a count when it was read. */
	uint64_t own_in_total;
	uint64_t own_in_cpuid;
	bool has_cpuid; /* CPUID is among the reasons read */
	struct sums total;
	size_t nreasons;
	struct reason_sums *reasons; /* as in the plan */
};

void plan_free(struct plan *plan);
void reading_free(struct reading *reading);

struct sums sums_subtract(const struct sums *now, const struct sums *before);

#endif
