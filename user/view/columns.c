// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/figures.h"
#include "model/reasons.h"
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

/* --- columns, in their order from left to right ------------------------------------- */

#define SUMMARY	 COLUMNS_SUMMARY
#define INTERVAL COLUMNS_INTERVAL

static const struct {
	struct table_column column;
	unsigned int sets;
	void (*add)(struct table *table, const struct row *row);
} columns_known[] = {
	{ { "COUNT", .width = 10, .gap = 1 }, SUMMARY, add_count },
	{ { "EXITS/S", .width = 9, .gap = 1 }, INTERVAL, add_rate },
	{ { "SHARE", .width = 7, .gap = 1 }, SUMMARY | INTERVAL, add_count_share },
	{ { "TIME", .width = 8, .gap = 1 }, SUMMARY, add_time },
	{ { "TIME%", .width = 7, .gap = 1 }, SUMMARY | INTERVAL, add_time_share },
	{ { "MIN", .width = 8, .gap = 1 }, SUMMARY, add_min },
	{ { "AVG", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, add_average },
	{ { "P50", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, add_p50 },
	{ { "P99", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, add_p99 },
	{ { "MAX", .width = 8, .gap = 1 }, SUMMARY, add_max },
};

_Static_assert(COUNT_OF(columns_known) < COLUMNS_MOST, "and the reason's name");

static int name_width(const struct view *view)
{
	char name[REASON_NAME_LEN];
	size_t width = strlen("REASON") + 4;

	for (size_t i = 0; i < view->ngroups; i++) {
		for (size_t j = 0; j < view->groups[i].nrows; j++) {
			const struct reason_stat *r = &view->groups[i].rows[j];

			reason_name(name, r->isa, r->reason);
			if (strlen(name) > width)
				width = strlen(name);
		}
	}
	return (int)width;
}

size_t columns_choose(struct table_column columns[COLUMNS_MOST], enum column_set set,
		      const struct view *view, size_t width)
{
	size_t n = 0, used = (size_t)name_width(view);

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
	char name[REASON_NAME_LEN];

	reason_name(name, row->reason->isa, row->reason->reason);
	table_add(table, "%s", name);
	for (size_t i = 0; i < COUNT_OF(columns_known) && n > 1; i++) {
		if (!(columns_known[i].sets & set))
			continue;
		columns_known[i].add(table, row);
		n--;
	}
}
