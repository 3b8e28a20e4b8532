/* SPDX-License-Identifier: GPL-2.0-only */
/* What a writer of recordings knows of what it has written: encode_*.h write a floor each. */
#ifndef EXITSTAT_DOC_ENCODER_H
#define EXITSTAT_DOC_ENCODER_H

#include "doc/pack.h"
#include "doc/recording.h"
#include "model/snapshot.h"

/* A reason's buckets, told apart by whether they had anything before. */
struct grown_buckets {
	size_t known_n, fresh_n;
	uint64_t had[EXITSTAT_HIST_BUCKETS];
	struct bucket known[EXITSTAT_HIST_BUCKETS]; /* what they have more, 0 included */
	struct bucket fresh[EXITSTAT_HIST_BUCKETS];
	uint64_t known_exits, exits; /* all of known, and with fresh */
};

/* All 0 at first. */
struct encoder {
	struct pack pack; /* of the block that was made last */
	struct snapshot last;
	uint64_t ns, grown_ns, drift_ns, clock_set_ns; /* of the last frame */
	struct rates rates;
	size_t nsymbols;
	const struct symbol **symbols; /* that the file knows */
	uint64_t slow_ns;	       /* of the last slow exit */
	bool shrunk;		       /* something is not there any more, or less than it was */
	struct grown_buckets grown;    /* of the reason that is being written */
	struct share most, rest;       /* of these */
};

#endif
