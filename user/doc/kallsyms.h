/* SPDX-License-Identifier: GPL-2.0-only */
/* A copy of a guest's /proc/kallsyms: text that a guest has made. */
#ifndef EXITSTAT_DOC_KALLSYMS_H
#define EXITSTAT_DOC_KALLSYMS_H

#include <stdio.h>

#include "base/error.h"
#include "model/symbols.h"

/* name: of the file, for errors. 0, or -1 with err; symbols_free() in both cases. */
int kallsyms_read(struct symbols *symbols, FILE *file, const char *name, struct error *err);

#endif
