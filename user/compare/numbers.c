// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare/numbers.h"

/* Near, but for the first of them: each reading has all. */
static struct number *find_previous(struct number *list, const struct observation *o, size_t i)
{
	while (i-- > 0)
		if (list[i].o->leaf == o->leaf && (is_total(o) || list[i].o->code == o->code))
			return &list[i];
	return NULL;
}

int numbers_make(struct numbers *numbers, const struct timeline *timeline,
		 const struct guest_doc *doc)
{
	*numbers = (struct numbers){ .timeline = timeline, .doc = doc, .n = doc->n };
	numbers->list = calloc(doc->n + 1, sizeof(*numbers->list));
	for (size_t i = 0; numbers->list && i < doc->n; i++) {
		struct number *number = &numbers->list[i];

		number->o = &doc->observations[i];
		number->high = UINT64_MAX;
		number->previous = find_previous(numbers->list, number->o, i);
		number->line = number->previous ? number->previous->line : numbers->nlines++;
	}
	return numbers->list ? 0 : -ENOMEM;
}

enum definition numbers_define(const struct numbers *numbers, uint32_t code)
{
	const struct guest_doc *doc = numbers->doc;

	return leaves_define(numbers->timeline->doc->host.isa, doc->has_who ? doc->defined : 0,
			     code);
}

void number_judge(struct number *number, enum verdict verdict, const char *fmt, ...)
{
	va_list args;

	if (verdict <= number->verdict)
		return;
	number->verdict = verdict;
	va_start(args, fmt);
	vsnprintf(number->why, sizeof(number->why), fmt, args);
	va_end(args);
}
