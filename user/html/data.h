/* SPDX-License-Identifier: GPL-2.0-only */
/* What the page's charts are drawn from: user/doc/exitstat-html.schema.json. */
#ifndef EXITSTAT_HTML_DATA_H
#define EXITSTAT_HTML_DATA_H

#include <jansson.h>

#include "html/page.h"
#include "view/groups.h"

#define EXITSTAT_HTML_SCHEMA "exitstat-html/1"

/* all: the view of it BY_REASON. The caller owns it; NULL: no memory. */
json_t *page_data(const struct page *page, const struct view *all);

#endif
