/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables that people get in a terminal, in a page. */
#ifndef EXITSTAT_HTML_TABLE_H
#define EXITSTAT_HTML_TABLE_H

#include <stdio.h>

#include "base/table.h"

/* Print and empty it; nothing of no rows. The caption is plain text. 0 or -ENOMEM. */
int html_table(FILE *out, struct table *table, const char *caption);

#endif
