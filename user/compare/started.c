// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "compare/started.h"
#include "model/restart.h"

/* The cycles of a reason may have grown past what they were, by a single exit. */
static bool tells(const struct number *number)
{
	return number->o->defined && (is_count(number->o) || is_total(number->o));
}

static const struct number *first_lesser(const struct numbers *numbers)
{
	for_each_element(number, numbers->list, numbers->n)
		if (tells(number) && number->previous && tells(number->previous) &&
		    number->o->value < number->previous->o->value)
			return number;
	return NULL;
}

/* Of a document the whole reading, of which the first numbers may have gone on. */
static const struct number *begin_of(const struct numbers *numbers, const struct number *number)
{
	while (!numbers->doc->is_text && number > numbers->list &&
	       number[-1].o->reading == number->o->reading)
		number--;
	return number;
}

/* Of each line the last number before the place, and the first from there on. */
static void find_pairs(const struct numbers *numbers, const struct number *place,
		       const struct number **before, const struct number **now)
{
	for_each_element(number, numbers->list, numbers->n) {
		if (!tells(number))
			continue;
		if (number < place)
			before[number->line] = number;
		else if (!now[number->line] && number->o->reading == place->o->reading)
			now[number->line] = number;
	}
}

/* All that had been counted was read again, and is less; what has not happened is left out. */
static bool all_started(const struct numbers *numbers, const struct number *const *before,
			const struct number *const *now)
{
	bool leaves_out = numbers->doc->selection == SELECTED_COUNTED;
	struct restart restart = { 0 };

	for (size_t i = 0; i < numbers->nlines; i++) {
		if (!before[i] || !before[i]->o->value)
			continue;
		if (!now[i] && (!leaves_out || is_total(before[i]->o)))
			return false;
		restart_add(&restart, is_total(before[i]->o), before[i]->o->value,
			    now[i] ? now[i]->o->value : 0);
	}
	return restart_is_whole(&restart);
}

/* In one VM, then, as its host tells. */
static bool is_seen_on_both_sides(const struct numbers *numbers, const struct number *place)
{
	bool before = false, after = false;

	for_each_element(number, numbers->list, numbers->n) {
		before |= number->seen && number < place;
		after |= number->seen && number >= place;
	}
	return before && after;
}

int started_again(const struct numbers *numbers, const struct number **at)
{
	const struct number *place = first_lesser(numbers), **before, **now;

	*at = NULL;
	if (!place)
		return 0;
	place = begin_of(numbers, place);
	before = calloc(numbers->nlines, sizeof(const struct number *));
	now = calloc(numbers->nlines, sizeof(const struct number *));
	if (before && now) {
		find_pairs(numbers, place, before, now);
		if (all_started(numbers, before, now) && !is_seen_on_both_sides(numbers, place))
			*at = place;
	}
	free(before);
	free(now);
	return before && now ? 0 : -ENOMEM;
}
