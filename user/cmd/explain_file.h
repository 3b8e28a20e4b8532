/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_CMD_EXPLAIN_FILE_H
#define EXITSTAT_CMD_EXPLAIN_FILE_H

#include "base/error.h"

/*
 * What the exits of a document that "exitstat-bpf --json" wrote are consistent with; json: as
 * in struct explain_options. An exit status, or -1 with err.
 */
int explain_file(const char *file, const char *json, struct error *err);

#endif
