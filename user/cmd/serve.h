/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf serve: a host's counters for a time series database. */
#ifndef EXITSTAT_CMD_SERVE_H
#define EXITSTAT_CMD_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/listen.h"
#include "base/privileges.h"
#include "cmd/host_options.h"

/*
 * The ports 9100 to 9999 are exporters' by custom, and all of them are somebody's by now. This is
 * one of those whose owner is not met on hypervisors (as 9100, 9177 and 9256 are).
 */
#define SERVE_LISTEN "127.0.0.1:9877"

#define SERVE_MAX_SERIES  10000u
#define SERVE_MOST_SERIES 1000000u

struct serve_options {
	struct host_options host;
	const char *listen; /* NULL: not said */
	struct listen_address address;
	const char *textfile; /* NULL: none */
	uint64_t write_ns;    /* it is written so often */
	uint64_t keep_ns;     /* a VM is exposed for so long after its end */
	uint64_t max_series;
	bool vm_histograms;
	struct user user;
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int serve_options_parse(struct serve_options *options, int argc, char **argv, struct error *err);
void serve_options_free(struct serve_options *options);

#endif
