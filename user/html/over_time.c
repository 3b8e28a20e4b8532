// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/figures.h"
#include "html/over_time.h"
#include "html/table.h"
#include "html/text.h"
#include "model/reasons.h"

#define ROWS_MOST    32u
#define REASONS_MOST 8u
#define FIRST_REASON 5 /* among the columns */

/* Of bins from..to - 1; reason NULL: of all. */
static struct course_cell sum_up(const struct course *course, const struct reason_stat *of,
				 size_t from, size_t to)
{
	struct course_cell sum = { 0 };

	for_each_element(at, course->reasons, course->nreasons) {
		const struct course_reason *reason = *at;

		if (of && (reason->others || reason->isa != of->isa ||
			   reason->reason != of->reason || reason->level != of->level))
			continue;
		for (size_t i = from; i < to; i++) {
			sum.count += reason->cells[i].count;
			sum.sum_ns += reason->cells[i].sum_ns;
		}
	}
	return sum;
}

static void add_times(struct table *table, const struct course *course, size_t from, size_t to)
{
	uint64_t begin = from ? course->end_ns[from - 1] : course->start_ns;

	table_add(table, "%.1f s", (double)begin / (double)NS_PER_SEC);
	table_add(table, "%.1f s", (double)course->end_ns[to - 1] / (double)NS_PER_SEC);
}

static void add_row(struct table *table, const struct course *course, const struct group *all,
		    size_t nreasons, size_t from, size_t to)
{
	uint64_t begin = from ? course->end_ns[from - 1] : course->start_ns;
	uint64_t end = course->end_ns[to - 1], counted = 0;
	struct course_cell sum = sum_up(course, NULL, from, to);
	char text[32];

	add_times(table, course, from, to);
	table_add(table, "%" PRIu64, sum.count);
	table_add(table, "%.0f",
		  end > begin ? (double)sum.count * (double)NS_PER_SEC / (double)(end - begin) : 0);
	duration(text, sizeof(text), sum.sum_ns);
	table_add(table, "%s", text);
	for (size_t i = 0; i < nreasons; i++) {
		uint64_t count = sum_up(course, &all->rows[i], from, to).count;

		counted += count;
		table_add(table, "%" PRIu64, count);
	}
	table_add(table, "%" PRIu64, sum.count > counted ? sum.count - counted : 0);
}

static int print_table(FILE *out, const struct course *course, const struct group *all)
{
	struct table_column columns[FIRST_REASON + REASONS_MOST + 1] = {
		{ .name = "FROM" },    { .name = "TO" },   { .name = "EXITS" },
		{ .name = "EXITS/S" }, { .name = "TIME" },
	};
	size_t n = all->nrows < REASONS_MOST ? all->nrows : REASONS_MOST;
	size_t step = (course->nbins + ROWS_MOST - 1) / ROWS_MOST;
	char names[REASONS_MOST][ROW_NAME_LEN];
	struct table table = { .columns = columns, .ncolumns = FIRST_REASON + n + 1 };

	for (size_t i = 0; i < n; i++) {
		row_name(names[i], &all->rows[i]);
		columns[FIRST_REASON + i].name = names[i];
	}
	columns[FIRST_REASON + n].name = "OTHERS";
	for (size_t i = 0; i < course->nbins; i += step)
		add_row(&table, course, all, n, i,
			i + step < course->nbins ? i + step : course->nbins);
	fputs("<details class=table><summary>The same as a table</summary>\n", out);
	if (html_table(out, &table, "Exits over time, since the start of the run"))
		return -ENOMEM;
	fputs("</details>\n", out);
	return 0;
}

static void print_bins(FILE *out, const struct course *course)
{
	uint64_t end = course->nbins ? course->end_ns[course->nbins - 1] : 0;
	char each[32];

	duration(each, sizeof(each), course->nbins ? (end - course->start_ns) / course->nbins : 0);
	html_element(out, "p class=note",
		     "The file has %zu moments of this time. They are drawn as %zu bin%s of about "
		     "%s each, which add up exactly to the whole.",
		     course->nmoments, course->nbins, course->nbins == 1 ? "" : "s", each);
}

