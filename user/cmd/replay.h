/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_REPLAY_H
#define EXITSTAT_CMD_REPLAY_H

#include "cmd/trace.h"

/*
 * Show the moments of options->replay in the full-screen view, one each interval; without a
 * terminal as lines. An exit status, or -1 with err.
 */
int replay_run(const struct trace_options *options, struct error *err);

#endif
