/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the usual terminals can do, for hosts that do not know: an emergency shell, a container
 * with the static program alone. The Makefile takes it from the terminfo of where it is built.
 */
#ifndef EXITSTAT_TUI_TERMINFO_H
#define EXITSTAT_TUI_TERMINFO_H

/* As ncurses takes it for $TERMINFO; to be freed. NULL: of no terminal of that name. */
char *terminfo_of(const char *name);

#endif
