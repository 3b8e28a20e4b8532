/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf compare: a host's file against its guests'. */
#ifndef EXITSTAT_CMD_COMPARE_H
#define EXITSTAT_CMD_COMPARE_H

#include <stddef.h>

#include "base/error.h"

struct compare_options {
	const char *vm;	  /* a PID or a name; NULL: there is only one */
	const char *json; /* NULL: none, "-": stdout */
	const char *host;
	size_t nguests;
	const char **guests;
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int compare_options_parse(struct compare_options *options, int argc, char **argv,
			  struct error *err);
void compare_options_free(struct compare_options *options);

#endif
