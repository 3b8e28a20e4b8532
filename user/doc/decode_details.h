/* SPDX-License-Identifier: GPL-2.0-only */
/* What exits were about, and those that took longest. */
#ifndef EXITSTAT_DOC_DECODE_DETAILS_H
#define EXITSTAT_DOC_DECODE_DETAILS_H

#include "doc/decoder.h"

/* The reason's buckets have got so many exits, which took so long. */
void decode_details(struct decoder *decoder, struct details *details, uint64_t exits, uint64_t ns);
void decode_slowest(struct decoder *decoder, struct reason_stat *reason);

#endif
