// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "bpf/exitstat.h"
#include "doc/cpuid_lines.h"
#include "doc/pasted.h"

/* Where in the text we are; line counts its ends. */
struct scan {
	const char *p, *end;
	size_t line;
};

/* --- one line ------------------------------------------------------------------------ */

/* A terminal or a mail may have broken a long line in two, and quoted both parts. */
static void skip_blanks(struct scan *scan)
{
	bool new_line = false;

	for (; scan->p < scan->end; scan->p++) {
		if (*scan->p == '\n') {
			scan->line++;
			new_line = true;
		} else if (*scan->p != ' ' && !(new_line && *scan->p == '>')) {
			return;
		}
	}
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

/* One of ours that has lost a digit: who asks for 0x4fffffd is shown leaf 0x04fffffd. */
static bool is_short_leaf(uint32_t number)
{
	return is_leaf_number(number + (0x4ffffff0 - 0x04fffff0));
}

/* What is left of an answer whose leaf is gone, or its first registers. */
static bool take_rest(struct scan *scan)
{
	return take(scan, "eax=0x") || take(scan, "ebx=0x") || take(scan, "ecx=0x") ||
	       take(scan, "edx=0x");
}

/*
 * An answer of ours, or what is left of one: its leaf is ours, or was meant to be, or there
 * are registers without a leaf. scan is then behind it, else behind whatever was there.
 */
static bool take_answer(struct scan *scan, struct cpuid_line *line)
{
	struct scan ahead = *scan;
	bool ours = true;

	*line = (struct cpuid_line){ .line = scan->line };
	if (take_leaf(&ahead, line)) {
		ours = is_leaf_number(line->leaf) || is_short_leaf(line->leaf);
		line->cut = !take_registers(&ahead, &line->regs) || is_short_leaf(line->leaf);
	} else if (take_rest(&ahead)) {
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
	char *copy = pasted_clean(text, len, &len);
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
