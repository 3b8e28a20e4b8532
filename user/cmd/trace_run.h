/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_TRACE_RUN_H
#define EXITSTAT_CMD_TRACE_RUN_H

#include "cmd/trace.h"

/*
 * Trace until a signal, the duration or the command's end; show what was seen.
 * Returns the exit status, or -1 with err.
 */
int trace_run(const struct trace_options *options, struct error *err);

#endif
