/* SPDX-License-Identifier: GPL-2.0-only */
/* exitstat-bpf explain: what an exit reason is, or what a document is consistent with. */
#ifndef EXITSTAT_CMD_EXPLAIN_H
#define EXITSTAT_CMD_EXPLAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct explain_options {
	uint32_t isa;	    /* 0: both */
	const char *reason; /* NULL, and no file either: list them all */
	const char *file;   /* a document, "-": stdin */
	const char *json;   /* where what is said of it goes, too; NULL: nowhere, "-": stdout */
};

/* --help and --version print and exit. 0, or -1 with err (STATUS_USAGE). */
int explain_options_parse(struct explain_options *options, int argc, char **argv,
			  struct error *err);

#endif
