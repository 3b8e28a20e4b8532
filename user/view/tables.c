// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/duration.h"
#include "model/reasons.h"
#include "view/histogram.h"
#include "view/tables.h"

/* --- columns: each is named once, whichever table it is in ------------------ */

enum column {
	COL_COUNT,
	COL_RATE,
	COL_SHARE,
	COL_TIME,
	COL_TIME_SHARE,
	COL_MIN,
	COL_AVG,
	COL_P50,
	COL_P99,
	COL_MAX,
};

static const struct {
	const char *name;
	int width;
} columns[] = {
	[COL_COUNT] = { "COUNT", 10 },	   [COL_RATE] = { "EXITS/S", 9 },
	[COL_SHARE] = { "SHARE", 7 },	   [COL_TIME] = { "TIME", 8 },
	[COL_TIME_SHARE] = { "TIME%", 7 }, [COL_MIN] = { "MIN", 8 },
	[COL_AVG] = { "AVG", 8 },	   [COL_P50] = { "P50", 8 },
	[COL_P99] = { "P99", 8 },	   [COL_MAX] = { "MAX", 8 },
};

static const enum column summary_columns[] = {
	COL_COUNT, COL_SHARE, COL_TIME, COL_TIME_SHARE, COL_MIN, COL_AVG, COL_P50, COL_P99, COL_MAX,
};

static const enum column interval_columns[] = {
	COL_RATE, COL_SHARE, COL_TIME_SHARE, COL_AVG, COL_P50, COL_P99,
};

struct table {
	const enum column *columns;
	size_t ncolumns;
	int name_width;
	uint64_t interval_ns;
};

static void print_percent(FILE *out, int width, uint64_t part, uint64_t whole)
{
	if (!whole)
		fprintf(out, " %*s", width, "-");
	else
		fprintf(out, " %*.2f%%", width - 1, (double)part * 100.0 / (double)whole);
}

static void print_duration(FILE *out, int width, uint64_t ns, bool known)
{
	char text[32] = "-";

	if (known)
		duration(text, sizeof(text), ns);
	fprintf(out, " %*s", width, text);
}

static void print_cell(FILE *out, const struct table *table, enum column column,
		       const struct reason_stat *r, const struct group *group)
{
	int width = columns[column].width;
	double rate;

	switch (column) {
	case COL_COUNT:
		fprintf(out, " %*" PRIu64, width, r->count);
		break;
	case COL_RATE:
		rate = (double)r->count * (double)NS_PER_SEC / (double)table->interval_ns;
		fprintf(out, " %*.*f", width, rate < 10 ? 1 : 0, rate);
		break;
	case COL_SHARE:
		print_percent(out, width, r->count, group->count);
		break;
	case COL_TIME:
		print_duration(out, width, r->sum_ns, true);
		break;
	case COL_TIME_SHARE:
		print_percent(out, width, r->sum_ns, group->sum_ns);
		break;
	case COL_MIN:
		print_duration(out, width, r->min_ns, r->timed);
		break;
	case COL_AVG:
		print_duration(out, width, r->timed ? r->sum_ns / r->timed : 0, r->timed);
		break;
	case COL_P50:
		print_duration(out, width, reason_percentile(r, 50), r->timed);
		break;
	case COL_P99:
		print_duration(out, width, reason_percentile(r, 99), r->timed);
		break;
	case COL_MAX:
		print_duration(out, width, r->max_ns, r->timed);
		break;
	}
}

static void print_header(FILE *out, const struct table *table)
{
	fprintf(out, "%-*s", table->name_width, "REASON");
	for (size_t i = 0; i < table->ncolumns; i++)
		fprintf(out, " %*s", columns[table->columns[i]].width,
			columns[table->columns[i]].name);
	fputc('\n', out);
}

static void print_row(FILE *out, const struct table *table, const struct reason_stat *r,
		      const struct group *group)
{
	char name[REASON_NAME_LEN];

	reason_name(name, r->isa, r->reason);
	fprintf(out, "%-*s", table->name_width, name);
	for (size_t i = 0; i < table->ncolumns; i++)
		print_cell(out, table, table->columns[i], r, group);
	fputc('\n', out);
}

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

