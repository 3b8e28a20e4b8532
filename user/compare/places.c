// SPDX-License-Identifier: GPL-2.0-only
#include "compare/places.h"

void places_in_run(struct numbers *numbers)
{
	for_each_element(number, numbers->list, numbers->n) {
		number->before = 0;
		number->after = numbers->timeline->nmoments - 1;
	}
}

/*
 * Where answers are missing, a number can be the same as that of another reading. But each
 * question is an exit, so that no two answers are the same total.
 */
static bool tells(const struct numbers *numbers, const struct number *number)
{
	const struct host_document *host = numbers->timeline->doc;

	return !host->has_answers ||
	       (number->seen && (!host->answers.dropped || number->o->leaf == LEAF_COUNT_ALL));
}

/* Nothing was read before what was read before it, nor after what was read after it. */
static void spread(struct numbers *numbers)
{
	long before = -1, after = numbers->timeline->nmoments;

	for (size_t i = 0; i < numbers->n; i++) {
		struct number *number = &numbers->list[i];

		if (tells(numbers, number) && number->before > before)
			before = number->before;
		number->before = number->seen ? number->before : before;
	}
	for (size_t i = numbers->n; i-- > 0;) {
		struct number *number = &numbers->list[i];

		if (tells(numbers, number) && number->after < after)
			after = number->after;
		number->after = number->seen ? number->after : after;
	}
}

void places_by_answers(struct numbers *numbers)
{
	const struct series *series = &numbers->timeline->doc->series;

	for_each_element(number, numbers->list, numbers->n) {
		number->before = -1;
		number->after = numbers->timeline->nmoments;
		for (long i = 0; number->seen && i < (long)series->npoints; i++) {
			const struct point *point = &series->points[i];

			if (point->start_ns + point->took_ns <= number->ns)
				number->before = i;
			if (point->start_ns >= number->ns && i < number->after)
				number->after = i;
		}
	}
	spread(numbers);
}

void places_by_counts(struct numbers *numbers)
{
	const struct timeline *timeline = numbers->timeline;

	for_each_element(number, numbers->list, numbers->n) {
		const struct observation *o = number->o;

		number->before = -1;
		number->after = timeline->nmoments - 1;
		if (!is_count(o) || !o->defined)
			continue;
		/* Exits that the host lost may be in the guest's count. */
		while (number->before + 1 < timeline->nmoments - 1 &&
		       timeline_count(timeline, number->before + 1, o) +
				       timeline_lost(timeline, number->before + 1) <
			       o->value)
			number->before++;
		while (number->after > 0 &&
		       timeline_count(timeline, number->after - 1, o) > o->value)
			number->after--;
	}
	spread(numbers);
}
