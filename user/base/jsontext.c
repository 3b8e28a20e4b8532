// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "base/jsontext.h"

static bool starved; /* since it was cleared */

static void *take_note(size_t size)
{
	void *memory = malloc(size);

	starved |= !memory;
	return memory;
}

struct allocators {
	json_malloc_t allocate;
	json_free_t release;
};

static void begin(struct allocators *before)
{
	json_get_alloc_funcs(&before->allocate, &before->release);
	json_set_alloc_funcs(take_note, free);
	starved = false;
}

/* Whether memory was out. */
static bool end(const struct allocators *before)
{
	json_set_alloc_funcs(before->allocate, before->release);
	return starved;
}

json_t *jsontext_read(const char *text, size_t len, json_error_t *error, bool *no_memory)
{
	struct allocators before;
	json_t *doc;

	begin(&before);
	doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, error);
	*no_memory = end(&before);
	if (!*no_memory)
		return doc;
	json_decref(doc);
	return NULL;
}

char *jsontext_write(const json_t *doc)
{
	struct allocators before;
	char *text, *line = NULL;

	begin(&before);
	text = json_dumps(doc, JSON_INDENT(2));
	if (!end(&before) && text && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}
