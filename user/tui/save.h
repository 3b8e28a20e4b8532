/* SPDX-License-Identifier: GPL-2.0-only */
/* What is on show, written to a file. */
#ifndef EXITSTAT_TUI_SAVE_H
#define EXITSTAT_TUI_SAVE_H

#include "base/error.h"
#include "tui/state.h"

/* A name for the file, by the time on show. */
void save_name(const struct tui *tui, char name[TUI_TEXT]);

/* What a file's name ends with that is to be a recording. */
#define SAVE_RECORDING ".exitrec"

/* As JSON; or as a recording, of the last minutes. 0, or -1 with err. */
int save_write(struct tui *tui, const char *path, struct error *err);

#endif
