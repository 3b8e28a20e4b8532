/* SPDX-License-Identifier: GPL-2.0-only */
/* The labels by which a reason is told from others. */
#ifndef EXITSTAT_METRICS_REASON_LABELS_H
#define EXITSTAT_METRICS_REASON_LABELS_H

#include "metrics/text.h"
#include "model/reasons.h"
#include "model/run.h"

#define REASON_LABELS 2

struct reason_labels {
	char reason[REASON_NAME_LEN + 16];
	struct label labels[REASON_LABELS];
};

/* In place: the labels point into it. */
void reason_labels(struct reason_labels *labels, const struct run *run, uint32_t isa,
		   uint32_t reason, uint32_t level);

#endif
