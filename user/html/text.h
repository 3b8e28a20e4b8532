/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text in a page. All of it goes through here: whatever a guest, a process or a file called
 * itself, it is no tag, no entity, and nothing that changes how the rest reads.
 */
#ifndef EXITSTAT_HTML_TEXT_H
#define EXITSTAT_HTML_TEXT_H

#include <stdio.h>

/* In an element, or between the quotes of an attribute. */
void html_text(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A whole element; tag is its name, with attributes of ours after a blank. */
void html_element(FILE *out, const char *tag, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What begins with "<script": JSON in which no text can end it. ASCII is expected. */
void html_script_text(FILE *out, const char *json);

#endif
