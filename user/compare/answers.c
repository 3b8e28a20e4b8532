// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each number that was read in the guest is one that KVM gave, and the host's document
 * has what KVM gave: the guest's file must be a part of that list, in the same order.
 * Which numbers belong together is what fits best: most numbers the same; then most of
 * them read in a row, as one who reads does; then most of the others an answer to the
 * same question at that place, which says what was changed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "compare/job.h"

/* Ways to pair numbers with answers, each of which takes memory. */
#define MAX_PAIRS 2000000u
#define NONE	  UINT32_MAX

struct question {
	enum leaf leaf;
	uint32_t code; /* of a total: ECX, which it ignores, as it was asked or printed */
};

struct told {
	struct question question;
	bool defined;
	uint64_t value;
};

/* A number with an answer to its question, and the best pair before it. */
struct pair {
	uint32_t answer, previous;
	uint64_t score;
};

struct answercheck {
	struct job *job;
	size_t nanswers, nnumbers, npairs;
	struct told *answers;		    /* of this VM, in their order */
	uint32_t *order;		    /* the same, by question */
	const struct observation **numbers; /* in the order of reading */
	struct pair *pairs;
	uint32_t *best;	 /* a Fenwick tree: the best pair with an answer up to here */
	uint32_t *rows;	 /* the best pair of each way to put all numbers beside answers in a row */
	uint32_t *last;	 /* of each number: its last pair + 1 */
	uint32_t *found; /* of each number: its answer, or NONE */
};

/* --- what there is ------------------------------------------------------------------- */

static bool decode(const struct host_answer *answer, uint32_t layout, struct told *told)
{
	*told = (struct told){ .question.code = answer->subleaf };
	for (int leaf = LEAF_COUNT_ALL; leaf <= LEAF_AWAY; leaf++) {
		enum answer kind;

		if (leaf_number(layout, (enum leaf)leaf) != answer->leaf)
			continue;
		told->question.leaf = (enum leaf)leaf;
		kind = leaf_decode(told->question.leaf, &answer->regs, &told->value);
		told->defined = kind == ANSWER_VALUE;
		return kind != ANSWER_NONSENSE;
	}
	return false;
}

static int collect_answers(struct answercheck *check)
{
	const struct host_doc *host = check->job->timeline->doc;
	size_t vm = (size_t)(check->job->timeline->vm - host->vms);

	check->answers = calloc(host->nanswers + 1, sizeof(*check->answers));
	if (!check->answers)
		return -1;
	for (size_t i = 0; i < host->nanswers; i++)
		if (host->answers[i].vm == vm && decode(&host->answers[i], check->job->doc->layout,
							&check->answers[check->nanswers]))
			check->nanswers++;
	return 0;
}

static int collect_numbers(struct answercheck *check)
{
	const struct guest_doc *doc = check->job->doc;
	size_t n = 0;

	for (size_t r = 0; r < doc->nreadings; r++)
		n += doc->readings[r].nobservations;
	check->numbers = calloc(n + 1, sizeof(*check->numbers));
	if (!check->numbers)
		return -1;
	for (size_t r = 0; r < doc->nreadings; r++)
		for (size_t i = 0; i < doc->readings[r].nobservations; i++)
			check->numbers[check->nnumbers++] = &doc->readings[r].observations[i];
	return 0;
}

static int compare_questions(const struct question *a, const struct question *b)
{
	if (a->leaf != b->leaf)
		return a->leaf < b->leaf ? -1 : 1;
	return (a->code > b->code) - (a->code < b->code);
}

static int by_question(const void *a, const void *b, void *answers)
{
	const uint32_t *x = a, *y = b;
	const struct told *all = answers;
	int order = compare_questions(&all[*x].question, &all[*y].question);

	return order ?: (*x > *y) - (*x < *y);
}

/* --- pairs ------------------------------------------------------------------------------ */

