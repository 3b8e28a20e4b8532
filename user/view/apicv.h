/* SPDX-License-Identifier: GPL-2.0-only */
/* What a summary says of APICv and AVIC. */
#ifndef EXITSTAT_VIEW_APICV_H
#define EXITSTAT_VIEW_APICV_H

#include <stdio.h>

#include "model/run.h"

/* A line for each VM; one where all are alike; nothing where nothing is known. */
void apicv_print(FILE *out, const struct run *run);

#endif
