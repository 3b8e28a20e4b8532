// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/exitstat.h"
#include "doc/cpuid_lines.h"

#define ESCAPE '\033'
#define BELL   '\a'

/* Where in the text we are; line counts its ends. */
struct scan {
	const char *p, *end;
	size_t line;
};

/* --- noise --------------------------------------------------------------------------- */

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

/* A copy without control sequences; all other control characters but \n become blanks. */
static char *clean(const char *text, size_t len, size_t *cleaned)
{
	const char *end = text + len;
	char *copy = malloc(len ?: 1), *to = copy;

	if (!copy)
		return NULL;
	while (text < end) {
		if (*text == ESCAPE) {
			text = skip_escape(text, end);
			continue;
		}
		*to++ = *text != '\n' && iscntrl((unsigned char)*text) ? ' ' : *text;
		text++;
	}
	*cleaned = (size_t)(to - copy);
	return copy;
}

/* --- one line ------------------------------------------------------------------------ */

/* A terminal may have broken a long line in two. */
static void skip_blanks(struct scan *scan)
{
	for (; scan->p < scan->end && (*scan->p == ' ' || *scan->p == '\n'); scan->p++)
		scan->line += *scan->p == '\n';
}

static bool take(struct scan *scan, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(scan->end - scan->p) < len || strncasecmp(scan->p, word, len))
		return false;
	scan->p += len;
	return true;
}

/* 0x and so many hexadecimal digits, not one more. */
static bool take_hex(struct scan *scan, int min, int max, uint32_t *value)
{
	int n = 0;

	if (!take(scan, "0x"))
		return false;
	for (*value = 0; scan->p < scan->end && isxdigit((unsigned char)*scan->p); scan->p++) {
		int digit = tolower((unsigned char)*scan->p);

		if (++n > max)
			return false;
		*value = *value << 4 | (uint32_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
	}
	return n >= min && (scan->p == scan->end || !isalnum((unsigned char)*scan->p));
}

static bool take_register(struct scan *scan, const char *name, uint32_t *value)
{
	skip_blanks(scan);
	return take(scan, name) && take_hex(scan, 8, 8, value);
}

/* "0x4ffffffd 0x0a:" */
static bool take_leaf(struct scan *scan, struct cpuid_line *line)
{
	line->line = scan->line;
	if (!take_hex(scan, 8, 8, &line->leaf))
		return false;
	skip_blanks(scan);
	return take_hex(scan, 1, 8, &line->subleaf) && take(scan, ":");
}

static bool take_registers(struct scan *scan, struct cpuid_regs *regs)
{
	return take_register(scan, "eax=", &regs->eax) && take_register(scan, "ebx=", &regs->ebx) &&
	       take_register(scan, "ecx=", &regs->ecx) && take_register(scan, "edx=", &regs->edx);
}

/* --- all of them ---------------------------------------------------------------------- */

static int add_line(struct cpuid_text *found, const struct cpuid_line *line)
{
	struct cpuid_line *last;

	if (found->nlines == CPUID_MAX_LINES)
		return -E2BIG;
	last = array_append(&found->lines, &found->nlines, sizeof(*last));
	if (!last)
		return -ENOMEM;
	*last = *line;
	return 0;
}

/*
 * An answer of ours, or what is left of one: its leaf is ours, or there are registers
 * without a leaf. scan is then behind it, else behind whatever was there.
 */
static bool take_answer(struct scan *scan, struct cpuid_line *line)
{
	struct scan ahead = *scan;
	bool ours = true;

	*line = (struct cpuid_line){ .line = scan->line };
	if (take_leaf(&ahead, line)) {
		ours = is_leaf_number(line->leaf);
		line->cut = !take_registers(&ahead, &line->regs);
	} else if (take(&ahead, "eax=0x")) {
		line->cut = true;
	} else {
		ours = false;
		ahead = *scan;
		ahead.line += *ahead.p++ == '\n';
	}
	while (line->cut && ahead.p < ahead.end && *ahead.p != '\n')
		ahead.p++;
	*scan = ahead;
	return ours;
}

static int scan_all(struct cpuid_text *found, struct scan scan)
{
	struct cpuid_line line;
	int err = 0;

	while (!err && scan.p < scan.end)
		if (take_answer(&scan, &line))
			err = add_line(found, &line);
	return err;
}

int cpuid_lines_read(struct cpuid_text *found, const char *text, size_t len)
{
	char *copy = clean(text, len, &len);
	int err = -ENOMEM;

	memset(found, 0, sizeof(*found));
	if (copy)
		err = scan_all(found, (struct scan){ copy, copy + len, 1 });
	free(copy);
	if (err) {
		free(found->lines);
		memset(found, 0, sizeof(*found));
	}
	return err;
}
