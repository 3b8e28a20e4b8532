// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "html/text.h"

static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void print_text(FILE *out, const char *fmt, va_list args)
{
	char *text;

	/* Then the page, which is in memory, too, will not be whole either. */
	if (vasprintf(&text, fmt, args) < 0) {
		fputs("(out of memory for this text)", out);
		return;
	}
	make_printable(text);
	print_escaped(out, text);
	free(text);
}

void html_text(FILE *out, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_text(out, fmt, args);
	va_end(args);
}

void html_element(FILE *out, const char *tag, const char *fmt, ...)
{
	va_list args;

	fprintf(out, "<%s>", tag);
	va_start(args, fmt);
	print_text(out, fmt, args);
	va_end(args);
	fprintf(out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

/* "<" begins all that ends or changes a script; the others are for whoever copies it. */
void html_script_text(FILE *out, const char *json)
{
	for (; *json; json++) {
		if (*json == '<' || *json == '>' || *json == '&')
			fprintf(out, "\\u%04x", (unsigned int)*json);
		else
			fputc(*json, out);
	}
}
