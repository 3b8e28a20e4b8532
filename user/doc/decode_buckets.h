/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms: how many exits more took how long. */
#ifndef EXITSTAT_DOC_DECODE_BUCKETS_H
#define EXITSTAT_DOC_DECODE_BUCKETS_H

#include "doc/decoder.h"

/*
 * The reason's buckets and sum_ns grow, fresh ones come if there are any; so many exits were
 * expected. Returns how many they have got.
 */
uint64_t decode_exits(struct decoder *decoder, struct reason_stat *reason, bool any_fresh,
		      uint64_t expected);

#endif
