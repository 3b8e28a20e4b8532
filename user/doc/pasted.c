// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#include "doc/pasted.h"

#define ESCAPE	       '\033'
#define BELL	       '\a'
#define NO_BREAK_SPACE "\xc2\xa0" /* U+00A0, which web pages have for blanks */

/* --- encodings of a whole file ---------------------------------------------------------- */

static bool begins_with(const char *text, size_t len, const char *mark, size_t mark_len)
{
	return len >= mark_len && !memcmp(text, mark, mark_len);
}

/* What cannot be a character becomes '?', which no answer has. */
static size_t put_utf8(char *to, char16_t unit, mbstate_t *state)
{
	size_t n = c16rtomb(to, unit, state);

	if (n != (size_t)-1)
		return n;
	memset(state, 0, sizeof(*state));
	*to = '?';
	return 1;
}

/* A unit of UTF-16 is no more than three bytes of UTF-8, two of them four. */
static char *from_utf16(const char *text, size_t len, bool big_endian, size_t *decoded)
{
	const unsigned char *from = (const unsigned char *)text;
	char *copy = malloc(len / 2 * 3 + MB_LEN_MAX), *to = copy;
	mbstate_t state = { 0 };

	for (size_t i = 0; copy && i + 1 < len; i += 2)
		to += put_utf8(to,
			       (char16_t)(big_endian ? from[i] << 8 | from[i + 1]
						     : from[i + 1] << 8 | from[i]),
			       &state);
	*decoded = (size_t)(to - copy);
	return copy;
}

int pasted_decode(char **text, size_t *len)
{
	bool big_endian = begins_with(*text, *len, "\xfe\xff", 2);
	size_t decoded_len;
	char *decoded;

	if (begins_with(*text, *len, "\xef\xbb\xbf", 3)) {
		*len -= 3;
		memmove(*text, *text + 3, *len);
		return 0;
	}
	if (!big_endian && !begins_with(*text, *len, "\xff\xfe", 2))
		return 0;
	decoded = from_utf16(*text + 2, *len - 2, big_endian, &decoded_len);
	if (!decoded)
		return -ENOMEM;
	free(*text);
	*text = decoded;
	*len = decoded_len;
	return 0;
}

/* --- a terminal's -------------------------------------------------------------------------- */

/* The end of a terminal's control sequence (ECMA-48) that begins at p. */
static const char *skip_escape(const char *p, const char *end)
{
	if (++p == end)
		return p;
	if (*p == '[') {
		for (p++; p < end && *p >= 0x20 && *p < 0x40;)
			p++;
		return p < end ? p + 1 : p;
	}
	if (*p != ']')
		return p + 1;
	while (p < end && *p != BELL && *p != '\n' && *p != ESCAPE)
		p++;
	return p < end && *p == BELL ? p + 1 : p;
}

/* In place, as it only becomes shorter: how long it is then. */
static size_t remove_controls(char *text, size_t len)
{
	const char *from = text, *end = text + len;
	char *to = text;

	while (from < end) {
		if (*from == ESCAPE) {
			from = skip_escape(from, end);
			continue;
		}
		if (begins_with(from, (size_t)(end - from), NO_BREAK_SPACE, 2)) {
			*to++ = ' ';
			from += 2;
			continue;
		}
		*to++ = *from != '\n' && iscntrl((unsigned char)*from) ? ' ' : *from;
		from++;
	}
	return (size_t)(to - text);
}

/* --- a mail's -------------------------------------------------------------------------------- */

/* "eax=0x" in quoted-printable. In text that is not encoded an x follows the 0 at once. */
static bool is_quoted_printable(const char *text, size_t len)
{
	static const char word[] = "x=3d0x";

	for (size_t i = 0; i + strlen(word) <= len; i++)
		if (text[i + 1] == '=' && !strncasecmp(text + i, word, strlen(word)))
			return true;
	return false;
}

static int digit_of(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The end of the line that is broken here, "=" and perhaps blanks; NULL: it is not. */
static const char *soft_break(const char *p, const char *end)
{
	for (p++; p < end && (*p == ' ' || *p == '\t' || *p == '\r'); p++)
		;
	return p < end && *p == '\n' ? p : NULL;
}

/*
 * In place. A line that was broken is whole again; so that those behind it keep their
 * numbers, the newlines that it had come after it.
 */
static size_t decode_quoted_printable(char *text, size_t len)
{
	const char *from = text, *end = text + len, *line_end;
	size_t owed = 0;
	char *to = text;

	for (; from < end; from++) {
		if (*from != '=') {
			*to++ = *from;
			for (; *from == '\n' && owed; owed--)
				*to++ = '\n';
		} else if ((line_end = soft_break(from, end))) {
			owed++;
			from = line_end;
		} else if (end - from > 2 && isxdigit((unsigned char)from[1]) &&
			   isxdigit((unsigned char)from[2])) {
			int byte = digit_of(from[1]) << 4 | digit_of(from[2]);

			*to++ = (char)(byte == '\n' ? ' ' : byte);
			from += 2;
		} else {
			*to++ = '=';
		}
	}
	return (size_t)(to - text);
}

/* --- all ----------------------------------------------------------------------------------------
 */

char *pasted_clean(const char *text, size_t len, size_t *cleaned)
{
	char *copy = malloc(len ?: 1);

	if (!copy)
		return NULL;
	memcpy(copy, text, len);
	if (is_quoted_printable(copy, len))
		len = decode_quoted_printable(copy, len);
	*cleaned = remove_controls(copy, len);
	return copy;
}
