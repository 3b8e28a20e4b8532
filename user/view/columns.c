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

/* --- what a column has of a row: false where it is not known ------------------------- */

static bool level_of(const struct row *row, uint64_t *value)
{
	*value = row->reason->level;
	return true;
}

static bool count_of(const struct row *row, uint64_t *value)
{
	*value = row->reason->count;
	return true;
}

static bool time_of(const struct row *row, uint64_t *value)
{
	*value = row->reason->sum_ns;
	return true;
}

/* Where it is not known how long it was idle, nothing is known of an idle reason. */
static bool busy_of(const struct row *row, uint64_t *value)
{
	*value = row->several ? row->busy_ns : reason_busy_ns(row->reason, row->parts);
	return row->several || row->parts || !reason_is_idle(row->reason->isa, row->reason->reason);
}

/* These there are only of exits that were followed by an entry. */
static bool min_of(const struct row *row, uint64_t *value)
{
	*value = row->reason->min_ns;
	return row->reason->timed;
}

static bool average_of(const struct row *row, uint64_t *value)
{
	*value = row->reason->timed ? row->reason->sum_ns / row->reason->timed : 0;
	return row->reason->timed;
}

static bool p50_of(const struct row *row, uint64_t *value)
{
	*value = reason_percentile(row->reason, 50);
	return row->reason->timed;
}

static bool p99_of(const struct row *row, uint64_t *value)
{
	*value = reason_percentile(row->reason, 99);
	return row->reason->timed;
}

static bool max_of(const struct row *row, uint64_t *value)
{
	*value = row->reason->max_ns;
	return row->reason->timed;
}

static bool part_of(const struct row *row, unsigned int part, uint64_t *value)
{
	*value = reason_part(row->reason, part);
	return row->parts & 1u << part;
}

static bool kvm_of(const struct row *row, uint64_t *value)
{
	return part_of(row, PART_KVM, value);
}

static bool user_of(const struct row *row, uint64_t *value)
{
	return part_of(row, EXITSTAT_USER, value);
}

static bool polled_of(const struct row *row, uint64_t *value)
{
	return part_of(row, EXITSTAT_POLLED, value);
}

static bool blocked_of(const struct row *row, uint64_t *value)
{
	return part_of(row, EXITSTAT_BLOCKED, value);
}

static bool runnable_of(const struct row *row, uint64_t *value)
{
	return part_of(row, EXITSTAT_RUNNABLE, value);
}

/* --- what it is a share of ------------------------------------------------------------ */

static uint64_t all_counts(const struct group *group)
{
	return group->count;
}

static uint64_t all_time(const struct group *group)
{
	return group->sum_ns;
}

static uint64_t all_busy(const struct group *group)
{
	return group->busy_ns;
}

/* --- columns, in their order from left to right ------------------------------------- */

#define SUMMARY	 COLUMNS_SUMMARY
#define INTERVAL COLUMNS_INTERVAL
#define SPLIT	 COLUMNS_SPLIT
#define NESTED	 COLUMNS_NESTED

enum unit {
	UNIT_LEVEL,
	UNIT_NUMBER,
	UNIT_NS,
	UNIT_RATE,  /* a second */
	UNIT_SHARE, /* of what whole() says */
};

