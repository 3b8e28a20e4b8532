/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_TRACE_H
#define EXITSTAT_CMD_TRACE_H

#include "base/error.h"
#include "cmd/options.h"

/*
 * Trace until a signal, the duration or the command's end; show what was seen.
 * Returns the exit status, or -1 with err.
 */
int trace(const struct options *options, struct error *err);

#endif
