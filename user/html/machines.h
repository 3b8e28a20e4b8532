/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMs, their vCPUs, and their slowest exits. */
#ifndef EXITSTAT_HTML_MACHINES_H
#define EXITSTAT_HTML_MACHINES_H

#include <stdio.h>

#include "model/run.h"

/* 0 or -ENOMEM. */
int machines_print(FILE *out, const struct run *run);

#endif
