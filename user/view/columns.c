// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE 1 /* qsort_r() */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/figures.h"
#include "model/reasons.h"
#include "model/split.h"
#include "view/columns.h"

/* --- cells ------------------------------------------------------------------------ */

static void add_share(struct table *table, uint64_t part, uint64_t whole)
{
	char text[32];

	percent(text, sizeof(text), part, whole);
	table_add(table, "%s", text);
}

static void add_duration(struct table *table, uint64_t ns)
{
	char text[32];

	duration(text, sizeof(text), ns);
	table_add(table, "%s", text);
}

/* What there is only of exits that were followed by an entry. */
static void add_timed(struct table *table, const struct row *row, uint64_t ns)
{
	if (row->reason->timed)
		add_duration(table, ns);
	else
		table_add(table, "-");
}

static void add_level(struct table *table, const struct row *row)
{
	table_add(table, "L%u", row->reason->level);
}

static void add_count(struct table *table, const struct row *row)
{
	table_add(table, "%" PRIu64, row->reason->count);
}

static void add_rate(struct table *table, const struct row *row)
{
	double rate = (double)row->reason->count * (double)NS_PER_SEC / (double)row->ns;

	table_add(table, "%.*f", rate < 10 ? 1 : 0, rate);
}

static void add_count_share(struct table *table, const struct row *row)
{
	add_share(table, row->reason->count, row->group->count);
}

static void add_time(struct table *table, const struct row *row)
{
	add_duration(table, row->reason->sum_ns);
}

static void add_time_share(struct table *table, const struct row *row)
{
	add_share(table, row->reason->sum_ns, row->group->sum_ns);
}

/* Where it is not known how long it was idle, nothing is known of an idle reason. */
static bool knows_busy(const struct row *row)
{
	return row->parts || !reason_is_idle(row->reason->isa, row->reason->reason);
}

static void add_busy(struct table *table, const struct row *row)
{
	if (knows_busy(row))
		add_duration(table, reason_busy_ns(row->reason, row->parts));
	else
		table_add(table, "-");
}

static void add_busy_share(struct table *table, const struct row *row)
{
	if (knows_busy(row))
		add_share(table, reason_busy_ns(row->reason, row->parts), row->group->busy_ns);
	else
		table_add(table, "-");
}

static void add_part(struct table *table, const struct row *row, unsigned int part)
{
	if (row->parts & 1u << part)
		add_duration(table, reason_part(row->reason, part));
	else
		table_add(table, "-");
}

static void add_kvm(struct table *table, const struct row *row)
{
	add_part(table, row, PART_KVM);
}

static void add_user(struct table *table, const struct row *row)
{
	add_part(table, row, EXITSTAT_USER);
}

static void add_polled(struct table *table, const struct row *row)
{
	add_part(table, row, EXITSTAT_POLLED);
}

static void add_blocked(struct table *table, const struct row *row)
{
	add_part(table, row, EXITSTAT_BLOCKED);
}

static void add_runnable(struct table *table, const struct row *row)
{
	add_part(table, row, EXITSTAT_RUNNABLE);
}

static void add_min(struct table *table, const struct row *row)
{
	add_timed(table, row, row->reason->min_ns);
}

static void add_average(struct table *table, const struct row *row)
{
	const struct reason_stat *reason = row->reason;

	add_timed(table, row, reason->timed ? reason->sum_ns / reason->timed : 0);
}

static void add_p50(struct table *table, const struct row *row)
{
	add_timed(table, row, reason_percentile(row->reason, 50));
}

static void add_p99(struct table *table, const struct row *row)
{
	add_timed(table, row, reason_percentile(row->reason, 99));
}

static void add_max(struct table *table, const struct row *row)
{
	add_timed(table, row, row->reason->max_ns);
}

/* --- what rows are sorted by -------------------------------------------------------- */

static double level_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return reason->level;
}

static double count_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason->count;
}

static double time_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason->sum_ns;
}

