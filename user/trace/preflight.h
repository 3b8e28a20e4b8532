/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in the way of tracing, before anything is loaded. */
#ifndef EXITSTAT_TRACE_PREFLIGHT_H
#define EXITSTAT_TRACE_PREFLIGHT_H

#include <stdbool.h>

#include "base/error.h"
#include "model/host.h"

/*
 * Can this process trace KVM here? 0, or fills in err (STATUS_CANNOT) with the
 * first thing in the way and what to do about it.
 */
int preflight(const struct host *host, struct error *err);

/* Has the kernel been told to let nobody read its memory (lockdown=confidentiality)? */
bool kernel_is_locked_down(void);

#endif
