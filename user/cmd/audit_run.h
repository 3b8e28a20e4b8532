/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_AUDIT_RUN_H
#define EXITSTAT_CMD_AUDIT_RUN_H

#include "cmd/audit.h"

/* An exit status, or -1 with err. */
int audit_run(const struct audit_options *options, struct error *err);

#endif
