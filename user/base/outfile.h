/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is written whole or not at all. */
#ifndef EXITSTAT_BASE_OUTFILE_H
#define EXITSTAT_BASE_OUTFILE_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"

/* Can path be written? Leaves nothing behind and touches no existing file. */
int outfile_check(const char *path, struct error *err);

/*
 * Write doc to path ("-": stdout). A regular file is replaced in one step; a pipe
 * or a device is written to.
 */
int outfile_write(const char *path, const json_t *doc, struct error *err);

/* The same of text. */
int outfile_write_text(const char *path, const char *text, struct error *err);

/* Where text for people goes: stdout, or stderr where stdout is this file; NULL: there is none. */
FILE *outfile_beside(const char *path);

#endif
