// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doc/kallsyms.h"

/* A kernel has some 200,000. */
#define MOST_SYMBOLS (1u << 22)

/* The longest name that a kernel has is 511 long, a module's 55. */
#define LINE_LEN 1024

struct reader {
	struct symbols *symbols;
	const char *name;
	struct error *err;
	size_t line;
	bool has_address, has_code;
};

static int refuse(const struct reader *reader)
{
	return fail(reader->err, STATUS_FAILED,
		    "%s, line %zu: no line of /proc/kallsyms: give --guest-symbols a copy of the "
		    "guest's, or its vmlinux",
		    reader->name, reader->line);
}

/* Up to 16 hexadecimal digits, then a blank. NULL: it is not. */
static const char *read_address(const char *text, uint64_t *address)
{
	const char *c = text;

	*address = 0;
	for (; isxdigit((unsigned char)*c) && c - text < 16; c++)
		*address = *address << 4 |
			   (uint64_t)(isdigit((unsigned char)*c)
					      ? *c - '0'
					      : tolower((unsigned char)*c) - 'a' + 10);
	return c > text && *c == ' ' ? c + 1 : NULL;
}

/* The name ends the line, or its module follows: "\t[name]". */
static bool cut_module(char *name)
{
	char *tab = strchr(name, '\t');
	size_t len;

	if (!tab)
		return symbol_name_is_good(name);
	*tab++ = '\0';
	len = strlen(tab);
	return symbol_name_is_good(name) && symbol_name_is_good(tab) && len > 2 && tab[0] == '[' &&
	       tab[len - 1] == ']';
}

/* nm(1): t, T are code, w, W are weak: of a kernel that is code, too. */
static int read_line(struct reader *reader, char *line)
{
	uint64_t address;
	char *rest = line + strcspn(line, " ");
	const char *type = read_address(line, &address);
	bool code;

	if (!type || !isalpha((unsigned char)*type) || type[1] != ' ')
		return refuse(reader);
	rest += strlen(" T ");
	if (!cut_module(rest))
		return refuse(reader);
	if (reader->symbols->n == MOST_SYMBOLS)
		return fail(reader->err, STATUS_FAILED, "%s: more symbols than any kernel has",
			    reader->name);
	code = strchr("tTwW", *type);
	reader->has_address |= address != 0;
	reader->has_code |= code && address;
	if (symbols_add(reader->symbols, address, 0, code, rest))
		return fail(reader->err, STATUS_FAILED, "out of memory for %s", reader->name);
	return 0;
}

static int read_lines(struct reader *reader, FILE *file)
{
	char line[LINE_LEN];

	while (fgets(line, sizeof(line), file)) {
		size_t len = strlen(line);

		reader->line++;
		if (!len || line[len - 1] != '\n')
			return refuse(reader);
		line[len - 1] = '\0';
		if (read_line(reader, line))
			return -1;
	}
	return ferror(file) ? fail(reader->err, STATUS_FAILED, "cannot read %s", reader->name) : 0;
}

int kallsyms_read(struct symbols *symbols, FILE *file, const char *name, struct error *err)
{
	struct reader reader = { .symbols = symbols, .name = name, .err = err };

	*symbols = (struct symbols){ 0 };
	if (read_lines(&reader, file))
		return -1;
	if (symbols->n && !reader.has_address)
		return fail(err, STATUS_FAILED,
			    "%s: all addresses are 0, as the guest hid them: copy its "
			    "/proc/kallsyms as root, with kernel.kptr_restrict at most 1",
			    name);
	if (!reader.has_code)
		return fail(err, STATUS_FAILED,
			    "%s has no symbols of code: copy the guest's /proc/kallsyms again",
			    name);
	symbols_finish(symbols);
	return 0;
}
