/* SPDX-License-Identifier: GPL-2.0-only */
/* Fields of comma-separated values, as RFC 4180 has them: a line ends with CR LF. */
#ifndef EXITSTAT_BASE_CSV_H
#define EXITSTAT_BASE_CSV_H

#include <stdio.h>

#define CSV_END "\r\n"

/* A text, made printable, and between quotes where it has to be. */
void csv_text(FILE *out, const char *text);

#endif
