/* SPDX-License-Identifier: GPL-2.0-only */
/* With --detail: families of what the exits of single VMs were about, key by key. */
#ifndef EXITSTAT_METRICS_DETAIL_FAMILIES_H
#define EXITSTAT_METRICS_DETAIL_FAMILIES_H

#include "metrics/exposure.h"
#include "metrics/text.h"

/* Exits and their time, for each key that there was. */
void vm_detail(struct metrics_text *text, const struct exposure *exposure);

#endif
