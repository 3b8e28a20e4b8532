/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a run went: what each reason and each VM did between its moments, in bins of as many
 * moments each. However many there are, there are no more bins than that: they are joined in
 * pairs, so that their counts still add up to the run's.
 */
#ifndef EXITSTAT_MODEL_COURSE_H
#define EXITSTAT_MODEL_COURSE_H

#include <stdbool.h>

#include "model/run.h"

#define COURSE_BINS 256u

/* Times are kept in bands of four buckets of the histogram: two an octave. */
#define COURSE_BAND  4u
#define COURSE_BANDS (EXITSTAT_HIST_BUCKETS / COURSE_BAND)

/* What a reason did in a bin. */
struct course_cell {
	uint64_t count, sum_ns;
	size_t nbands;
	struct bucket *bands; /* that are not empty, ascending; index: of the band */
};

/* Of more reasons or VMs than these, the last stands for all others. */
#define COURSE_REASONS 512u
#define COURSE_VMS     4096u

struct course_total; /* of a reason until the last moment */

struct course_reason {
	uint32_t isa, reason, level;
	bool others;
	struct course_cell cells[COURSE_BINS];
	struct course_total *total;
};

struct course_vm {
	uint64_t serial;
	bool others;
	uint64_t count[COURSE_BINS], ns[COURSE_BINS];
	struct {
		uint64_t count, ns;
	} before, now; /* until the last moment, and the one that is being added */
};

struct course {
	size_t nmoments, nbins;
	size_t each;		      /* so many moments are in a bin, */
	size_t last;		      /* but in the last one these */
	uint64_t start_ns;	      /* of the run, where the first bin begins */
	uint64_t end_ns[COURSE_BINS]; /* of the run, in order */
	uint64_t lost[COURSE_BINS];   /* exits that were not counted or not timed, events missed */
	uint64_t total_lost;	      /* until the last moment */
	/* A moment came without histograms, as a document's have none: there are no bands. */
	bool no_bands;
	size_t nreasons;
	struct course_reason **reasons; /* in the order in which they came */
	size_t nvms;
	struct course_vm **vms;
};

/*
 * The moment at which it begins, of which nothing is told: what was counted until then is
 * before it. Without this it begins with the run. 0 or -ENOMEM.
 */
int course_begin(struct course *course, const struct run *run);

/* The next moment: the run from its start until then, of the reasons that match. 0 or -ENOMEM. */
int course_add(struct course *course, const struct run *run);

/* Half as many bins, each twice as long. 0 or -ENOMEM. */
int course_join(struct course *course);

void course_free(struct course *course);

#endif
