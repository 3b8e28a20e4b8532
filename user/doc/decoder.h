/* SPDX-License-Identifier: GPL-2.0-only */
/* What a reader of recordings knows of what it has read: decode_*.h read a floor each. */
#ifndef EXITSTAT_DOC_DECODER_H
#define EXITSTAT_DOC_DECODER_H

#include "doc/pack.h"
#include "doc/recording.h"
#include "model/run.h"
#include "model/symbols.h"

/* Nanoseconds that the run's can be, as documents have it. */
#define MAX_NS (INT64_MAX / 4)

/* All 0 at first. */
struct decoder {
	uint32_t version;     /* of the file, which whoever reads it has set */
	struct unpack unpack; /* of the block that is read */
	struct host host;
	size_t nfilters;
	struct reason_filter *filters;
	struct run head;      /* as far as the first block tells */
	struct run run;	      /* at the moment of the last frame; it points into this */
	struct snapshot snap; /* likewise */
	struct self self;
	uint64_t grown_ns, drift_ns;
	struct rates rates;
	/* All that there were: who has kept a moment has kept its keys. */
	struct kept_symbols symbols;
	size_t symbols_from; /* the first that is known since the last RECORDING_RESET */
	uint64_t slow_ns;
	uint64_t bytes, symbol_bytes; /* that snap and these take, about */
	bool no_memory;
	uint64_t fresh_exits;
	size_t fresh_n;
	struct bucket fresh[EXITSTAT_HIST_BUCKETS]; /* of the reason that is read */
	struct share most, rest;		    /* of its other buckets */
};

static inline bool decoder_failed(const struct decoder *decoder)
{
	return decoder->unpack.failed || decoder->no_memory;
}

/* What comes once, and is at most that. */
static inline uint64_t take_once(struct decoder *decoder, uint64_t max)
{
	return unpack_most(&decoder->unpack, PACK_ONCE, max);
}

static inline uint64_t take_change(struct decoder *decoder, enum pack_section section)
{
	return unpack_signed(&decoder->unpack, section);
}

#endif
