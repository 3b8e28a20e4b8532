// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/jsontext.h"
#include "base/outfile.h"
#include "html/consistent.h"
#include "html/data.h"
#include "html/head.h"
#include "html/machines.h"
#include "html/notes.h"
#include "html/over_time.h"
#include "html/page.h"
#include "html/reasons.h"
#include "html/template.h"
#include "html/text.h"

/* Bins are joined until there are no more than these: then the page is as large as it is. */
#define FEW_BINS 32u

struct parts {
	const struct page *page;
	struct view all;
	char *data;
};

/* --- what the template has names for ---------------------------------------------------------- */

static int print_title(FILE *out, const struct parts *parts)
{
	char title[512];

	head_title(title, sizeof(title), parts->page->run);
	html_text(out, "%s", title);
	return 0;
}

static int print_style(FILE *out, const struct parts *parts)
{
	(void)parts;
	fputs(template_css, out);
	return 0;
}

static int print_script(FILE *out, const struct parts *parts)
{
	(void)parts;
	fputs(template_js, out);
	return 0;
}

static int print_data(FILE *out, const struct parts *parts)
{
	html_script_text(out, parts->data);
	return 0;
}

static int print_body(FILE *out, const struct parts *parts)
{
	const struct page *page = parts->page;
	int err;

	head_print(out, page, &parts->all);
	notes_print_intro(out);
	err = consistent_print(out, page);
	err = err ?: over_time_print(out, page, &parts->all);
	err = err ?: reasons_print(out, page->run, &parts->all);
	err = err ?: machines_print(out, page->run);
	return err ?: notes_print(out, page->run);
}

static const struct {
	const char *name;
	int (*print)(FILE *out, const struct parts *parts);
} names[] = {
	{ "{{title}}", print_title }, { "{{style}}", print_style },   { "{{body}}", print_body },
	{ "{{data}}", print_data },   { "{{script}}", print_script },
};

/* What stands there, if it is a name; else a character. How long that is, or -ENOMEM. */
static int print_next(FILE *out, const char *text, const struct parts *parts)
{
	for (size_t i = 0; *text == '{' && i < COUNT_OF(names); i++) {
		size_t len = strlen(names[i].name);

		if (!strncmp(text, names[i].name, len))
			return names[i].print(out, parts) ?: (int)len;
	}
	fputc(*text, out);
	return 1;
}

/* NULL: no memory. */
static char *print_page(const struct parts *parts)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int n = 0;

	if (!out)
		return NULL;
	for (const char *next = template_html; *next && n >= 0; next += n) {
		n = print_next(out, next, parts);
		if (n < 0)
			break;
	}
	if (!fclose(out) && n >= 0)
		return text;
	free(text);
	return NULL;
}

/* --- the page -----------------------------------------------------------------------------------
 */

/* 0 or -ENOMEM: parts->data as text. */
static int make_data(struct parts *parts)
{
	json_t *doc = page_data(parts->page, &parts->all);

	parts->data = doc ? jsontext_write_line(doc) : NULL;
	json_decref(doc);
	return parts->data ? 0 : -ENOMEM;
}

/* A view of it all has its own pages: what is over time can be told in fewer bins. */
static char *print_small(struct parts *parts)
{
	struct course *course = parts->page->course;
	char *text;

	for (;;) {
		if (make_data(parts))
			return NULL;
		text = print_page(parts);
		free(parts->data);
		if (!text || strlen(text) < PAGE_MOST_BYTES || course->nbins <= FEW_BINS)
			return text;
		free(text);
		if (course_join(course))
			return NULL;
	}
}

char *page_text(const struct page *page)
{
	struct parts parts = { .page = page };
	char *text;

	if (view_make(&parts.all, page->run, BY_REASON))
		return NULL;
	text = print_small(&parts);
	view_free(&parts.all);
	return text;
}

int page_write(const char *out, const struct page *page, struct error *err)
{
	char *text;
	int ret;

	if (outfile_check(out, err))
		return -1;
	text = page_text(page);
	if (!text)
		return fail(err, STATUS_FAILED, "out of memory for %s", out);
	ret = outfile_write_text(out, text, err);
	free(text);
	return ret;
}