static const struct {
	struct table_column column;
	unsigned int sets;
	enum unit unit;
	const char *csv; /* its name where numbers have no unit beside them */
	bool (*get)(const struct row *row, uint64_t *value);
	uint64_t (*whole)(const struct group *group);
} columns_known[] = {
	{ { "LEVEL", .width = 5, .gap = 1 }, NESTED, UNIT_LEVEL, "level", level_of, NULL },
	{ { "COUNT", .width = 10, .gap = 1 }, SUMMARY, UNIT_NUMBER, "count", count_of, NULL },
	{ { "EXITS/S", .width = 9, .gap = 1 }, INTERVAL, UNIT_RATE, "exits_per_s", count_of, NULL },
	{ { "SHARE", .width = 7, .gap = 1 },
	  SUMMARY | INTERVAL,
	  UNIT_SHARE,
	  "share",
	  count_of,
	  all_counts },
	{ { "TIME", .width = 8, .gap = 1 }, SUMMARY | SPLIT, UNIT_NS, "time_ns", time_of, NULL },
	{ { "TIME%", .width = 7, .gap = 1 },
	  SUMMARY | INTERVAL,
	  UNIT_SHARE,
	  "time_share",
	  time_of,
	  all_time },
	{ { "BUSY", .width = 8, .gap = 1 }, SUMMARY | SPLIT, UNIT_NS, "busy_ns", busy_of, NULL },
	{ { "BUSY%", .width = 7, .gap = 1 },
	  INTERVAL,
	  UNIT_SHARE,
	  "busy_share",
	  busy_of,
	  all_busy },
	{ { "MIN", .width = 8, .gap = 1 }, SUMMARY, UNIT_NS, "min_ns", min_of, NULL },
	{ { "AVG", .width = 8, .gap = 1 },
	  SUMMARY | INTERVAL,
	  UNIT_NS,
	  "avg_ns",
	  average_of,
	  NULL },
	{ { "P50", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, UNIT_NS, "p50_ns", p50_of, NULL },
	{ { "P99", .width = 8, .gap = 1 }, SUMMARY | INTERVAL, UNIT_NS, "p99_ns", p99_of, NULL },
	{ { "MAX", .width = 8, .gap = 1 }, SUMMARY, UNIT_NS, "max_ns", max_of, NULL },
	{ { "KVM", .width = 8, .gap = 1 }, SPLIT, UNIT_NS, "kvm_ns", kvm_of, NULL },
	{ { "VMM", .width = 8, .gap = 1 }, SPLIT, UNIT_NS, "vmm_ns", user_of, NULL },
	{ { "POLLED", .width = 8, .gap = 1 }, SPLIT, UNIT_NS, "polled_ns", polled_of, NULL },
	{ { "BLOCKED", .width = 8, .gap = 1 }, SPLIT, UNIT_NS, "blocked_ns", blocked_of, NULL },
	{ { "RUNNABLE", .width = 8, .gap = 1 }, SPLIT, UNIT_NS, "runnable_ns", runnable_of, NULL },
};

_Static_assert(COUNT_OF(columns_known) < COLUMNS_MOST, "and the reason's name");

/* What struct run calls a column: 0 is none, 1 the reason's name, then those that are known. */
enum {
	COLUMN_NAME = 1,
	COLUMN_KNOWN
};

/* Those that were chosen, or the set's: in which order. How many. */
static size_t list_columns(size_t list[COLUMNS_MOST], unsigned int set, const struct view *view)
{
	size_t n = 0, nchosen = view ? view->ncolumns : 0;

	for (size_t i = 0; i < COUNT_OF(columns_known); i++)
		if (columns_known[i].sets & (nchosen ? set & NESTED : set))
			list[n++] = i;
	for (size_t i = 0; i < nchosen && n < COLUMNS_MOST; i++)
		if (view->columns[i] >= COLUMN_KNOWN &&
		    !(columns_known[view->columns[i] - COLUMN_KNOWN].sets & set & NESTED))
			list[n++] = view->columns[i] - COLUMN_KNOWN;
	return n;
}

/* --- tables --------------------------------------------------------------------------- */

static double rate_of(uint64_t value, const struct row *row)
{
	return (double)value * (double)NS_PER_SEC / (double)(row->ns ?: 1);
}

static void add_cell(struct table *table, size_t column, const struct row *row)
{
	char text[32] = "-";
	uint64_t value;

	if (columns_known[column].get(row, &value)) {
		switch (columns_known[column].unit) {
		case UNIT_LEVEL:
			snprintf(text, sizeof(text), "L%" PRIu64, value);
			break;
		case UNIT_NUMBER:
			snprintf(text, sizeof(text), "%" PRIu64, value);
			break;
		case UNIT_NS:
			duration(text, sizeof(text), value);
			break;
		case UNIT_RATE:
			snprintf(text, sizeof(text), "%.*f", rate_of(value, row) < 10 ? 1 : 0,
				 rate_of(value, row));
			break;
		case UNIT_SHARE:
			percent(text, sizeof(text), value, columns_known[column].whole(row->group));
			break;
		}
	}
	table_add(table, "%s", text);
}

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
	size_t list[COLUMNS_MOST], n = 0, used = (size_t)name_width(view, set);
	size_t most = list_columns(list, set, view);

	columns[n++] = (struct table_column){ "REASON", .width = (int)used, .left = true };
	for (size_t i = 0; i < most; i++) {
		const struct table_column *column = &columns_known[list[i]].column;

		used += (size_t)(column->gap + column->width);
		/* A name with no number beside it would tell nothing. */
		if (width && used > width && n > 1)
			break;
		columns[n++] = *column;
	}
	return n;
}

