/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A run as one page that needs nothing else: tables that are there without a script, and the
 * numbers as JSON, from which its script draws.
 */
#ifndef EXITSTAT_HTML_PAGE_H
#define EXITSTAT_HTML_PAGE_H

#include "advice/facts.h"
#include "base/error.h"
#include "model/course.h"
#include "model/run.h"

struct page {
	const char *file;      /* the name of what it was read from */
	const struct run *run; /* the whole of it, or a part */
	struct course *course; /* of the same time; its bins are joined until the page is small */
	const char *cut;       /* what is missing of the file, NULL: nothing */
	const char *const *remarks; /* what else is to be kept in mind, up to a NULL */
	const struct facts *facts;  /* of its host */
};

#define PAGE_MOST_BYTES 1000000u

/* The caller frees it; NULL: no memory. */
char *page_text(const struct page *page);

/* To a file ("-": stdout), whole or not at all. 0, or -1 with err. */
int page_write(const char *out, const struct page *page, struct error *err);

#endif
