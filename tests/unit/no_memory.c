// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdlib.h>

#include "allocations.h"
#include "no_memory.h"
#include "unit.h"

static void assert_each(json_t *(*make)(const void *arg), const void *arg, const json_t *whole,
			bool all_later)
{
	size_t i = 1, made = 0, wishes;

	do {
		json_t *doc;

		allocations_fail(i, all_later);
		doc = make(arg);
		wishes = allocations_end();
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
	assert_each(make, arg, whole, false);
	assert_each(make, arg, whole, true);
	json_decref(whole);
}
