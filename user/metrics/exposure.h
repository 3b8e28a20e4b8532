/* SPDX-License-Identifier: GPL-2.0-only */
/* What a host tells a time series database: which families, and which of them there is room for. */
#ifndef EXITSTAT_METRICS_EXPOSURE_H
#define EXITSTAT_METRICS_EXPOSURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "metrics/fleet.h"
#include "metrics/format.h"
#include "model/run.h"

/* What does not depend on how many VMs there are has room in any case. */
#define EXPOSURE_MIN_SERIES 100u

struct exposure {
	const struct run *run; /* of its snapshot only the losses */
	const struct fleet *fleet;
	uint64_t max_series; /* at least EXPOSURE_MIN_SERIES */
	bool vm_histograms;
};

/*
 * All families, in an order that is always the same. A group of them of which not every series has
 * room is left out as a whole, which exitstat_dropped_series tells. How many series there are, or
 * -errno of what could not be written.
 */
int64_t exposure_write(FILE *out, const struct exposure *exposure, enum metrics_format format);

#endif
