/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf audit: what KVM tells its guests against what we count. */
#ifndef EXITSTAT_CMD_AUDIT_H
#define EXITSTAT_CMD_AUDIT_H

#include <stdbool.h>

#include "cmd/host_options.h"

struct audit_options {
	struct host_options host;
	bool counters;	       /* compare KVM's own at each interval, too */
	uint64_t probe_cycles; /* see struct rules */
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int audit_options_parse(struct audit_options *options, int argc, char **argv, struct error *err);
void audit_options_free(struct audit_options *options);

#endif
