/* SPDX-License-Identifier: GPL-2.0-only */
/* Histograms: how many exits more took how long. */
#ifndef EXITSTAT_DOC_ENCODE_BUCKETS_H
#define EXITSTAT_DOC_ENCODE_BUCKETS_H

#include "doc/encoder.h"

/* Fills in encoder->grown. */
void compare_buckets(struct encoder *encoder, const struct reason_stat *now,
		     const struct reason_stat *was);
/* What is in there, if there are any; so many were expected. */
void encode_exits(struct encoder *encoder, const struct reason_stat *now,
		  const struct reason_stat *was, uint64_t expected);

#endif
