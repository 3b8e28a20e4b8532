// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/args.h"
#include "base/array.h"
#include "bpf/exitstat.h"
#include "diff/condition.h"
#include "model/reasons.h"

#define MOST_TEXT   400
#define MOST_DIGITS 15

static const char expected[] =
	"[VM:]REASON.METRIC>N, where REASON can be total, METRIC is count, time, share, avg, p50, "
	"p90, p99 or max, > can be <, and N is a limit such as 100/s or 50us, or a change such as "
	"+20% or -5us";

/* --- numbers -------------------------------------------------------------------------------- */

/* Digits, and a point among them; nothing that strtod() takes besides. */
static bool take_number(const char **text, double *value)
{
	size_t digits = strspn(*text, "0123456789"), decimals = 0;
	char number[2 * MOST_DIGITS + 2];

	if ((*text)[digits] == '.')
		decimals = 1 + strspn(*text + digits + 1, "0123456789");
	if (!digits || digits > MOST_DIGITS || decimals == 1 || decimals > MOST_DIGITS)
		return false;
	memcpy(number, *text, digits + decimals);
	number[digits + decimals] = '\0';
	*value = strtod(number, NULL);
	*text += digits + decimals;
	return true;
}

enum sort {
	A_NUMBER,
	A_TIME,
	A_SHARE,
};

static enum sort sort_of(enum metric metric)
{
	if (metric == METRIC_COUNT)
		return A_NUMBER;
	return metric == METRIC_SHARE ? A_SHARE : A_TIME;
}

/* Of a value; what a change in % is of needs no unit. */
static bool find_unit(const char *unit, enum metric metric, bool has_sign, double *factor)
{
	static const struct {
		const char *unit;
		enum sort sort;
		bool sign; /* only of a change */
		double factor;
	} units[] = {
		{ "", A_NUMBER, false, 1 },    { "/s", A_NUMBER, false, 1 },
		{ "ns", A_TIME, false, 1 },    { "us", A_TIME, false, 1e3 },
		{ "ms", A_TIME, false, 1e6 },  { "s", A_TIME, false, 1e9 },
		{ "pp", A_SHARE, true, 0.01 }, { "%", A_SHARE, false, 0.01 },
	};
	char plain[8];
	size_t len = strlen(unit);

	if (len >= sizeof(plain))
		return false;
	strcpy(plain, unit);
	/* A time a second: its unit can say so. */
	if (metric == METRIC_TIME && len > 3 && !strcmp(plain + len - 2, "/s"))
		plain[len - 2] = '\0';
	for (size_t i = 0; i < COUNT_OF(units); i++) {
		*factor = units[i].factor;
		if (!strcmp(plain, units[i].unit) && units[i].sort == sort_of(metric) &&
		    (has_sign || !units[i].sign))
			return true;
	}
	return false;
}

/* What stands behind > or <. */
static bool parse_limit(struct condition *condition, const char *text)
{
	bool has_sign = *text == '+' || *text == '-', is_less = *text == '-';
	double factor;

	text += has_sign;
	if (!take_number(&text, &condition->limit))
		return false;
	condition->kind = has_sign ? BY_VALUE : LIMIT;
	if (has_sign && !strcmp(text, "%")) {
		condition->kind = BY_SHARE;
		factor = 0.01;
	} else if (!find_unit(text, condition->metric, has_sign, &factor)) {
		return false;
	}
	condition->limit *= is_less ? -factor : factor;
	return true;
}

/* --- what it is of ------------------------------------------------------------------------------
 */

/* REASON, REASON/L2 or total. */
static bool parse_reason(struct condition *condition, char *text)
{
	char *level = strrchr(text, '/');

	condition->is_total = !strcmp(text, "total");
	condition->level = level ? EXITSTAT_L2 : EXITSTAT_L1;
	if (level && strcasecmp(level, "/L2"))
		return false;
	if (level)
		*level = '\0';
	return condition->is_total || !reason_filter_parse(&condition->filter, text);
}

