/* SPDX-License-Identifier: GPL-2.0-only */
/* What the command lines of all tools share: argp, but one line about an error. */
#ifndef EXITSTAT_BASE_ARGS_H
#define EXITSTAT_BASE_ARGS_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Parse for this program; input is what argp's parser gets as state->input. --help and --version
 * print and exit. The tool has one child at most. 0, or -1 with err.
 */
int args_parse(const struct argp *tool, const char *program, int argc, char **argv, void *input,
	       struct error *err);

/* For an argp parser to return: 0, or an errno with err filled in where it can be. */
int args_wrong(struct error *err, const char *option, const char *arg, const char *expected);
int args_time(struct error *err, const char *option, const char *arg, uint64_t *ns);
int args_file(struct error *err, const char *option, const char *arg, const char **file);

#endif
