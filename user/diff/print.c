// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/printable.h"
#include "base/table.h"
#include "diff/print.h"
#include "model/samples.h"
#include "view/groups.h"

/* In tables that are as wide as others: of the first side, the second, and the change. */
static const struct {
	enum metric metric;
	const char *name;
	size_t table;
} shown[] = {
	{ METRIC_COUNT, "EXITS/S", 0 }, { METRIC_TIME, "TIME/S", 0 }, { METRIC_SHARE, "TIME%", 0 },
	{ METRIC_AVG, "AVG", 1 },	{ METRIC_P50, "P50", 1 },     { METRIC_P99, "P99", 1 },
};

#define TABLES	     2
#define MOST_COLUMNS (1 + 3 * COUNT_OF(shown))

_Static_assert(MOST_COLUMNS <= TABLE_COLUMNS, "a table has no more");

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NS_PER_SEC;
}

/* --- what is compared --------------------------------------------------------------------- */

static void print_side(FILE *out, const char *name, const struct side *side)
{
	const struct run *head = frames_head(side->frames);
	const struct part *part = &side->part;

	print_line(out, "%s: %s, %.1f s in %zu interval%s: from %.3f s to %.3f s of %.3f s%s", name,
		   part->file, seconds(side->ns), side->nintervals,
		   side->nintervals == 1 ? "" : "s", seconds(part->from_ns), seconds(part->to_ns),
		   seconds(part->end_ns), part->moved ? ", as far as it has frames" : "");
	print_line(out, "   of Linux %s, %s", head->host->kernel, head->host->cpu);
	if (part->cut)
		print_line(out, "   note: %s", part->cut);
	if (side->losses.map_full || side->losses.missed || side->losses.unpaired)
		print_line(out,
			   "   losses: %" PRIu64 " not counted (map full), %" PRIu64
			   " not timed (unpaired), %" PRIu64 " missed",
			   side->losses.map_full, side->losses.unpaired, side->losses.missed);
	if (side->nintervals < SAMPLES_LEAST)
		print_line(out, "   not judged: it takes %d intervals to know their noise",
			   SAMPLES_LEAST);
	if (part->plain)
		print_line(out, "   its snapshots have counts and times only: percentiles are not "
				"judged");
}

/* --- the table -------------------------------------------------------------------------------- */

static void add_value(struct table *table, const struct change *change, size_t side,
		      enum metric metric)
{
	char text[METRIC_TEXT_LEN] = "-";

	if (change->known[side])
		metric_text(text, metric, change->values[side]);
	table_add(table, "%s", text);
}

/* "+20.0%", of what was 0 "new". */
static void change_text(char text[METRIC_TEXT_LEN], const struct change *change)
{
	if (!change->known[0] || !change->known[1])
		strcpy(text, "-");
	else if (isinf(change->relative))
		strcpy(text, "new");
	else
		snprintf(text, METRIC_TEXT_LEN, "%+.1f%%", 100 * change->relative);
}

static void add_change(struct table *table, const struct difference_row *row, enum metric metric)
{
	static const char marks[] = { [NOT_JUDGED] = '?', [IS_NOISE] = ' ', [IS_CHANGE] = '*' };
	const struct change *change = &row->changes[metric];
	bool is_whole = row->like.is_total && metric == METRIC_SHARE;
	char text[METRIC_TEXT_LEN];

	change_text(text, change);
	table_add(table, "%s%c", text,
		  strcmp(text, "-") && !is_whole ? marks[change->judgement] : ' ');
}

static void add_row(struct table *table, const struct difference_row *row, size_t number)
{
	char reason[ROW_NAME_LEN] = "all reasons";

	if (!row->like.is_total)
		row_name(reason, &row->like.all);
	table_add(table, "%s", reason);
	for (size_t i = 0; i < COUNT_OF(shown); i++) {
		enum metric metric = shown[i].metric;

		if (shown[i].table != number)
			continue;
		add_value(table, &row->changes[metric], 0, metric);
		add_value(table, &row->changes[metric], 1, metric);
		add_change(table, row, metric);
	}
}

static size_t make_columns(struct table_column columns[MOST_COLUMNS], size_t number)
{
	size_t n = 0;

	columns[n++] = (struct table_column){ "REASON", .width = 11, .left = true };
	for (size_t i = 0; i < COUNT_OF(shown); i++) {
		if (shown[i].table != number)
			continue;
		columns[n++] = (struct table_column){ shown[i].name, .width = 7, .gap = 2 };
		columns[n++] = (struct table_column){ "->", .width = 7, .gap = 1 };
		columns[n++] = (struct table_column){ "CHANGE ", .width = 8, .gap = 1 };
	}
	return n;
}