static int flush(FILE *out)
{
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

/* --- what every output says -------------------------------------------------- */

static void print_losses(FILE *out, const struct losses *losses)
{
	fprintf(out,
		"losses: %" PRIu64 " not counted (map full), %" PRIu64
		" not timed (unpaired), %" PRIu64 " missed\n",
		losses->map_full, losses->unpaired, losses->missed);
	if (losses->map_full)
		fprintf(out, "        run it with a larger --max-vcpus to keep all\n");
}

static void print_clock(FILE *out, const struct host *host)
{
	fprintf(out,
		"times: from VM exit to the next VM entry, by CLOCK_MONOTONIC; 1 us = %u.%03u TSC "
		"cycles%s\n",
		host->tsc_khz / 1000, host->tsc_khz % 1000,
		host->tsc_measured ? " (measured)" : "");
}

/* Each program runs once in a round trip: their averages add up to its cost. */
static void print_self(FILE *out, const struct run *run)
{
	const struct self *self = run->self;
	uint64_t ns = 0, each_ns = 0;
	char all[32], each[32], process[32];

	for (size_t i = 0; i < self->nprograms; i++) {
		const struct self_program *program = &self->programs[i];

		ns += program->ns;
		each_ns += program->runs ? program->ns / program->runs : 0;
	}
	duration(all, sizeof(all), ns);
	duration(each, sizeof(each), each_ns);
	duration(process, sizeof(process), self->process_ns);
	fprintf(out, "self: %s in BPF programs, %s an exit,", all, each);
	print_percent(out, 0, ns, run->ns);
	fprintf(out, " of a CPU; %s in this process\n", process);
	for (size_t i = 0; i < self->nprograms; i++) {
		const struct self_program *program = &self->programs[i];

		duration(each, sizeof(each), program->runs ? program->ns / program->runs : 0);
		fprintf(out, "      %-15s %10" PRIu64 " runs, %8s each\n", program->name,
			program->runs, each);
	}
}

/* --- the tables --------------------------------------------------------------- */

int render_summary(FILE *out, const struct run *run, enum group_by by, bool histograms)
{
	struct table table = { summary_columns, COUNT_OF(summary_columns), 0, run->ns };
	struct view view;
	int err = view_make(&view, run, by);

	if (err)
		return err;
	table.name_width = name_width(&view);
	if (!view.ngroups)
		fprintf(out, "no VM exits seen in %.1f s\n", (double)run->ns / (double)NS_PER_SEC);
	for (size_t i = 0; i < view.ngroups; i++) {
		const struct group *group = &view.groups[i];
		char total[32];

		duration(total, sizeof(total), group->sum_ns);
		fprintf(out, "%s: %" PRIu64 " exits, %s in %.1f s\n", group->title, group->count,
			total, (double)run->ns / (double)NS_PER_SEC);
		print_header(out, &table);
		for (size_t j = 0; j < group->nrows; j++)
			print_row(out, &table, &group->rows[j], group);
		for (size_t j = 0; histograms && j < group->nrows; j++)
			draw_histogram(out, &group->rows[j]);
		fputc('\n', out);
	}
	print_clock(out, run->host);
	if (run->self)
		print_self(out, run);
	print_losses(out, &run->snap->losses);
	view_free(&view);
	return flush(out);
}

/* Groups until the screen is full: says how many rows there was no room for. */
static void print_groups(FILE *out, const struct table *table, const struct view *view,
			 unsigned int lines)
{
	unsigned int used = 0, left_out = 0;

	for (size_t i = 0; i < view->ngroups; i++) {
		const struct group *group = &view->groups[i];

		if (used + 3 > lines) {
			left_out += (unsigned int)group->nrows;
			continue;
		}
		fprintf(out, "\n%s\n", group->title);
		print_header(out, table);
		used += 3;
		for (size_t j = 0; j < group->nrows; j++) {
			if (used++ < lines)
				print_row(out, table, &group->rows[j], group);
			else
				left_out++;
		}
	}
	if (left_out)
		fprintf(out, "... %u more rows: enlarge the terminal, or use --by reason\n",
			left_out);
}

int render_live(FILE *out, const struct run *run, const struct snapshot *total, enum group_by by,
		unsigned int lines)
{
	struct table table = { interval_columns, COUNT_OF(interval_columns), 0, run->ns };
	struct view view;
	int err = view_make(&view, run, by);

	if (err)
		return err;
	table.name_width = name_width(&view);
	/* Home, then clear to the end: no flicker. */
	fprintf(out, "\033[H\033[J");
	fprintf(out, "exitstat: %zu VMs, %" PRIu64 " exits so far; Ctrl-C ends with a summary\n",
		total->nvms, snapshot_count(total));
	print_losses(out, &total->losses);
	if (!view.ngroups)
		fprintf(out, "\nno VM exits in this interval\n");
	print_groups(out, &table, &view, lines > 6 ? lines - 6 : 1);
	view_free(&view);
	return flush(out);
}

int render_lines(FILE *out, const struct run *run, enum group_by by, bool first)
{
	struct table table = { interval_columns, COUNT_OF(interval_columns), 0, run->ns };
	struct view view;
	char stamp[16];
	struct tm tm;
	int err = view_make(&view, run, by);

	if (err)
		return err;
	table.name_width = name_width(&view);
	if (!localtime_r(&run->end.tv_sec, &tm) || !strftime(stamp, sizeof(stamp), "%H:%M:%S", &tm))
		snprintf(stamp, sizeof(stamp), "-");
	if (first) {
		fprintf(out, "%-8s  %-24s  ", "AT", "VM");
		print_header(out, &table);
	}
	for (size_t i = 0; i < view.ngroups; i++) {
		for (size_t j = 0; j < view.groups[i].nrows; j++) {
			fprintf(out, "%-8s  %-24s  ", stamp, view.groups[i].title);
			print_row(out, &table, &view.groups[i].rows[j], &view.groups[i]);
		}
	}
	view_free(&view);
	return flush(out);
}