/* From its end on: a VM can be called anything. */
static bool parse(struct condition *condition, char *text)
{
	char *sign = text + strlen(text), *dot, *colon;

	while (sign > text && *sign != '>' && *sign != '<')
		sign--;
	condition->is_more = *sign == '>';
	if (sign == text)
		return false;
	*sign++ = '\0';
	dot = strrchr(text, '.');
	if (!dot || !metric_find(dot + 1, &condition->metric))
		return false;
	*dot = '\0';
	colon = strrchr(text, ':');
	if (colon) {
		*colon = '\0';
		if (!*text || strlen(text) >= sizeof(condition->vm))
			return false;
		strcpy(condition->vm, text);
	}
	return parse_reason(condition, colon ? colon + 1 : text) && parse_limit(condition, sign);
}

int condition_parse(struct condition *condition, const char *text, bool by_vm, struct error *err)
{
	char copy[MOST_TEXT];

	*condition = (struct condition){ .text = text };
	if (strlen(text) >= sizeof(copy))
		return args_wrong(err, "--fail-if", text, expected);
	strcpy(copy, text);
	if (!parse(condition, copy))
		return args_wrong(err, "--fail-if", text, expected);
	if (condition->metric == METRIC_MAX && condition->kind != LIMIT)
		return args_wrong(
			err, "--fail-if", text,
			"a limit such as 50us, as max is one exit: no change of it can be "
			"told from noise");
	if (condition->metric == METRIC_SHARE && condition->is_total)
		return args_wrong(err, "--fail-if", text,
				  "a reason: the share of all of them is always 100 %");
	if (*condition->vm && !by_vm)
		return args_wrong(err, "--fail-if", text, "--by vm, as it names a VM");
	return 0;
}

/* --- whether it is so ----------------------------------------------------------------------------
 */

static bool is_about(const struct condition *condition, const struct difference_row *row)
{
	const struct reason_stat *all = &row->like.all;

	if ((*condition->vm && strcmp(condition->vm, row->vm)) ||
	    condition->is_total != row->like.is_total)
		return false;
	return condition->is_total ||
	       (all->level == condition->level &&
		reason_filter_matches(&condition->filter, all->isa, all->reason));
}

static bool is_beyond(const struct condition *condition, double value)
{
	return condition->is_more ? value > condition->limit : value < condition->limit;
}

static enum outcome check(const struct condition *condition, const struct difference_row *row)
{
	const struct change *change = &row->changes[condition->metric];
	double growth = change->values[1] - change->values[0];

	if (!change->known[1] || (condition->kind != LIMIT && !change->known[0]))
		return OUTCOME_NOT_THERE;
	if (condition->kind == LIMIT)
		return is_beyond(condition, change->values[1]) ? OUTCOME_FAILED : OUTCOME_HOLDS;
	if (change->judgement == NOT_JUDGED)
		return OUTCOME_NOT_JUDGED;
	if (!is_beyond(condition, condition->kind == BY_SHARE ? change->relative : growth))
		return OUTCOME_HOLDS;
	return change->probability <= DIFFERENCE_PROBABILITY ? OUTCOME_FAILED : OUTCOME_NOISE;
}

static int add(struct checks *checks, const struct condition *condition,
	       const struct difference_row *row, enum outcome outcome)
{
	struct checked *checked = array_append(&checks->list, &checks->n, sizeof(*checked));

	if (!checked)
		return -ENOMEM;
	*checked = (struct checked){ condition, row, outcome };
	checks->failed += outcome_is_failure(outcome);
	return 0;
}

static int check_rows(struct checks *checks, const struct difference *difference,
		      const struct condition *condition)
{
	bool found = false;

	for_each_element(row, difference->rows, difference->nrows) {
		if (!is_about(condition, row))
			continue;
		found = true;
		if (add(checks, condition, row, check(condition, row)))
			return -ENOMEM;
	}
	return found ? 0 : add(checks, condition, NULL, OUTCOME_NOT_THERE);
}

int conditions_check(struct checks *checks, const struct difference *difference,
		     const struct condition *conditions, size_t n)
{
	int err = 0;

	*checks = (struct checks){ 0 };
	for (size_t i = 0; i < n && !err; i++)
		err = check_rows(checks, difference, &conditions[i]);
	return err;
}

void checks_free(struct checks *checks)
{
	free(checks->list);
	*checks = (struct checks){ 0 };
}

bool outcome_is_failure(enum outcome outcome)
{
	return outcome > OUTCOME_NOISE;
}

const char *outcome_word(enum outcome outcome)
{
	static const char *const words[] = { "holds", "noise", "failed", "not there",
					     "not judged" };

	return words[outcome];
}
