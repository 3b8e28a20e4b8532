/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's symbols, from whichever file has them. */
#ifndef EXITSTAT_DOC_GUEST_SYMBOLS_H
#define EXITSTAT_DOC_GUEST_SYMBOLS_H

#include "base/error.h"
#include "model/symbols.h"

/* VM=FILE: FILE is a copy of /proc/kallsyms or a vmlinux. 0, or -1 with err. */
int guest_symbols_read(struct guests_symbols *guests, const char *argument, struct error *err);

#endif