static void print_charts(FILE *out, const struct course *course)
{
	fputs("<section id=rate><h2>Exits over time</h2>\n"
	      "<p class=lead>Each colour is a reason why the guests were left. Its height is how "
	      "often in a second or, for how much time, how many vCPUs were away on average. A "
	      "change of the guests' work shows as a change of the mix.</p>\n"
	      "<figure class=chart data-chart=rate></figure>\n",
	      out);
	if (!course->nbins)
		html_element(out, "p class=note", "The file has no moments of this time.");
	else
		print_bins(out, course);
}

/* --- how long they took -------------------------------------------------------------------- */

/* What bins from..to - 1 have in each band, of reasons that are not idle; how many. */
static uint64_t sum_bands(uint64_t bands[COURSE_BANDS], const struct course *course, size_t from,
			  size_t to)
{
	uint64_t sum = 0;

	memset(bands, 0, COURSE_BANDS * sizeof(*bands));
	for_each_element(reason, course->reasons, course->nreasons) {
		if (!(*reason)->others && reason_is_idle((*reason)->isa, (*reason)->reason))
			continue;
		for (size_t i = from; i < to; i++) {
			const struct course_cell *cell = &(*reason)->cells[i];

			for_each_element(band, cell->bands, cell->nbands) {
				bands[band->index] += band->count;
				sum += band->count;
			}
		}
	}
	return sum;
}

/* The end of the band that so many percent stay within. */
static void add_rank(struct table *table, const uint64_t bands[COURSE_BANDS], uint64_t sum,
		     double percent)
{
	double left = (double)sum * percent / 100;
	uint32_t band = 0;
	char text[32];

	if (!sum) {
		table_add(table, "-");
		return;
	}
	while (band + 1 < COURSE_BANDS && (left -= (double)bands[band]) > 0)
		band++;
	duration(text, sizeof(text),
		 band + 1 < COURSE_BANDS ? exitstat_bucket_low((band + 1) * COURSE_BAND)
					 : UINT64_MAX);
	table_add(table, "%s", text);
}

static int print_heat_table(FILE *out, const struct course *course)
{
	static const struct table_column columns[] = {
		{ .name = "FROM" }, { .name = "TO" },  { .name = "EXITS" }, { .name = "50%" },
		{ .name = "90%" },  { .name = "99%" }, { .name = "99.9%" }, { .name = "ALL" },
	};
	static const double percents[] = { 50, 90, 99, 99.9, 100 };
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	size_t step = (course->nbins + ROWS_MOST - 1) / ROWS_MOST;
	uint64_t bands[COURSE_BANDS];
	int err;

	for (size_t i = 0; i < course->nbins; i += step) {
		size_t end = i + step < course->nbins ? i + step : course->nbins;
		uint64_t sum = sum_bands(bands, course, i, end);

		add_times(&table, course, i, end);
		table_add(&table, "%" PRIu64, sum);
		for (size_t j = 0; j < COUNT_OF(percents); j++)
			add_rank(&table, bands, sum, percents[j]);
	}
	fputs("<details class=table><summary>The same as a table</summary>\n", out);
	err = html_table(out, &table,
			 "How long exits took that were not idle: so many stayed within");
	fputs("</details>\n", out);
	return err;
}

static int print_heat(FILE *out, const struct course *course)
{
	int err = 0;

	fputs("<section id=latency><h2>How long the guests were away, over time</h2>\n"
	      "<p class=lead>From left to right the time of the run; from bottom to top how long "
	      "an exit took until the guest ran again: each labelled step is ten times as long. "
	      "The stronger the colour, the more exits. A thin band is a steady cost; a smear "
	      "upwards are exits that took long.</p>\n",
	      out);
	if (course->no_bands)
		html_element(out, "p class=note",
			     "There is none for this file: its moments have counts, but no "
			     "histograms (a recording has them).");
	else
		fputs("<figure class=chart data-chart=heat></figure>\n", out);
	if (!course->no_bands && course->nbins)
		err = print_heat_table(out, course);
	fputs("</section>\n", out);
	return err;
}

int over_time_print(FILE *out, const struct page *page, const struct view *all)
{
	const struct group nothing = { 0 }, *group = all->ngroups ? all->groups : &nothing;
	int err = 0;

	print_charts(out, page->course);
	if (page->course->nbins)
		err = print_table(out, page->course, group);
	fputs("</section>\n", out);
	return err ?: print_heat(out, page->course);
}
