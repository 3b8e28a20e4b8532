/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf audit: what KVM tells its guests against what we count. */
#ifndef EXITSTAT_CMD_AUDIT_H
#define EXITSTAT_CMD_AUDIT_H

#include "cmd/options.h"

/* An exit status, or -1 with err. */
int audit(const struct options *options, struct error *err);

#endif
