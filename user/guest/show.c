// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "base/array.h"
#include "base/clock.h"
#include "guest/show.h"
#include "model/reasons.h"
#include "base/table.h"

static int flush(FILE *out)
{
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}

/* --- columns that several tables have ------------------------------------------------- */

#define GAP 2

/* clang-format off */
#define COLUMNS_REASON	 { "REASON", .left = true }, { "CODE", .gap = GAP }
#define COLUMNS_PER_EXIT { "HANDLED/EXIT", .gap = GAP }, { "AWAY/EXIT", .gap = GAP }
/* clang-format on */

/* --- cells ------------------------------------------------------------------------ */

static void add_number(struct table *table, uint64_t value)
{
	table_add(table, "%" PRIu64, value);
}

static void add_ratio(struct table *table, uint64_t cycles, uint64_t count)
{
	if (count)
		add_number(table, cycles / count);
	else
		table_add(table, "-");
}

/* Name and code; where it is undefined all the other cells, too, and false. */
static bool start_row(struct table *table, uint32_t isa, const struct reason_sums *reason)
{
	char name[REASON_NAME_LEN];

	reason_name(name, isa, reason->code);
	table_add(table, "%s", name);
	/* As the manuals write them. */
	table_add(table, isa == EXITSTAT_ISA_VMX ? "%u" : "0x%x", reason->code);
	if (!reason->defined)
		table_fill_row(table, "n/a");
	return reason->defined;
}

static void add_all_reasons(struct table *table)
{
	table_add(table, "all reasons");
	table_add(table, "%s", "");
}

static void add_sums(struct table *table, const struct sums *sums)
{
	add_number(table, sums->count);
	add_number(table, sums->handled);
	add_number(table, sums->away);
	add_ratio(table, sums->handled, sums->count);
	add_ratio(table, sums->away, sums->count);
}

/* What was asked for by name is shown even when it never happened. */
static bool is_shown(const struct show *show, uint64_t count)
{
	return count || show->all || show->plan->chosen;
}

/* --- lines -------------------------------------------------------------------------- */

static void clock_text(char text[16], const struct timespec *time)
{
	struct tm tm;

	if (!localtime_r(&time->tv_sec, &tm) || !strftime(text, 16, "%H:%M:%S", &tm))
		snprintf(text, 16, "-");
}

static void print_source(const struct show *show)
{
	const struct who *who = &show->plan->who;

	fprintf(show->out,
		"exits of this VM since it was created, as its host's KVM counts them\n"
		"%s, %u reasons, layout %u, ABI %u; cycles of the host's TSC, %u.%03u MHz\n\n",
		isa_name(who->isa), who->reasons, who->layout, who->abi, who->tsc_khz / 1000,
		who->tsc_khz % 1000);
}

static bool has_undefined(const struct reading *reading)
{
	for (size_t i = 0; i < reading->nreasons; i++)
		if (!reading->reasons[i].defined)
			return true;
	return false;
}

static void print_notes(const struct show *show, const struct reading *reading)
{
	const struct plan *plan = show->plan;

	if (has_undefined(reading))
		fprintf(show->out, "n/a: the manual defines no such reason\n");
	if (!plan->chosen && plan->ncodes < plan->who.reasons)
		fprintf(show->out,
			"%zu more reasons are defined, but this program does not know them\n",
			plan->who.reasons - plan->ncodes);
	fprintf(show->out,
		"handled: until KVM's handler has returned; away: until the next VM entry\n"
		"own exits: this reading made %" PRIu64 ", this program %" PRIu64
		" so far, all CPUID\n",
		reading->own, reading->own_so_far);
}

/* --- one reading ---------------------------------------------------------------------- */

int show_reading(const struct show *show, const struct reading *reading)
{
	static const struct table_column columns[] = {
		COLUMNS_REASON,		{ "COUNT", .gap = GAP }, { "HANDLED", .gap = GAP },
		{ "AWAY", .gap = GAP }, COLUMNS_PER_EXIT,
	};
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	uint32_t isa = show->plan->who.isa;
	int err;

	for (size_t i = 0; i < reading->nreasons; i++) {
		const struct reason_sums *reason = &reading->reasons[i];

		if (!is_shown(show, reason->sums.count))
			continue;
		if (start_row(&table, isa, reason))
			add_sums(&table, &reason->sums);
	}
	add_all_reasons(&table);
	add_sums(&table, &reading->total);
	print_source(show);
	err = table_print(&table, show->out, true);
	fputc('\n', show->out);
	print_notes(show, reading);
	return err ?: flush(show->out);
}