static double busy_of(const struct reason_stat *reason, const struct run *run)
{
	return (double)reason_busy_ns(reason, run->parts);
}

static double min_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return reason->timed ? (double)reason->min_ns : 0;
}

static double average_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return reason->timed ? (double)reason->sum_ns / (double)reason->timed : 0;
}

static double p50_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason_percentile(reason, 50);
}

static double p99_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason_percentile(reason, 99);
}

static double max_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason->max_ns;
}

static double kvm_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason_part(reason, PART_KVM);
}

static double user_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason_part(reason, EXITSTAT_USER);
}

static double polled_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason_part(reason, EXITSTAT_POLLED);
}

static double blocked_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason_part(reason, EXITSTAT_BLOCKED);
}

static double runnable_of(const struct reason_stat *reason, const struct run *run)
{
	(void)run;
	return (double)reason_part(reason, EXITSTAT_RUNNABLE);
}

/* --- columns, in their order from left to right ------------------------------------- */

#define SUMMARY	 COLUMNS_SUMMARY
#define INTERVAL COLUMNS_INTERVAL
#define SPLIT	 COLUMNS_SPLIT
#define NESTED	 COLUMNS_NESTED

static const struct {
	struct table_column column;
	unsigned int sets;
	void (*add)(struct table *table, const struct row *row);
	double (*value)(const struct reason_stat *reason, const struct run *run); /* sorted by */
} columns_known[] = {
	{ { "LEVEL", .width = 5, .gap = 1 }, NESTED, add_level, level_of },
	{ { "COUNT", .width = 10, .gap = 1 }, SUMMARY, add_count, count_of },
	{ { "EXITS/S", .width = 9, .gap = 1 }, INTERVAL, add_rate, count_of },
	{ { "SHARE", .width = 7, .gap = 1 }, SUMMARY | INTERVAL, add_count_share, count_of },
	{ { "TIME", .width = 8, .gap = 1 }, SUMMARY | SPLIT, add_time, time_of },
	{ { "TIME%", .width = 7, .gap = 1 }, SUMMARY | INTERVAL, add_time_share, time_of },
	{ { "BUSY", .width = 8, .gap = 1 }, SUMMARY | SPLIT, add_busy, busy_of },
	{ { "BUSY%", .width = 7, .gap = 1 }, INTERVAL, add_busy_share, busy_of },
	{ { "MIN", .width = 8, .gap = 1 }, SUMMARY, add_min, min_of },
	{ { "AVG", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, add_average, average_of },
	{ { "P50", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, add_p50, p50_of },
	{ { "P99", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, add_p99, p99_of },
	{ { "MAX", .width = 8, .gap = 1 }, SUMMARY, add_max, max_of },
	{ { "KVM", .width = 8, .gap = 1 }, SPLIT, add_kvm, kvm_of },
	{ { "VMM", .width = 8, .gap = 1 }, SPLIT, add_user, user_of },
	{ { "POLLED", .width = 8, .gap = 1 }, SPLIT, add_polled, polled_of },
	{ { "BLOCKED", .width = 8, .gap = 1 }, SPLIT, add_blocked, blocked_of },
	{ { "RUNNABLE", .width = 8, .gap = 1 }, SPLIT, add_runnable, runnable_of },
};

_Static_assert(COUNT_OF(columns_known) < COLUMNS_MOST, "and the reason's name");

/* How a row is called. */
static void name_row(char name[ROW_NAME_LEN], const struct reason_stat *reason, unsigned int set)
{
	if (set & COLUMNS_NESTED)
		reason_name(name, reason->isa, reason->reason);
	else
		row_name(name, reason);
}

static int name_width(const struct view *view, unsigned int set)
{
	char name[ROW_NAME_LEN];
	size_t width = strlen("REASON") + 4;

	for (size_t i = 0; i < view->ngroups; i++) {
		for (size_t j = 0; j < view->groups[i].nrows; j++) {
			const struct reason_stat *r = &view->groups[i].rows[j];

			name_row(name, r, set);
			if (strlen(name) > width)
				width = strlen(name);
		}
	}
	return (int)width;
}

size_t columns_choose(struct table_column columns[COLUMNS_MOST], enum column_set set,
		      const struct view *view, size_t width)
{
	size_t n = 0, used = (size_t)name_width(view, set);

	columns[n++] = (struct table_column){ "REASON", .width = (int)used, .left = true };
	for (size_t i = 0; i < COUNT_OF(columns_known); i++) {
		const struct table_column *column = &columns_known[i].column;

		if (!(columns_known[i].sets & set))
			continue;
		used += (size_t)(column->gap + column->width);
		/* A name with no number beside it would tell nothing. */
		if (width && used > width && n > 1)
			break;
		columns[n++] = *column;
	}
	return n;
}

size_t columns_count(enum column_set set)
{
	size_t n = 1;

	for (size_t i = 0; i < COUNT_OF(columns_known); i++)
		n += !!(columns_known[i].sets & set);
	return n;
}

void columns_add(struct table *table, enum column_set set, const struct row *row, size_t n)
{
	char name[ROW_NAME_LEN];

	name_row(name, row->reason, set);
	table_add(table, "%s", name);
	for (size_t i = 0; i < COUNT_OF(columns_known) && n > 1; i++) {
		if (!(columns_known[i].sets & set))
			continue;
		columns_known[i].add(table, row);
		n--;
	}
}

/* --- sorting -------------------------------------------------------------------------- */

/* 0 is the usual order, 1 by the reason's name, then those that are known. */
enum {
	SORT_NAME = 1,
	SORT_KNOWN
};

const char *columns_name(unsigned int column)
{
	if (column == SORT_NAME)
		return "REASON";
	column -= SORT_KNOWN;
	return column < COUNT_OF(columns_known) ? columns_known[column].column.name : NULL;
}

bool columns_find(const char *name, unsigned int *column)
{
	const char *known;

	for (*column = SORT_NAME; (known = columns_name(*column)); ++*column)
		if (!strcasecmp(name, known))
			return true;
	return false;
}

bool columns_need_split(unsigned int column)
{
	return column >= SORT_KNOWN && columns_known[column - SORT_KNOWN].sets == SPLIT;
}

static int by_name(const struct reason_stat *x, const struct reason_stat *y)
{
	char a[REASON_NAME_LEN], b[REASON_NAME_LEN];

	reason_name(a, x->isa, x->reason);
	reason_name(b, y->isa, y->reason);
	return strcmp(a, b);
}

/* What was in the usual order: that decides between equals. */
struct sortable {
	struct reason_stat reason;
	size_t place;
	double value;
};

static int by_column(const void *a, const void *b, void *arg)
{
	const struct sortable *x = a, *y = b;
	const struct run *run = arg;
	int order;

	if (run->sort == SORT_NAME)
		order = by_name(&x->reason, &y->reason);
	else
		order = (x->value < y->value) - (x->value > y->value);
	return order ?: (x->place > y->place) - (x->place < y->place);
}

static int sort_rows(struct group *group, const struct run *run)
{
	struct sortable *rows = calloc(group->nrows ?: 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < group->nrows; i++) {
		rows[i].reason = group->rows[i];
		rows[i].place = i;
		if (run->sort >= SORT_KNOWN)
			rows[i].value =
				columns_known[run->sort - SORT_KNOWN].value(&group->rows[i], run);
	}
	qsort_r(rows, group->nrows, sizeof(*rows), by_column, (void *)run);
	for (size_t i = 0; i < group->nrows; i++)
		group->rows[i] = rows[i].reason;
	free(rows);
	return 0;
}

int columns_sort(struct view *view, const struct run *run)
{
	int err = 0;

	for (size_t i = 0; !err && run->sort && i < view->ngroups; i++)
		err = sort_rows(&view->groups[i], run);
	return err;
}
