// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which answers the numbers are is what fits best: most numbers found, in their order;
 * then most of them in a row, as one who reads has asked. What KVM answers again and again
 * (a reason that does not happen) tells nothing of that, and is found by what is around it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compare/answers.h"

#define MAX_PAIRS 1000000u /* what was answered too often for that is found by its neighbours */
#define NEAR	  2048u	   /* answers: no reading asks for more */
#define NONE	  UINT32_MAX

struct told {
	enum leaf leaf;
	uint32_t code;
	bool defined;
	uint64_t value, ns;
};

/* A number with an answer that is the same, and the best pair before it. */
struct pair {
	uint32_t number, answer, previous;
	uint64_t score;
};

struct search {
	struct numbers *numbers;
	size_t nanswers, npairs;
	struct told *answers; /* of this VM, in their order */
	uint32_t *sorted;     /* the same, by what was asked and answered */
	struct pair *pairs;
	uint32_t *best;	 /* a Fenwick tree: the best pair with an answer up to here */
	uint32_t *rows;	 /* the best pair of each way to put all numbers beside answers in a row */
	uint32_t *found; /* of each number: its answer, or NONE */
};

/* --- what there is ------------------------------------------------------------------- */

static int by_told(const struct told *a, const struct told *b)
{
	if (a->leaf != b->leaf)
		return a->leaf < b->leaf ? -1 : 1;
	if (a->code != b->code)
		return a->code < b->code ? -1 : 1;
	if (a->defined != b->defined)
		return a->defined ? -1 : 1;
	return (a->value > b->value) - (a->value < b->value);
}

static int by_answer(const void *a, const void *b, void *answers)
{
	const uint32_t *x = a, *y = b;
	const struct told *all = answers;

	return by_told(&all[*x], &all[*y]) ?: (*x > *y) - (*x < *y);
}

static struct told told_of(const struct observation *o)
{
	return (struct told){ o->leaf, o->code, o->defined, o->defined ? o->value : 0, 0 };
}

static int collect(struct search *search)
{
	const struct timeline *timeline = search->numbers->timeline;
	const struct answers *answers = &timeline->doc->answers;

	search->answers = calloc(answers->n + 1, sizeof(*search->answers));
	search->sorted = calloc(answers->n + 1, sizeof(*search->sorted));
	if (!search->answers || !search->sorted)
		return -ENOMEM;
	for_each_element(given, answers->list, answers->n) {
		struct told *told = &search->answers[search->nanswers];
		enum answer kind;

		*told = (struct told){ .code = given->subleaf, .ns = given->ns };
		kind = leaf_answer(search->numbers->doc->layout, given->leaf, &given->regs,
				   &told->leaf, &told->value);
		told->defined = kind == ANSWER_VALUE;
		if (given->vm_serial != timeline->vm->serial || kind == ANSWER_NONSENSE)
			continue;
		search->sorted[search->nanswers] = (uint32_t)search->nanswers;
		search->nanswers++;
	}
	qsort_r(search->sorted, search->nanswers, sizeof(*search->sorted), by_answer,
		search->answers);
	return 0;
}

/* --- the best way to pair them all ----------------------------------------------------- */

