/* SPDX-License-Identifier: GPL-2.0-only */
/* The page's head: what it is of, what is missing, how much it was. */
#ifndef EXITSTAT_HTML_HEAD_H
#define EXITSTAT_HTML_HEAD_H

#include <stdio.h>

#include "html/page.h"
#include "view/groups.h"

/* "VM exits of web1", as plain text. */
void head_title(char *title, size_t size, const struct run *run);

/* all: the view of it BY_REASON. */
void head_print(FILE *out, const struct page *page, const struct view *all);

#endif
