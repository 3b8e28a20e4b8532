// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/jsontext.h"

/*
 * The library is not come back to: without memory it goes on with what it has not, and
 * writes behind a string's end. What it had made so far is lost, of a program that ends.
 */
static jmp_buf no_memory_left;

static void *allocate_or_leave(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		longjmp(no_memory_left, 1);
	return memory;
}

struct allocators {
	json_malloc_t allocate;
	json_free_t release;
};

static void begin(struct allocators *before)
{
	json_get_alloc_funcs(&before->allocate, &before->release);
	json_set_alloc_funcs(allocate_or_leave, free);
}

static void end(const struct allocators *before)
{
	json_set_alloc_funcs(before->allocate, before->release);
}

json_t *jsontext_read(const char *text, size_t len, json_error_t *error, bool *no_memory)
{
	struct allocators before;
	json_t *doc;

	*no_memory = true;
	begin(&before);
	if (setjmp(no_memory_left)) {
		end(&before);
		return NULL;
	}
	doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
	end(&before);
	*no_memory = false;
	return doc;
}

static char *write_text(const json_t *doc, size_t flags)
{
	struct allocators before;
	char *text;

	begin(&before);
	if (setjmp(no_memory_left)) {
		end(&before);
		return NULL;
	}
	text = json_dumps(doc, flags);
	end(&before);
	return text;
}

char *jsontext_write_line(const json_t *doc)
{
	return write_text(doc, JSON_COMPACT | JSON_ENSURE_ASCII);
}

char *jsontext_write(const json_t *doc)
{
	char *text = write_text(doc, JSON_INDENT(2)), *line;

	if (text && asprintf(&line, "%s\n", text) >= 0) {
		free(text);
		return line;
	}
	free(text);
	return NULL;
}
