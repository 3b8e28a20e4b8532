/* SPDX-License-Identifier: GPL-2.0-only */
/* One reason of a vCPU: its counts, histogram, details and slowest exits. */
#ifndef EXITSTAT_DOC_ENCODE_REASON_H
#define EXITSTAT_DOC_ENCODE_REASON_H

#include "doc/encoder.h"

/* old: NULL, it is new. Whether anything of it has changed. */
bool encode_reason(struct encoder *encoder, const struct reason_stat *now,
		   const struct reason_stat *old);

#endif
