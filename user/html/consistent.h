/* SPDX-License-Identifier: GPL-2.0-only */
/* What the run is consistent with, in a page. */
#ifndef EXITSTAT_HTML_CONSISTENT_H
#define EXITSTAT_HTML_CONSISTENT_H

#include <stdio.h>

#include "html/page.h"

/* 0 or -ENOMEM. */
int consistent_print(FILE *out, const struct page *page);

#endif