/* How many rows there are of the VM of the first. */
static size_t count_rows(const struct difference_row *rows, size_t n)
{
	size_t i = 0;

	while (i < n && !strcmp(rows[i].vm, rows[0].vm))
		i++;
	return i;
}

/* Of documents' snapshots nothing is known that the second table has. */
static bool has_values(const struct difference_row *rows, size_t n, size_t number)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < COUNT_OF(shown); j++)
			if (shown[j].table == number &&
			    (rows[i].changes[shown[j].metric].known[0] ||
			     rows[i].changes[shown[j].metric].known[1]))
				return true;
	return false;
}

static int print_vm(FILE *out, const struct difference_row *rows, size_t n)
{
	int err = 0;

	for (size_t number = 0; number < TABLES && !err; number++) {
		struct table_column columns[MOST_COLUMNS];
		struct table table = { .columns = columns,
				       .ncolumns = make_columns(columns, number) };

		if (!has_values(rows, n, number))
			continue;
		fputc('\n', out);
		if (*rows->vm)
			print_line(out, "%s", rows->vm);
		for (size_t i = 0; i < n; i++)
			add_row(&table, &rows[i], number);
		err = table_print(&table, out, true);
	}
	return err;
}

static int print_tables(FILE *out, const struct difference *difference)
{
	size_t n;
	int err = 0;

	for (size_t i = 0; i < difference->nrows && !err; i += n) {
		n = count_rows(&difference->rows[i], difference->nrows - i);
		err = print_vm(out, &difference->rows[i], n);
	}
	return err;
}

/* --- what it says -------------------------------------------------------------------------------
 */

static void print_change(FILE *out, const struct difference_row *row, enum metric metric)
{
	const struct change *change = &row->changes[metric];
	char name[DIFFERENCE_NAME_LEN], texts[2][METRIC_TEXT_LEN], by[METRIC_TEXT_LEN];

	difference_name(name, row);
	for (size_t side = 0; side < 2; side++)
		metric_text(texts[side], metric, change->values[side]);
	change_text(by, change);
	print_line(out, "  %s, %s: %s -> %s, %s (p %.1g)", name, metric_name(metric), texts[0],
		   texts[1], by, change->probability);
}

static size_t count_judged(const struct difference *difference, enum judgement judgement)
{
	size_t n = 0;

	for_each_element(row, difference->rows, difference->nrows)
		for (enum metric metric = 0; metric < METRICS; metric++)
			n += row->changes[metric].judgement == judgement;
	return n;
}

static void print_changes(FILE *out, const struct difference *difference)
{
	size_t changes = count_judged(difference, IS_CHANGE);

	fputc('\n', out);
	if (!changes && !count_judged(difference, IS_NOISE))
		fprintf(out,
			"not judged: whether anything differs by more than noise is not known\n");
	else if (!changes)
		fprintf(out,
			"nothing differs by more than the noise between intervals, and %g %%\n",
			100 * difference->least);
	else
		fprintf(out, "changed, by more than the noise between intervals, and %g %%:\n",
			100 * difference->least);
	for_each_element(row, difference->rows, difference->nrows)
		for (enum metric metric = 0; changes && metric < METRICS; metric++)
			if (row->changes[metric].judgement == IS_CHANGE)
				print_change(out, row, metric);
	fprintf(out, "marks: * changed; ? not judged: too few intervals or exits\n");
}

static void print_check(FILE *out, const struct checked *checked)
{
	static const char *const words[] = {
		[OUTCOME_HOLDS] = "ok",
		[OUTCOME_NOISE] = "ok, beyond it, but by no more than noise",
		[OUTCOME_FAILED] = "FAILED",
		[OUTCOME_NOT_THERE] = "FAILED, as there is no such value",
		[OUTCOME_NOT_JUDGED] = "FAILED, as it cannot be judged",
	};
	const struct condition *condition = checked->condition;
	const struct change *change;
	char name[DIFFERENCE_NAME_LEN], texts[2][METRIC_TEXT_LEN] = { "-", "-" };

	if (!checked->row) {
		print_line(out, "fail-if %s: %s", condition->text, words[checked->outcome]);
		return;
	}
	change = &checked->row->changes[condition->metric];
	difference_name(name, checked->row);
	for (size_t side = 0; side < 2; side++)
		if (change->known[side])
			metric_text(texts[side], condition->metric, change->values[side]);
	print_line(out, "fail-if %s: %s: %s, %s -> %s", condition->text, words[checked->outcome],
		   name, texts[0], texts[1]);
}

int difference_print(FILE *out, const struct difference *difference, const struct checks *checks)
{
	int err;

	print_side(out, "A", difference->sides[0]);
	print_side(out, "B", difference->sides[1]);
	err = print_tables(out, difference);
	print_changes(out, difference);
	for_each_element(checked, checks->list, checks->n)
		print_check(out, checked);
	errno = 0;
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	return err;
}