/* The first of the sorted answers that is not less; same: how many are the same, to most + 1. */
static size_t find_same(const struct search *search, const struct told *told, size_t most,
			size_t *same)
{
	size_t low = 0, high = search->nanswers;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (by_told(&search->answers[search->sorted[middle]], told) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (*same = 0; low + *same < search->nanswers && *same <= most; ++*same)
		if (by_told(&search->answers[search->sorted[low + *same]], told))
			break;
	return low;
}

static uint64_t score_of(const struct search *search, uint32_t pair)
{
	return pair == NONE ? 0 : search->pairs[pair].score;
}

static uint32_t better(const struct search *search, uint32_t a, uint32_t b)
{
	return score_of(search, a) > score_of(search, b) ? a : b;
}

/* The best pair of which the answer is before this one. */
static uint32_t best_before(const struct search *search, uint32_t answer)
{
	uint32_t best = NONE;

	for (size_t i = answer; i; i &= i - 1)
		best = better(search, search->best[i], best);
	return best;
}

static uint32_t *row_of(struct search *search, const struct pair *pair)
{
	return &search->rows[pair->answer + search->numbers->n - pair->number];
}

/* A pair goes on from the best before it, or from the best in its row, which is better. */
static void add_pair(struct search *search, size_t number, uint32_t answer)
{
	struct pair *pair = &search->pairs[search->npairs++];
	uint64_t one = search->numbers->n + 1, before, in_row;
	uint32_t row;

	*pair = (struct pair){ (uint32_t)number, answer, best_before(search, answer), one };
	row = *row_of(search, pair);
	before = score_of(search, pair->previous);
	in_row = row == NONE ? 0 : score_of(search, row) + 1;
	if (in_row > before)
		pair->previous = row;
	pair->score += in_row > before ? in_row : before;
}

static void offer(struct search *search, uint32_t pair)
{
	uint32_t *row = row_of(search, &search->pairs[pair]);

	for (size_t i = search->pairs[pair].answer + 1; i <= search->nanswers; i += i & -i)
		search->best[i] = better(search, pair, search->best[i]);
	*row = better(search, pair, *row);
}

/* So many pairs, each of them NONE; or NULL. */
static uint32_t *no_pairs(size_t n)
{
	uint32_t *pairs = malloc((n + 1) * sizeof(*pairs));

	return pairs ? memset(pairs, 0xff, (n + 1) * sizeof(*pairs)) : NULL;
}

/* Pair a number with each answer that is the same; or only count these. */
static size_t add_pairs(struct search *search, size_t i, bool count)
{
	const struct told told = told_of(search->numbers->list[i].o);
	size_t most = MAX_PAIRS / search->numbers->n, same, first = search->npairs;
	size_t at = find_same(search, &told, most, &same);

	if (same > most)
		return 0;
	for (size_t j = 0; j < same && !count; j++)
		add_pair(search, i, search->sorted[at + j]);
	/* Only now: a number has one answer. */
	for (size_t j = first; j < search->npairs; j++)
		offer(search, (uint32_t)j);
	return same;
}

static int pair_up(struct search *search)
{
	size_t n = search->numbers->n, npairs = 1;

	for (size_t i = 0; i < n; i++)
		npairs += add_pairs(search, i, true);
	search->pairs = calloc(npairs, sizeof(*search->pairs));
	search->best = no_pairs(search->nanswers);
	search->rows = no_pairs(search->nanswers + n);
	search->found = no_pairs(n);
	if (!search->pairs || !search->best || !search->rows || !search->found)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		add_pairs(search, i, false);
	for (uint32_t best = best_before(search, (uint32_t)search->nanswers); best != NONE;
	     best = search->pairs[best].previous)
		search->found[search->pairs[best].number] = search->pairs[best].answer;
	return 0;
}

/* --- by what is around it ----------------------------------------------------------------- */

/*
 * The answer to a number's question after the answer "from" and before "to", each NONE if
 * it is not known; the nearest to one of the two. NONE: there is none near.
 */
static uint32_t find_between(const struct search *search, const struct observation *o,
			     uint32_t from, uint32_t to, bool near_to)
{
	size_t begin = from == NONE ? 0 : from + 1, end = to == NONE ? search->nanswers : to;

	for (size_t i = 0; begin + i < end && i < NEAR; i++) {
		size_t at = near_to ? end - 1 - i : begin + i;

		if (search->answers[at].leaf == o->leaf && search->answers[at].code == o->code)
			return (uint32_t)at;
	}
	return NONE;
}

static void take(struct search *search, size_t i, uint32_t answer)
{
	struct number *number = &search->numbers->list[i];
	const struct told *told = &search->answers[answer], mine = told_of(number->o);

	number->seen = !by_told(told, &mine);
	/* Where answers are missing, its own may be. */
	number->told = !number->seen && !search->numbers->timeline->doc->answers.dropped;
	if (!number->seen && !number->told)
		return;
	number->ns = told->ns;
	number->told_defined = told->defined;
	number->told_value = told->value;
	search->found[i] = answer;
}

/* Those that are found, then those behind one that is, then those before one. */
static int take_all(struct search *search)
{
	size_t n = search->numbers->n;
	uint32_t *bounds = no_pairs(n), at;

	if (!bounds)
		return -ENOMEM;
	for (size_t i = n; i-- > 0;)
		bounds[i] = search->found[i] != NONE ? search->found[i] : bounds[i + 1];
	for (size_t i = 0; i < n; i++) {
		at = search->found[i];
		if (at == NONE && i && search->found[i - 1] != NONE)
			at = find_between(search, search->numbers->list[i].o, search->found[i - 1],
					  bounds[i], false);
		if (at != NONE)
			take(search, i, at);
	}
	for (size_t i = 0; i < n; i++)
		bounds[i + 1] = search->found[i] != NONE ? search->found[i] : i ? bounds[i] : NONE;
	for (size_t i = n - 1; i-- > 0;) {
		if (search->found[i] != NONE || search->found[i + 1] == NONE)
			continue;
		at = find_between(search, search->numbers->list[i].o, i ? bounds[i] : NONE,
				  search->found[i + 1], true);
		if (at != NONE)
			take(search, i, at);
	}
	free(bounds);
	return 0;
}

/* --- what that tells ------------------------------------------------------------------------- */

/* A number that is no answer, with none found before it, or none after it, in the file. */
static void judge(const struct numbers *numbers, struct number *number, bool first, bool last)
{
	const struct timeline *timeline = numbers->timeline;

	if (timeline->doc->answers.dropped && !number->told)
		number_judge(number, VERDICT_EXPLAINED, "the host has not kept all answers of KVM");
	else if (first && !timeline->vm->whole)
		number_judge(number, VERDICT_EXPLAINED,
			     "not among the answers the host has seen: from before its run");
	else if (number->told)
		number_judge(number, VERDICT_DISAGREE, "not what the host saw KVM answer");
	else if (last && !numbers->doc->is_text) /* of a text nothing could ever be wrong */
		number_judge(number, VERDICT_EXPLAINED,
			     "not among the answers the host has seen: from after its run");
	else
		number_judge(number, VERDICT_DISAGREE,
			     "the host saw KVM give no such answer at that place: was it read in "
			     "the host's run?");
}

static long judge_all(struct numbers *numbers)
{
	long seen = 0, left;

	for_each_element(number, numbers->list, numbers->n)
		seen += number->seen;
	left = seen;
	for_each_element(number, numbers->list, numbers->n) {
		if (number->seen)
			left--;
		else
			judge(numbers, number, left == seen, !left);
	}
	return seen;
}

long answers_find(struct numbers *numbers)
{
	struct search search = { .numbers = numbers };
	long seen = numbers->n ? -ENOMEM : 0;

	if (numbers->n && !collect(&search) && !pair_up(&search) && !take_all(&search))
		seen = judge_all(numbers);
	free(search.answers);
	free(search.sorted);
	free(search.pairs);
	free(search.best);
	free(search.rows);
	free(search.found);
	return seen;
}
