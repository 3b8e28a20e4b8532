/* SPDX-License-Identifier: GPL-2.0-only */
/* What exits were about, and those that took longest. */
#ifndef EXITSTAT_DOC_ENCODE_DETAILS_H
#define EXITSTAT_DOC_ENCODE_DETAILS_H

#include "doc/encoder.h"

/* How many keys are new or have more than before. */
size_t changed_details(struct encoder *encoder, const struct details *now,
		       const struct details *was);
/* They have changed; encoder->grown is of the reason. */
void encode_details(struct encoder *encoder, const struct reason_stat *now,
		    const struct reason_stat *was);

bool slowest_are_same(const struct reason_stat *now, const struct reason_stat *was);
void encode_slowest(struct encoder *encoder, const struct reason_stat *now,
		    const struct reason_stat *was);

#endif
