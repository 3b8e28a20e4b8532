// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/array.h"
#include "base/printable.h"

/* Category Cf of Unicode 15 (UnicodeData.txt), which iswprint() takes for printable. */
static const struct {
	uint32_t first, last;
} formats[] = {
	{ 0xad, 0xad },	      { 0x600, 0x605 },	    { 0x61c, 0x61c },	  { 0x6dd, 0x6dd },
	{ 0x70f, 0x70f },     { 0x890, 0x891 },	    { 0x8e2, 0x8e2 },	  { 0x180e, 0x180e },
	{ 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },	  { 0xfeff, 0xfeff },
	{ 0xfff9, 0xfffb },   { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
};

static bool is_format(wchar_t c)
{
	for (size_t i = 0; i < COUNT_OF(formats); i++)
		if ((uint32_t)c >= formats[i].first && (uint32_t)c <= formats[i].last)
			return true;
	return false;
}

void make_printable(char *text)
{
	size_t left = strlen(text);
	mbstate_t state = { 0 };
	wchar_t c;

	while (left) {
		size_t n = mbrtowc(&c, text, left, &state);
		bool broken = n == (size_t)-1 || n == (size_t)-2;

		if (broken || !iswprint((wint_t)c) || is_format(c)) {
			memset(&state, 0, sizeof(state));
			n = broken ? 1 : n;
			memset(text, '?', n);
		}
		text += n;
		left -= n;
	}
}

void copy_cut(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size);

	/* In the midst of a character? Then its first bytes go, too. */
	if (n == size)
		for (n = size - 1; n && ((unsigned char)from[n] & 0xc0) == 0x80;)
			n--;
	memmove(to, from, n);
	to[n] = '\0';
}

size_t columns_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

/* Where so many columns end. */
static size_t bytes_of(const char *text, size_t columns)
{
	size_t n = 0;

	while (text[n] && (columns || ((unsigned char)text[n] & 0xc0) == 0x80))
		columns -= ((unsigned char)text[n++] & 0xc0) != 0x80;
	return n;
}

void print_cut(FILE *out, size_t columns, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	if (columns && columns_of(line) > columns)
		fprintf(out, "%.*s>\n", (int)bytes_of(line, columns - 1), line);
	else
		fprintf(out, "%s\n", line);
}

size_t print_wrapped(FILE *out, size_t columns, const char *text)
{
	size_t lines = 0;

	while (*text) {
		size_t len = strcspn(text, "\n"), fits = bytes_of(text, columns), end = len;

		/* At the last blank that fits; in the midst of a word that is too long itself. */
		if (columns && fits < len) {
			for (end = fits; end && text[end] != ' ';)
				end--;
			end = end ? end : fits;
		}
		fprintf(out, "%.*s\n", (int)end, text);
		lines++;
		text += end;
		text += *text == '\n' || *text == ' ';
	}
	return lines;
}

void print_line(FILE *out, const char *fmt, ...)
{
	va_list args;
	char *line;
	int len;

	va_start(args, fmt);
	len = vasprintf(&line, fmt, args);
	va_end(args);
	/* Without memory nothing is better than something that is not looked at. */
	if (len < 0) {
		fputs("(out of memory for this line)\n", out);
		return;
	}
	make_printable(line);
	fprintf(out, "%s\n", line);
	free(line);
}
