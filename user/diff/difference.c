// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/printable.h"
#include "diff/difference.h"
#include "model/distribution.h"
#include "model/samples.h"
#include "view/groups.h"

/* Beyond a percentile there must be so many exits on each side, if it is to be judged. */
#define LEAST_BEYOND 10

/* --- which rows ------------------------------------------------------------------------ */

static struct difference_row *find_row(const struct difference *difference, const char *vm,
				       const struct side_row *like)
{
	for_each_element(row, difference->rows, difference->nrows)
		if (!strcmp(row->vm, vm) && row->like.is_total == like->is_total &&
		    (like->is_total || reason_is_same(&row->like.all, &like->all)))
			return row;
	return NULL;
}

static int add_group(struct difference *difference, size_t side, const struct side_group *group)
{
	for_each_element(row, group->rows, group->nrows) {
		struct difference_row *found = find_row(difference, group->name, row);

		if (!row->all.count && !row->is_total)
			continue;
		if (!found)
			found = array_append(&difference->rows, &difference->nrows, sizeof(*found));
		if (!found)
			return -ENOMEM;
		found->vm = group->name;
		found->like = *row;
		found->rows[side] = row;
	}
	return 0;
}

static int add_side(struct difference *difference, size_t side)
{
	const struct side *of = difference->sides[side];

	for_each_element(group, of->groups, of->ngroups)
		if (add_group(difference, side, group))
			return -ENOMEM;
	return 0;
}

/* In a second, of both sides. */
static double time_of(const struct difference_row *row)
{
	return row->changes[METRIC_TIME].values[0] + row->changes[METRIC_TIME].values[1];
}

static int most_time_first(const void *a, const void *b)
{
	const struct difference_row *x = a, *y = b;
	int order = strcmp(x->vm, y->vm) ?: y->like.is_total - x->like.is_total;

	if (!order && time_of(x) != time_of(y))
		order = time_of(x) < time_of(y) ? 1 : -1;
	if (!order && x->like.all.reason != y->like.all.reason)
		order = x->like.all.reason < y->like.all.reason ? -1 : 1;
	return order ?: (int)x->like.all.level - (int)y->like.all.level;
}

/* --- their values ------------------------------------------------------------------------ */

static const struct side_row *total_of(const struct difference *difference,
				       const struct difference_row *row, size_t side)
{
	const struct side_group *group = side_find_group(difference->sides[side], row->vm);

	return group ? group->rows : NULL;
}

static double quantile_of(const struct reason_stat *all, enum metric metric)
{
	double value = distribution_quantile(all->buckets, all->nbuckets, all->timed,
					     metric_quantile(metric));

	return fmin(fmax(value, (double)all->min_ns), (double)all->max_ns);
}

static double value_of(const struct difference *difference, const struct difference_row *row,
		       size_t side, enum metric metric)
{
	const struct reason_stat *all = &row->rows[side]->all;
	double seconds = (double)(difference->sides[side]->ns ?: 1) / (double)NS_PER_SEC;
	double whole;

	switch (metric) {
	case METRIC_COUNT:
		return (double)all->count / seconds;
	case METRIC_TIME:
		return (double)all->sum_ns / seconds;
	case METRIC_SHARE:
		whole = (double)total_of(difference, row, side)->all.sum_ns;
		return whole > 0 ? (double)all->sum_ns / whole : 0;
	case METRIC_AVG:
		return (double)all->sum_ns / (double)all->timed;
	case METRIC_MAX:
		return (double)all->max_ns;
	default:
		return quantile_of(all, metric);
	}
}

/* A reason that was not there has a count of 0, and nothing else is known of it. */
static void set_values(const struct difference *difference, struct difference_row *row)
{
	for (enum metric metric = 0; metric < METRICS; metric++) {
		struct change *change = &row->changes[metric];

		for (size_t side = 0; side < 2; side++) {
			change->known[side] = metric <= METRIC_SHARE ||
					      (row->rows[side] && row->rows[side]->all.timed);
			if (change->known[side] && row->rows[side])
				change->values[side] = value_of(difference, row, side, metric);
		}
		if (change->values[0] != change->values[1] && change->known[0] && change->known[1])
			change->relative =
				(change->values[1] - change->values[0]) / change->values[0];
	}
}

