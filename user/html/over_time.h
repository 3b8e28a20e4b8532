/* SPDX-License-Identifier: GPL-2.0-only */
/* How the run went: places for the charts, and a table of few rows that says the same. */
#ifndef EXITSTAT_HTML_OVER_TIME_H
#define EXITSTAT_HTML_OVER_TIME_H

#include <stdio.h>

#include "html/page.h"
#include "view/groups.h"

/* 0 or -ENOMEM. */
int over_time_print(FILE *out, const struct page *page, const struct view *all);

#endif
