/* SPDX-License-Identifier: GPL-2.0-only */
/* One reason of a vCPU: its counts, histogram, details and slowest exits. */
#ifndef EXITSTAT_DOC_DECODE_REASON_H
#define EXITSTAT_DOC_DECODE_REASON_H

#include "doc/decoder.h"

/* flags: enum recording_reason. One that is new is all 0. */
void decode_reason(struct decoder *decoder, struct reason_stat *reason, uint8_t flags);

#endif