/* --- from where on an exit is slow --------------------------------------------------------- */

static void set_slow(struct difference_row *row, struct side_row *const sides[2],
		     const struct reason_stat *both)
{
	for (size_t i = 0; i < QUANTILES; i++) {
		double rank = (double)both->timed * metric_quantile(METRIC_P50 + (enum metric)i);
		double seen = 0;

		for_each_bucket(bucket, both) {
			row->like.slow[i] = bucket->index;
			seen += (double)bucket->count;
			if (seen >= rank)
				break;
		}
		for (size_t side = 0; side < 2; side++)
			if (sides[side])
				sides[side]->slow[i] = row->like.slow[i];
	}
}

static int find_slow(struct difference_row *row, struct side *a, struct side *b)
{
	struct side *of[2] = { a, b };
	struct side_row *rows[2] = { 0 };
	struct reason_stat both;
	int err = 0;

	reason_init(&both, 0, 0);
	for (size_t side = 0; side < 2 && !err; side++) {
		const struct side_group *group = side_find_group(of[side], row->vm);

		rows[side] = group ? side_find_row(group, &row->like) : NULL;
		if (rows[side])
			err = reason_accumulate(&both, &rows[side]->all);
	}
	if (!err)
		set_slow(row, rows, &both);
	reason_free(&both);
	return err;
}

/* --- judging ---------------------------------------------------------------------------------- */

static struct sample sample_of(const struct side *side, const struct cell *cell,
			       const struct cell *total, size_t i, enum metric metric)
{
	double seconds = (double)side->cell_ns[i] / (double)NS_PER_SEC;
	double timed = (double)cell->timed;

	switch (metric) {
	case METRIC_COUNT:
		return (struct sample){ (double)cell->count, seconds };
	case METRIC_TIME:
		return (struct sample){ (double)cell->sum_ns, seconds };
	case METRIC_SHARE:
		return (struct sample){ (double)cell->sum_ns, (double)total->sum_ns };
	case METRIC_AVG:
		return (struct sample){ timed > 0 ? (double)cell->sum_ns : 0, timed };
	default:
		return (struct sample){ (double)cell->over[metric - METRIC_P50] / 2, timed };
	}
}

static struct estimate estimate_of(const struct difference *difference,
				   const struct difference_row *row, size_t side,
				   enum metric metric)
{
	const struct side *of = difference->sides[side];
	const struct side_row *total = total_of(difference, row, side);
	const struct cell none = { 0 };
	struct sample samples[SIDE_CELLS];
	size_t n = 0;

	for (size_t i = 0; i < of->ncells; i++) {
		const struct side_row *own = row->rows[side];

		samples[n] = sample_of(of, own && own->cells ? &own->cells[i] : &none,
				       total && total->cells ? &total->cells[i] : &none, i, metric);
		n += samples[n].of > 0;
	}
	return samples_estimate(samples, n);
}

static double exits_of(const struct difference_row *row, size_t side)
{
	return row->rows[side] ? (double)row->rows[side]->all.count : 0;
}

/*
 * Few exits are off by chance further than their intervals show, and a side with none shows
 * nothing: each value is off by what as many exits are that come at random (Poisson), at least.
 * How many that are is what both sides together let expect.
 */
static void allow_for_few(const struct difference *difference, const struct difference_row *row,
			  enum metric metric, struct estimate estimates[2])
{
	const double *values = row->changes[metric].values;
	double ns[2] = { (double)difference->sides[0]->ns, (double)difference->sides[1]->ns };
	double all = ns[0] + ns[1], exits = exits_of(row, 0) + exits_of(row, 1);
	double value = (values[0] * ns[0] + values[1] * ns[1]) / all;

	for (size_t side = 0; side < 2 && exits > 0 && ns[side] > 0; side++)
		estimates[side].variance =
			fmax(estimates[side].variance, value * value * all / (exits * ns[side]));
}

