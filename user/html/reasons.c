// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/array.h"
#include "base/figures.h"
#include "html/reasons.h"
#include "html/table.h"
#include "html/text.h"
#include "model/explain.h"
#include "model/split.h"
#include "view/details.h"
#include "view/explanation.h"
#include "view/histogram.h"

int reasons_table(FILE *out, const struct view *view, const struct group *group,
		  const struct run *run, unsigned int set, const char *caption)
{
	struct table_column columns[COLUMNS_MOST];
	struct table table = { .columns = columns };

	set |= view->nested ? COLUMNS_NESTED : 0;
	table.ncolumns = columns_choose(columns, set, view, 0);
	for_each_element(reason, group->rows, group->nrows) {
		const struct row row = { .reason = reason,
					 .group = group,
					 .ns = run->ns,
					 .parts = run->parts,
					 .view = view };

		columns_add(&table, set, &row, table.ncolumns);
	}
	return html_table(out, &table, caption);
}

/* --- one of them ------------------------------------------------------------------------------ */

static void print_fact(FILE *out, const char *name, const char *text)
{
	if (!text)
		return;
	html_element(out, "dt", "%s", name);
	html_element(out, "dd", "%s", text);
}

static void print_explanation(FILE *out, const struct reason_stat *r)
{
	const struct explanation *it = explain_reason(r->isa, reason_code(r->isa, r->reason));

	if (!it) {
		html_element(out, "p class=note", "This code is none that is known here.");
		return;
	}
	fputs("<dl class=explanation>\n", out);
	print_fact(out, "What", it->what);
	print_fact(out, "When", it->when);
	print_fact(out, "Hint", it->look);
	print_fact(out, "Time", explanation_time(it->away));
	for (uint32_t flag = 1u << 16; flag; flag <<= 1)
		if (reason_flags(r->isa, r->reason) & flag)
			print_fact(out, "Flag", explain_flag(flag) ?: "not one that is known here");
	print_fact(out, "Manual", it->manual);
	fputs("</dl>\n", out);
}

/* As a table, whose bars need no script. */
static int print_distribution(FILE *out, const struct reason_stat *r)
{
	static const struct table_column columns[] = {
		{ .name = "FROM" }, { .name = "TO" }, { .name = "EXITS" }, { .name = "SHARE" }
	};
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	char low[32], high[32], share[32];
	struct bars bars;
	int err;

	if (!bars_make(&bars, r))
		return 0;
	for (uint32_t bar = bars.first; bar <= bars.last; bar++) {
		bars_limits(&bars, bar, low, high);
		percent(share, sizeof(share), bars.count[bar], r->timed);
		table_add(&table, "%s", low);
		table_add(&table, "%s", high);
		table_add(&table, "%" PRIu64, bars.count[bar]);
		table_add(&table, "%s", share);
	}
	fputs("<details class=table><summary>The distribution as a table</summary>\n", out);
	err = html_table(out, &table, "How many exits took how long");
	fputs("</details>\n", out);
	return err;
}

/* A bar for each, as long as its share; it says in words what it is. */
static void print_split(FILE *out, const struct reason_stat *r, uint32_t parts)
{
	static const char *const what[] = {
		[EXITSTAT_USER] = "in the VMM", [EXITSTAT_POLLED] = "halted, KVM polled",
		[EXITSTAT_BLOCKED] = "asleep",	[EXITSTAT_RUNNABLE] = "waiting for a CPU",
		[PART_KVM] = "in KVM",
	};
	char time[32], share[32];

	if (!parts || !r->sum_ns)
		return;
	html_element(out, "h4", "Where its time went");
	fputs("<ul class=split>\n", out);
	for (unsigned int i = 0; i <= PART_KVM; i++) {
		unsigned int part = i ? i - 1 : PART_KVM;
		uint64_t ns = reason_part(r, part);

		if (!(parts & 1u << part) || !ns)
			continue;
		duration(time, sizeof(time), ns);
		percent(share, sizeof(share), ns, r->sum_ns);
		fprintf(out, "<li class=p%u style=\"--share:%.4f\"><span>", part,
			(double)ns / (double)r->sum_ns);
		html_text(out, "%s %s, %s", what[part], share, time);
		fputs("</span>\n", out);
	}
	fputs("</ul>\n", out);
}

static int print_details(FILE *out, const struct reason_stat *r, uint32_t kinds)
{
	struct table table = details_table();

	if (!kinds || !r->details.n)
		return 0;
	html_element(out, "h4", "What it was about");
	if (details_fill(&table, r, 0))
		table.no_memory = true;
	return html_table(out, &table, "Its keys, those of most time first");
}

static void print_title(FILE *out, const struct reason_stat *r)
{
	const struct explanation *it = explain_reason(r->isa, reason_code(r->isa, r->reason));
	char name[ROW_NAME_LEN], count[32], p50[32], p99[32];

	row_name(name, r);
	grouped(count, sizeof(count), r->count);
	duration(p50, sizeof(p50), reason_percentile(r, 50));
	duration(p99, sizeof(p99), reason_percentile(r, 99));
	fputs("<summary><span class=swatch></span>", out);
	html_element(out, "b", "%s", name);
	html_element(out, "span class=brief", "%s", it ? it->brief : "");
	if (r->timed)
		html_element(out, "span class=num", "%s exits, half within %s, 99%% within %s",
			     count, p50, p99);
	else
		html_element(out, "span class=num", "%s exits, none timed", count);
	fputs("</summary>\n", out);
}

static int print_reason(FILE *out, const struct reason_stat *r, size_t place, const struct run *run)
{
	int err;

	fprintf(out, "<details class=reason data-reason=%zu>\n", place);
	print_title(out, r);
	print_explanation(out, r);
	fprintf(out, "<figure class=chart data-chart=histogram data-reason=%zu></figure>\n", place);
	err = print_distribution(out, r);
	print_split(out, r, run->parts);
	err = err ?: print_details(out, r, run->kinds);
	fputs("</details>\n", out);
	return err;
}

/* --- all ------------------------------------------------------------------------------------- */

static int print_tables(FILE *out, const struct run *run, const struct view *all)
{
	int err = reasons_table(out, all, all->groups, run, COLUMNS_SUMMARY,
				"All exits by reason, those of most time first");

	if (!err && run->parts)
		err = reasons_table(out, all, all->groups, run, COLUMNS_SPLIT,
				    "Where the time of each reason went");
	return err;
}

int reasons_print(FILE *out, const struct run *run, const struct view *all)
{
	int err;

	fputs("<section id=reasons><h2>Why the guests were left</h2>\n"
	      "<p class=lead>TIME is from the exit until the guest ran again, of all its vCPUs "
	      "together; BUSY is the same without the time when the guest had nothing to do. P50 is "
	      "the time that half of the exits stay within, P99 the one that 99 of 100 do.</p>\n",
	      out);
	if (!all->ngroups) {
		html_element(out, "p", "No exits were seen.");
		fputs("</section>\n", out);
		return 0;
	}
	err = print_tables(out, run, all);
	html_element(out, "h3", "Each reason");
	html_element(out, "p class=lead",
		     "What it is, what makes many of them, and how long they took.");
	for (size_t i = 0; !err && i < all->groups->nrows; i++)
		err = print_reason(out, &all->groups->rows[i], i, run);
	fputs("</section>\n", out);
	return err;
}
