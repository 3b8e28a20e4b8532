/* SPDX-License-Identifier: GPL-2.0-only */
/* Families of the host as a whole. */
#ifndef EXITSTAT_METRICS_HOST_FAMILIES_H
#define EXITSTAT_METRICS_HOST_FAMILIES_H

#include "metrics/exposure.h"
#include "metrics/text.h"

/* A few series, whatever runs here: what it is, what was lost, what tracing costs. */
void host_families(struct metrics_text *text, const struct exposure *exposure);

/* How long exits took, of all VMs there ever were, for each reason. */
void host_histograms(struct metrics_text *text, const struct exposure *exposure);

#endif
