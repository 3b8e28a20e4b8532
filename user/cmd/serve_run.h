/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_SERVE_RUN_H
#define EXITSTAT_CMD_SERVE_RUN_H

#include "cmd/serve.h"

/* Until a signal. An exit status, or -1 with err. */
int serve_run(const struct serve_options *options, struct error *err);

#endif