/* The first of the answers, by question, that are to this one. */
static size_t first_of(const struct answercheck *check, const struct question *question)
{
	size_t low = 0, high = check->nanswers;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare_questions(&check->answers[check->order[middle]].question, question) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_same(const struct told *told, const struct observation *o)
{
	return told->defined == o->defined && (!o->defined || told->value == o->value);
}

/* What pairs are worth: the most of the first, whatever there is of the others. */
static uint64_t worth_same(const struct answercheck *check)
{
	uint64_t one = check->nnumbers + 1;

	return one * one;
}

static uint64_t worth_in_a_row(const struct answercheck *check)
{
	return check->nnumbers + 1;
}

/* Add a number's pairs, or those with the same answer only; or only tell how many there are. */
static size_t add_pairs(struct answercheck *check, const struct observation *o, bool same_only,
			bool count)
{
	const struct question question = { o->leaf, o->code };
	size_t n = 0;

	for (size_t i = first_of(check, &question); i < check->nanswers; i++) {
		const struct told *told = &check->answers[check->order[i]];
		bool same = is_same(told, o);

		if (compare_questions(&told->question, &question))
			break;
		if (same_only && !same)
			continue;
		n++;
		if (!count)
			check->pairs[check->npairs++] =
				(struct pair){ check->order[i], NONE,
					       same ? worth_same(check) : 1 };
	}
	return n;
}

static size_t count_pairs(struct answercheck *check, bool same_only)
{
	size_t n = 0;

	for (size_t i = 0; i < check->nnumbers && n <= MAX_PAIRS; i++)
		n += add_pairs(check, check->numbers[i], same_only, true);
	return n;
}

/* 1; 0: there are too many, even of those that are the same; -1: no memory. */
static int make_pairs(struct answercheck *check)
{
	size_t n = count_pairs(check, false);
	bool same_only = n > MAX_PAIRS;

	if (same_only)
		n = count_pairs(check, true);
	if (n > MAX_PAIRS)
		return 0;
	check->pairs = calloc(n + 1, sizeof(*check->pairs));
	check->last = calloc(check->nnumbers + 1, sizeof(*check->last));
	if (!check->pairs || !check->last)
		return -1;
	for (size_t i = 0; i < check->nnumbers; i++) {
		add_pairs(check, check->numbers[i], same_only, false);
		check->last[i] = (uint32_t)check->npairs;
	}
	return 1;
}

/* --- the best way to pair them all ---------------------------------------------------------- */

static uint64_t score_of(const struct answercheck *check, uint32_t pair)
{
	return pair == NONE ? 0 : check->pairs[pair].score;
}

/* The best pair of which the answer is before this one. */
static uint32_t best_before(const struct answercheck *check, uint32_t answer)
{
	uint32_t best = NONE;

	for (size_t i = answer; i; i &= i - 1)
		if (score_of(check, check->best[i]) > score_of(check, best))
			best = check->best[i];
	return best;
}

/* Where the answer to the first number is, in the row that has this pair. */
static uint32_t *row_of(struct answercheck *check, size_t number, uint32_t answer)
{
	return &check->rows[answer + check->nnumbers - number];
}

/* A pair goes on from the best before it, or from the best in its row. */
static void go_on(struct answercheck *check, size_t number, struct pair *pair)
{
	uint32_t row = *row_of(check, number, pair->answer);
	uint64_t in_a_row = row == NONE ? 0 : score_of(check, row) + worth_in_a_row(check);

	pair->previous = best_before(check, pair->answer);
	if (in_a_row > score_of(check, pair->previous)) {
		pair->previous = row;
		pair->score += in_a_row;
	} else {
		pair->score += score_of(check, pair->previous);
	}
}

static void offer(struct answercheck *check, size_t number, uint32_t pair)
{
	uint32_t *row = row_of(check, number, check->pairs[pair].answer);
	uint64_t score = check->pairs[pair].score;

	for (size_t i = check->pairs[pair].answer + 1; i <= check->nanswers; i += i & -i)
		if (score > score_of(check, check->best[i]))
			check->best[i] = pair;
	if (score > score_of(check, *row))
		*row = pair;
}

/* So many pairs, each of them NONE; or NULL. */
static uint32_t *no_pairs(size_t n)
{
	uint32_t *pairs = malloc((n + 1) * sizeof(*pairs));

	if (pairs)
		memset(pairs, 0xff, (n + 1) * sizeof(*pairs));
	return pairs;
}

static int pair_up(struct answercheck *check)
{
	uint32_t pair = 0, best;

	check->best = no_pairs(check->nanswers);
	check->rows = no_pairs(check->nanswers + check->nnumbers);
	check->found = no_pairs(check->nnumbers);
	if (!check->best || !check->rows || !check->found)
		return -1;
	for (size_t i = 0; i < check->nnumbers; i++) {
		uint32_t first = pair;

		for (; pair < check->last[i]; pair++)
			go_on(check, i, &check->pairs[pair]);
		/* Only now: a number has one answer. */
		for (uint32_t p = first; p < pair; p++)
			offer(check, i, p);
	}
	best = best_before(check, (uint32_t)check->nanswers);
	for (size_t i = check->nnumbers; i-- > 0 && best != NONE;) {
		if (best < (i ? check->last[i - 1] : 0))
			continue;
		check->found[i] = check->pairs[best].answer;
		best = check->pairs[best].previous;
	}
	return 0;
}

/* --- what that tells ------------------------------------------------------------------------- */

static void tell(struct answercheck *check, const struct observation *o, const struct told *told,
		 const char *explanation)
{
	struct finding *f = findings_add(check->job->findings, check->job->doc->file);

	finding_field(f, "%s", o->where);
	if (o->defined)
		finding_value(f, o->value);
	if (told && told->defined)
		finding_expected(f, "%" PRIu64, told->value);
	else if (told)
		finding_expected(f, "EDX 0xffffffff");
	finding_why(f, "%s",
		    explanation
			    ?: told ? "not what the host saw KVM answer"
				    : "the host saw KVM give no such answer at that place: was it "
				      "read in the host's run?");
	if (f)
		f->explained = explanation;
}

/* Why a number without its answer need not be wrong, or NULL. */
static const char *explain(const struct answercheck *check, bool first, bool last, bool told)
{
	const struct timeline *timeline = check->job->timeline;

	if (timeline->doc->answers_dropped && !told)
		return "the host has not kept all answers of KVM";
	if (first && !timeline->vm->whole)
		return "not among the answers the host has seen: from before its run";
	/* A text has no times: of that alone nothing could ever be wrong. */
	if (!check->job->doc->root)
		return NULL;
	return last && !told ? "not among the answers the host has seen: from after its run" : NULL;
}

/* What KVM answered to a number's question where it was read, or NULL. */
static const struct told *told_to(const struct answercheck *check, size_t i)
{
	return check->found[i] == NONE ? NULL : &check->answers[check->found[i]];
}

static bool is_answered(const struct answercheck *check, size_t i)
{
	const struct told *told = told_to(check, i);

	return told && is_same(told, check->numbers[i]);
}

static void judge(struct answercheck *check)
{
	size_t answered = 0, left = 0;

	for (size_t i = 0; i < check->nnumbers; i++)
		left += is_answered(check, i);
	for (size_t i = 0; i < check->nnumbers; i++) {
		const struct told *told = told_to(check, i);

		if (is_answered(check, i)) {
			answered++;
			left--;
		} else {
			tell(check, check->numbers[i], told,
			     explain(check, !answered, !left, told));
		}
	}
	note(check->job, "%zu of %zu numbers are answers that the host saw KVM give, in this order",
	     answered, check->nnumbers);
}

static int run(struct answercheck *check)
{
	int made;

	if (collect_answers(check) || collect_numbers(check))
		return -1;
	check->order = calloc(check->nanswers + 1, sizeof(*check->order));
	if (!check->order)
		return -1;
	for (size_t i = 0; i < check->nanswers; i++)
		check->order[i] = (uint32_t)i;
	qsort_r(check->order, check->nanswers, sizeof(*check->order), by_question, check->answers);
	made = make_pairs(check);
	if (made <= 0) {
		if (!made)
			note(check->job, "too many answers of KVM to hold these numbers against");
		return made;
	}
	if (pair_up(check))
		return -1;
	judge(check);
	return 0;
}

int compare_answers(struct job *job)
{
	struct answercheck check = { .job = job };
	int ret;

	if (!job->timeline->doc->has_answers)
		return 0;
	ret = run(&check);
	free(check.answers);
	free(check.order);
	free(check.numbers);
	free(check.pairs);
	free(check.best);
	free(check.rows);
	free(check.last);
	free(check.found);
	return ret;
}