size_t columns_count(enum column_set set, const struct view *view)
{
	size_t list[COLUMNS_MOST];

	return 1 + list_columns(list, set, view);
}

void columns_add(struct table *table, enum column_set set, const struct row *row, size_t n)
{
	size_t list[COLUMNS_MOST];
	char name[ROW_NAME_LEN];

	name_row(name, row->reason, set);
	table_add(table, "%s", name);
	list_columns(list, set, row->view);
	for (size_t i = 0; i + 1 < n; i++)
		add_cell(table, list[i], row);
}

/* --- rows of a CSV ---------------------------------------------------------------------- */

/* Without a choice all that the run knows. */
static size_t list_csv(size_t list[COLUMNS_MOST], const struct view *view, uint32_t parts)
{
	unsigned int sets = SUMMARY | INTERVAL | NESTED | (parts ? SPLIT : 0);

	return list_columns(list, view->ncolumns ? 0 : sets, view);
}

void columns_csv_names(FILE *out, const struct view *view, uint32_t parts)
{
	size_t list[COLUMNS_MOST], n = list_csv(list, view, parts);

	for (size_t i = 0; i < n; i++)
		fprintf(out, ",%s", columns_known[list[i]].csv);
}

static void print_csv_cell(FILE *out, size_t column, const struct row *row)
{
	uint64_t value, whole;

	fputc(',', out);
	if (!columns_known[column].get(row, &value))
		return;
	switch (columns_known[column].unit) {
	case UNIT_RATE:
		fprintf(out, "%.3f", rate_of(value, row));
		break;
	case UNIT_SHARE:
		whole = columns_known[column].whole(row->group);
		if (whole)
			fprintf(out, "%.6f", (double)value / (double)whole);
		break;
	default:
		fprintf(out, "%" PRIu64, value);
	}
}

void columns_csv_add(FILE *out, const struct row *row)
{
	size_t list[COLUMNS_MOST], n = list_csv(list, row->view, row->parts);

	for (size_t i = 0; i < n; i++)
		print_csv_cell(out, list[i], row);
}

/* --- by name ---------------------------------------------------------------------------- */

const char *columns_name(unsigned int column)
{
	if (column == COLUMN_NAME)
		return "REASON";
	column -= COLUMN_KNOWN;
	return column < COUNT_OF(columns_known) ? columns_known[column].column.name : NULL;
}

bool columns_find(const char *name, unsigned int *column)
{
	const char *known;

	for (*column = COLUMN_NAME; (known = columns_name(*column)); ++*column)
		if (!strcasecmp(name, known))
			return true;
	return false;
}

unsigned int columns_sets(unsigned int column)
{
	return column < COLUMN_KNOWN ? 0 : columns_known[column - COLUMN_KNOWN].sets;
}

int columns_width(unsigned int column)
{
	return columns_known[column - COLUMN_KNOWN].column.width;
}

void columns_cell(struct table *table, unsigned int column, const struct row *row)
{
	add_cell(table, column - COLUMN_KNOWN, row);
}

double columns_value(unsigned int column, const struct row *row)
{
	uint64_t value;

	return columns_known[column - COLUMN_KNOWN].get(row, &value) ? (double)value : 0;
}

bool columns_need_split(unsigned int column)
{
	return column >= COLUMN_KNOWN && columns_known[column - COLUMN_KNOWN].sets == SPLIT;
}

/* --- sorting -------------------------------------------------------------------------- */

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
	uint64_t value;
};

static int by_column(const void *a, const void *b, void *arg)
{
	const struct sortable *x = a, *y = b;
	const struct run *run = arg;
	int order;

	if (run->sort == COLUMN_NAME)
		order = by_name(&x->reason, &y->reason);
	else
		order = (x->value < y->value) - (x->value > y->value);
	return order ?: (x->place > y->place) - (x->place < y->place);
}

/* What is not known goes last. */
static uint64_t sorted_by(const struct group *group, size_t i, const struct run *run)
{
	const struct row row = {
		.reason = &group->rows[i], .group = group, .ns = run->ns, .parts = run->parts
	};
	uint64_t value;

	if (run->sort < COLUMN_KNOWN || !columns_known[run->sort - COLUMN_KNOWN].get(&row, &value))
		return 0;
	return value;
}

static int sort_rows(struct group *group, const struct run *run)
{
	struct sortable *rows = calloc(group->nrows ?: 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < group->nrows; i++)
		rows[i] = (struct sortable){ group->rows[i], i, sorted_by(group, i, run) };
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
