/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_MODEL_HOST_H
#define EXITSTAT_MODEL_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "model/apicv.h"

struct host {
	char kernel[128]; /* as uname -r */
	char cpu[128];	  /* model name */
	uint32_t isa;	  /* enum exitstat_isa: what KVM uses, or the CPU has */
	uint32_t tsc_khz;
	bool tsc_measured; /* the kernel did not say, so it was measured here */
	struct apicv_host apicv;
};

/*
 * Everything but the TSC's frequency, which only the kernel knows exactly, and the names of
 * what inhibits APICv.
 */
void host_describe(struct host *host);

/* The kernel's tsc_khz, or if that is 0 what 20 ms of measuring say. */
void host_set_tsc(struct host *host, uint32_t kernel_tsc_khz);

#endif
