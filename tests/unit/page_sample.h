/* SPDX-License-Identifier: GPL-2.0-only */
/* Pages of made-up runs, and what is in them. */
#ifndef EXITSTAT_UNIT_PAGE_SAMPLE_H
#define EXITSTAT_UNIT_PAGE_SAMPLE_H

#include <jansson.h>

#include "html/page.h"

#define DATA "<script type=\"application/json\" id=\"data\">"

/* What page_of()'s pages have as their run's course. */
extern struct course course;

struct page page_of(const struct run *run);
/* The page of a run of one moment; to be freed. */
char *simple_page(const struct run *run, const char *cut);
/* Of one that has this name wherever a run has a text that is not ours; to be freed. */
char *named_page(const char *name);

size_t count_of(const char *text, const char *what);
/* Its numbers; to be given up. */
json_t *data_of(const char *text);
/* A member of its member a, or, without b, of itself. */
const json_t *at(const json_t *doc, const char *a, const char *b);

#endif
