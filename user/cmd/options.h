/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_OPTIONS_H
#define EXITSTAT_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/filter.h"
#include "view/groups.h"

#define DEFAULT_MAX_VCPUS 256u
#define MAX_MAX_VCPUS	  65536u

struct options {
	uint64_t interval_ns;
	uint64_t duration_ns; /* 0: until a signal, or the command's end */
	uint32_t max_vcpus;
	uint32_t *pids;
	size_t npids;
	uint32_t *vcpus;
	size_t nvcpus;
	struct reason_filter *filters;
	size_t nfilters;
	enum group_by by;
	bool histograms;
	bool snapshots;
	bool self;	       /* say what the tracing itself cost */
	bool audit;	       /* it is the command line of exitstat-bpf audit */
	bool counters;	       /* audit: compare KVM's own at each interval, too */
	uint64_t probe_cycles; /* audit: see struct rules */
	bool verbose;
	const char *json;     /* NULL: none, "-": stdout */
	char *const *command; /* NULL: none; ends with NULL */
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int options_parse(struct options *options, int argc, char **argv, struct error *err);
/* The same for exitstat-bpf audit. */
int options_parse_audit(struct options *options, int argc, char **argv, struct error *err);
void options_free(struct options *options);

#endif
