// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/figures.h"
#include "base/printable.h"
#include "base/table.h"
#include "model/keys.h"
#include "model/reasons.h"
#include "view/columns.h"
#include "view/details.h"

/* Of each reason: those that are left out are summed up. */
#define KEYS_SHOWN 10u

static const struct table_column columns[] = {
	{ "REASON", .width = 10, .left = true }, { "ABOUT", .width = 5, .gap = 2, .left = true },
	{ "KEY", .width = 6, .gap = 2 },	 { "", .width = 1, .gap = 2, .left = true },
	{ "COUNT", .width = 8, .gap = 2 },	 { "SHARE", .width = 6, .gap = 2 },
	{ "TIME", .width = 8, .gap = 2 },	 { "AVG", .width = 8, .gap = 2 },
};

static int most_time_first(const void *a, const void *b)
{
	const struct detail *x = a, *y = b;

	if (x->sum_ns != y->sum_ns)
		return x->sum_ns < y->sum_ns ? 1 : -1;
	return details_compare(x, y);
}

static int most_exits_first(const void *a, const void *b)
{
	const struct detail *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return most_time_first(a, b);
}

static double average(const struct detail *detail)
{
	return (double)detail->sum_ns / (double)detail->count;
}

static int longest_first(const void *a, const void *b)
{
	double x = average(a), y = average(b);

	return x == y ? most_time_first(a, b) : (x < y) - (x > y);
}

static int by_key(const void *a, const void *b)
{
	return details_compare(a, b);
}

/* Of a column that only other tables have: the usual one. */
static int (*order_of(unsigned int sort))(const void *a, const void *b)
{
	static const struct {
		const char *column;
		int (*order)(const void *a, const void *b);
	} orders[] = {
		{ "COUNT", most_exits_first }, { "EXITS/S", most_exits_first },
		{ "SHARE", most_exits_first }, { "AVG", longest_first },
		{ "REASON", by_key },
	};

	for (size_t i = 0; sort && i < COUNT_OF(orders); i++)
		if (!strcmp(columns_name(sort), orders[i].column))
			return orders[i].order;
	return most_time_first;
}

static void add_numbers(struct table *table, const struct reason_stat *reason,
			const struct detail *detail)
{
	char share[32], time[32], average[32];

	percent(share, sizeof(share), detail->count, reason->count);
	duration(time, sizeof(time), detail->sum_ns);
	duration(average, sizeof(average), detail->sum_ns / detail->count);
	table_add(table, "%" PRIu64, detail->count);
	table_add(table, "%s", share);
	table_add(table, "%s", time);
	table_add(table, "%s", average);
}

static void add_reason(struct table *table, const struct reason_stat *reason, bool first)
{
	char name[ROW_NAME_LEN] = "";

	if (first)
		row_name(name, reason);
	table_add(table, "%s", name);
}

static void add_key(struct table *table, const struct reason_stat *reason,
		    const struct detail *detail, bool first)
{
	const char *access = access_name(detail->kind, detail->access);
	char text[KEY_TEXT_LEN], name[KEY_NAME_LEN] = "";

	add_reason(table, reason, first);
	table_add(table, "%s%s%s", kind_name(detail->kind), access ? " " : "", access ?: "");
	key_text(text, detail);
	table_add(table, "%s", text);
	if (!key_name(name, detail))
		name[0] = '\0';
	make_printable(name); /* a guest's symbol is what it says it is */
	table_add(table, "%s", name);
	add_numbers(table, reason, detail);
}

static void add_others(struct table *table, const struct reason_stat *reason, const char *what,
		       const struct detail *others, bool first)
{
	if (!others->count)
		return;
	add_reason(table, reason, first);
	table_add(table, "%s", what);
	table_add(table, "%s", "");
	table_add(table, "%s", "");
	add_numbers(table, reason, others);
}

struct table details_table(void)
{
	return (struct table){ .columns = columns, .ncolumns = COUNT_OF(columns) };
}

/* The first of its keys, then what is left of the reason. */
int details_fill(struct table *table, const struct reason_stat *reason, unsigned int sort)
{
	struct detail rest = { 0 }, more = { 0 }, none = details_total(&reason->details);
	size_t n = reason->details.n, shown = 0;
	struct detail *sorted;
	char what[48];

	if (!n)
		return 0;
	sorted = malloc(n * sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, reason->details.list, n * sizeof(*sorted));
	array_sort(sorted, n, sizeof(*sorted), order_of(sort));
	for (size_t i = 0; i < n; i++) {
		if (sorted[i].kind == DETAIL_REST) {
			rest = sorted[i];
		} else if (shown < KEYS_SHOWN) {
			add_key(table, reason, &sorted[i], !shown);
			shown++;
		} else {
			more.count += sorted[i].count;
			more.sum_ns += sorted[i].sum_ns;
		}
	}
	snprintf(what, sizeof(what), "%zu more keys", n - shown - !!rest.count);
	add_others(table, reason, what, &more, !shown);
	add_others(table, reason, "no room for the key", &rest, !shown);
	none.count = reason->count - none.count;
	none.sum_ns = reason->sum_ns - none.sum_ns;
	add_others(table, reason, "no key", &none, false);
	free(sorted);
	return 0;
}

int details_print(FILE *out, const struct group *group, unsigned int sort)
{
	struct table table = details_table();
	int err = 0;

	for (size_t i = 0; !err && i < group->nrows; i++)
		err = details_fill(&table, &group->rows[i], sort);
	if (err)
		table.no_memory = true;
	fputc('\n', out);
	return table_print(&table, out, true);
}