/* Whether there is enough of it on a side, whatever the intervals. */
static bool is_enough(const struct difference_row *row, size_t side, enum metric metric)
{
	double quantile = metric_quantile(metric);

	return quantile <= 0 || (double)row->rows[side]->all.timed * (1 - quantile) >= LEAST_BEYOND;
}

/* What a total is a share of is itself, and a maximum is one exit. */
static bool can_be_judged(const struct difference_row *row, enum metric metric)
{
	const struct change *change = &row->changes[metric];

	return metric != METRIC_MAX && !(metric == METRIC_SHARE && row->like.is_total) &&
	       change->known[0] && change->known[1];
}

static void judge(const struct difference *difference, struct difference_row *row,
		  enum metric metric)
{
	struct change *change = &row->changes[metric];
	struct estimate estimates[2];

	change->probability = 1;
	if (!can_be_judged(row, metric))
		return;
	for (size_t side = 0; side < 2; side++) {
		if (metric > METRIC_SHARE && !is_enough(row, side, metric))
			return;
		estimates[side] = estimate_of(difference, row, side, metric);
		if (estimates[side].freedom <= 0)
			return;
	}
	if (metric <= METRIC_SHARE)
		allow_for_few(difference, row, metric, estimates);
	change->judgement = IS_NOISE;
	/* A percentile that became larger while fewer exits are beyond it did not: it is noise. */
	if ((estimates[1].value > estimates[0].value) == (change->relative > 0))
		change->probability = estimates_compare(&estimates[0], &estimates[1]);
}

static int adjust(struct difference *difference)
{
	size_t n = 0, most = difference->nrows * METRICS;
	double *probabilities = calloc(most ?: 1, sizeof(*probabilities));
	struct change **changes = calloc(most ?: 1, sizeof(struct change *));
	int err = probabilities && changes ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < most; i++) {
		struct change *change = &difference->rows[i / METRICS].changes[i % METRICS];

		if (change->judgement == NOT_JUDGED)
			continue;
		probabilities[n] = change->probability;
		changes[n++] = change;
	}
	if (!err)
		err = probabilities_adjust(probabilities, n);
	for (size_t i = 0; !err && i < n; i++) {
		changes[i]->probability = probabilities[i];
		if (probabilities[i] <= DIFFERENCE_PROBABILITY &&
		    fabs(changes[i]->relative) >= difference->least)
			changes[i]->judgement = IS_CHANGE;
	}
	free(probabilities);
	free(changes);
	return err;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static int make_rows(struct difference *difference, struct side *a, struct side *b)
{
	if (add_side(difference, 0) || add_side(difference, 1))
		return -ENOMEM;
	for_each_element(row, difference->rows, difference->nrows) {
		set_values(difference, row);
		if (find_slow(row, a, b))
			return -ENOMEM;
	}
	array_sort(difference->rows, difference->nrows, sizeof(*difference->rows), most_time_first);
	return 0;
}

int difference_begin(struct difference *difference, struct side *a, struct side *b)
{
	*difference = (struct difference){ .sides = { a, b } };
	return make_rows(difference, a, b);
}

int difference_judge(struct difference *difference, double least)
{
	difference->least = least;
	for_each_element(row, difference->rows, difference->nrows)
		for (enum metric metric = 0; metric < METRICS; metric++)
			judge(difference, row, metric);
	return adjust(difference);
}

void difference_free(struct difference *difference)
{
	free(difference->rows);
	*difference = (struct difference){ 0 };
}

void difference_name(char name[DIFFERENCE_NAME_LEN], const struct difference_row *row)
{
	char reason[ROW_NAME_LEN] = "all reasons";
	size_t len;

	copy_cut(name, DIFFERENCE_NAME_LEN - ROW_NAME_LEN - 2, row->vm);
	make_printable(name);
	len = strlen(name);
	if (!row->like.is_total)
		row_name(reason, &row->like.all);
	snprintf(name + len, DIFFERENCE_NAME_LEN - len, "%s%s", len ? ": " : "", reason);
}
