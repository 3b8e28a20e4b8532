// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdlib.h>

#include "no_memory.h"
#include "unit.h"

static size_t wishes, first; /* how many there were; which one is the first to fail */
static bool all_later;

static void *starved_malloc(size_t size)
{
	wishes++;
	return wishes == first || (all_later && wishes > first) ? NULL : malloc(size);
}

static json_t *make_starved(json_t *(*make)(const void *arg), const void *arg, size_t fail_at)
{
	json_malloc_t old_malloc;
	json_free_t old_free;
	json_t *doc;

	wishes = 0;
	first = fail_at;
	json_get_alloc_funcs(&old_malloc, &old_free);
	json_set_alloc_funcs(starved_malloc, free);
	doc = make(arg);
	json_set_alloc_funcs(old_malloc, old_free);
	return doc;
}

static void assert_each(json_t *(*make)(const void *arg), const void *arg, const json_t *whole)
{
	size_t i = 1, made = 0;

	do {
		json_t *doc = make_starved(make, arg, i);

		if (doc && !json_equal(doc, whole))
			fail_msg("allocation %zu fails, and the document is not whole", i);
		if (!doc)
			made = i;
		json_decref(doc);
	} while (wishes >= i++);
	/* Only the last round had all it asked for. */
	assert_int_equal(made, i - 2);
	assert_true(made > 0);
}

void assert_whole_or_none(json_t *(*make)(const void *arg), const void *arg)
{
	json_t *whole = make(arg);

	assert_non_null(whole);
	all_later = false;
	assert_each(make, arg, whole);
	all_later = true;
	assert_each(make, arg, whole);
	json_decref(whole);
}
