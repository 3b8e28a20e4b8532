/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest's vmlinux: the symbols of an ELF file. */
#ifndef EXITSTAT_DOC_ELF_SYMBOLS_H
#define EXITSTAT_DOC_ELF_SYMBOLS_H

#include "base/error.h"
#include "model/symbols.h"

/* name: of the file, for errors. 0, or -1 with err; symbols_free() in both cases. */
int elf_symbols_read(struct symbols *symbols, int fd, const char *name, struct error *err);

#endif