/* --- two readings ----------------------------------------------------------------------- */

static void add_growth(struct table *table, const struct sums *before, const struct sums *now)
{
	struct sums growth = sums_subtract(now, before);

	add_number(table, before->count);
	add_number(table, now->count);
	add_sums(table, &growth);
}

int show_growth(const struct show *show, const struct reading *before, const struct reading *now)
{
	static const struct table_column columns[] = {
		COLUMNS_REASON,		  { "BEFORE", .gap = GAP },   { "NOW", .gap = GAP },
		{ "+COUNT", .gap = GAP }, { "+HANDLED", .gap = GAP }, { "+AWAY", .gap = GAP },
		COLUMNS_PER_EXIT,
	};
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	uint32_t isa = show->plan->who.isa;
	uint64_t ns = now->start_ns - before->start_ns;
	char time[16];
	int err;

	for (size_t i = 0; i < now->nreasons; i++) {
		const struct sums *old = &before->reasons[i].sums, *new = &now->reasons[i].sums;

		if (!is_shown(show, new->count - old->count))
			continue;
		if (start_row(&table, isa, &now->reasons[i]))
			add_growth(&table, old, new);
	}
	add_all_reasons(&table);
	add_growth(&table, &before->total, &now->total);
	clock_text(time, &now->time);
	fprintf(show->out,
		"\nreading %" PRIu64 " at %s, %.3f s later; own exits: %" PRIu64 " so far\n",
		now->number, time, (double)ns / (double)NS_PER_SEC, now->own_so_far);
	err = table_print(&table, show->out, true);
	return err ?: flush(show->out);
}

/* --- all readings ------------------------------------------------------------------------- */

/* Count, then count and growth of each of the others, then the growth in all. */
static void add_counts(struct table *table, const uint64_t *counts, size_t n)
{
	add_number(table, counts[0]);
	for (size_t i = 1; i < n; i++) {
		add_number(table, counts[i]);
		table_add(table, "+%" PRIu64, counts[i] - counts[i - 1]);
	}
	add_number(table, counts[n - 1] - counts[0]);
}

/* A reading's count, under its number and time, then what has been added since the last. */
struct reading_columns {
	char titles[SHOW_READINGS][32];
	struct table_column columns[2 * SHOW_READINGS + 2];
	size_t n;
};

static void add_column(struct reading_columns *to, const char *name)
{
	to->columns[to->n++] = (struct table_column){ .name = name, .gap = GAP };
}

static void make_columns(struct reading_columns *to, const struct reading *readings, size_t n)
{
	static const struct table_column reason[] = { COLUMNS_REASON };

	memcpy(to->columns, reason, sizeof(reason));
	to->n = COUNT_OF(reason);
	for (size_t i = 0; i < n; i++) {
		char time[16];

		clock_text(time, &readings[i].time);
		snprintf(to->titles[i], sizeof(to->titles[i]), "#%" PRIu64 " %s",
			 readings[i].number, time);
		add_column(to, to->titles[i]);
		if (i)
			add_column(to, "+");
	}
	add_column(to, "GROWTH");
}

int show_readings(const struct show *show, const struct reading *readings, size_t n)
{
	struct reading_columns columns;
	struct table table = { .columns = columns.columns };
	uint32_t isa = show->plan->who.isa;
	uint64_t counts[SHOW_READINGS];
	int err;

	make_columns(&columns, readings, n);
	table.ncolumns = columns.n;
	for (size_t i = 0; i < readings[0].nreasons; i++) {
		for (size_t j = 0; j < n; j++)
			counts[j] = readings[j].reasons[i].sums.count;
		if (!is_shown(show, counts[n - 1]))
			continue;
		if (start_row(&table, isa, &readings[0].reasons[i]))
			add_counts(&table, counts, n);
	}
	add_all_reasons(&table);
	for (size_t j = 0; j < n; j++)
		counts[j] = readings[j].total.count;
	add_counts(&table, counts, n);
	fprintf(show->out, "\ncounts of the readings, side by side\n");
	err = table_print(&table, show->out, true);
	return err ?: flush(show->out);
}
