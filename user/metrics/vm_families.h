/* SPDX-License-Identifier: GPL-2.0-only */
/* Families of single VMs: each has the label vm. */
#ifndef EXITSTAT_METRICS_VM_FAMILIES_H
#define EXITSTAT_METRICS_VM_FAMILIES_H

#include "metrics/exposure.h"
#include "metrics/text.h"

/* Whether it runs, its process, its UUID, its vCPUs. */
void vm_descriptions(struct metrics_text *text, const struct exposure *exposure);

/* Exits and their time, for each reason. */
void vm_exits(struct metrics_text *text, const struct exposure *exposure);

/* With --split: where that time went. */
void vm_parts(struct metrics_text *text, const struct exposure *exposure);

/* Whether APICv is active, what inhibits it, how often that came and went. */
void vm_apicv(struct metrics_text *text, const struct exposure *exposure);

/* With --per-vm-histograms: how long exits took, for each reason. */
void vm_histograms(struct metrics_text *text, const struct exposure *exposure);

#endif
