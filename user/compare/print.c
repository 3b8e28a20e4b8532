// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "compare/comparison.h"
#include "model/reasons.h"

#define COLUMNS 6

struct cells {
	char text[COLUMNS - 1][64];
	const char *last; /* as wide as it is */
};

struct rows {
	size_t n;
	struct cells *list;
	bool no_memory;
};

static struct cells *add_row(struct rows *rows)
{
	struct cells *last = array_append(&rows->list, &rows->n, sizeof(*last));

	if (last)
		memset(last, 0, sizeof(*last));
	else
		rows->no_memory = true;
	return last;
}

static void print_rows(FILE *out, struct rows *rows)
{
	int widths[COLUMNS - 1] = { 0 };

	for (size_t i = 0; i < rows->n; i++)
		for (size_t j = 0; j < COLUMNS - 1; j++)
			if ((int)strlen(rows->list[i].text[j]) > widths[j])
				widths[j] = (int)strlen(rows->list[i].text[j]);
	for (size_t i = 0; i < rows->n; i++) {
		const struct cells *row = &rows->list[i];

		fprintf(out, "%-*s  %*s  %*s  %*s  ", widths[0], row->text[0], widths[1],
			row->text[1], widths[2], row->text[2], widths[3], row->text[3]);
		if (row->last && *row->last)
			fprintf(out, "%-*s  %s\n", widths[4], row->text[4], row->last);
		else
			fprintf(out, "%s\n", row->text[4]);
	}
	free(rows->list);
	rows->list = NULL;
	rows->n = 0;
}

/* --- one guest ---------------------------------------------------------------------------- */

static void line_name(char name[64], const struct compare_line *line, uint32_t isa)
{
	static const char *const what[] = {
		[LEAF_COUNT_ALL] = "", [LEAF_HANDLED_ALL] = ", handled", [LEAF_AWAY_ALL] = ", away",
		[LEAF_COUNT] = "",     [LEAF_HANDLED] = ", handled",	 [LEAF_AWAY] = ", away",
	};
	char reason[REASON_NAME_LEN] = "all reasons";

	if (line->leaf >= LEAF_COUNT)
		reason_name(reason, isa, line->code);
	snprintf(name, 64, "%.40s%s", reason, what[line->leaf]);
}

/* How far outside of what the host has; within: 0. */
static void difference(char text[64], const struct compare_line *line)
{
	if (line->guest > line->high)
		snprintf(text, 64, "+%" PRIu64, line->guest - line->high);
	else if (line->guest < line->low)
		snprintf(text, 64, "-%" PRIu64, line->low - line->guest);
	else
		snprintf(text, 64, "0");
}

static void add_line(struct rows *rows, const struct compare_line *line, uint32_t isa)
{
	struct cells *row = add_row(rows);

	if (!row)
		return;
	line_name(row->text[0], line, isa);
	if (line->high == UINT64_MAX)
		snprintf(row->text[1], 64, "%" PRIu64 "..", line->low);
	else if (line->low == line->high)
		snprintf(row->text[1], 64, "%" PRIu64, line->low);
	else
		snprintf(row->text[1], 64, "%" PRIu64 "..%" PRIu64, line->low, line->high);
	snprintf(row->text[2], 64, "%" PRIu64, line->guest);
	difference(row->text[3], line);
	snprintf(row->text[4], 64, "%s", verdict_name(line->verdict));
	row->last = line->why;
}

static void add_header(struct rows *rows)
{
	static const char *const titles[] = { "REASON", "HOST", "GUEST", "DIFF", "VERDICT" };
	struct cells *row = add_row(rows);

	for (size_t i = 0; row && i < COLUMNS - 1; i++)
		snprintf(row->text[i], 64, "%s", titles[i]);
	if (row)
		row->last = "EXPLANATION";
}

/* Reasons that never happened, and handled, which only has to be a part of away, are dull. */
static bool is_shown(const struct compare_line *line)
{
	if (line->verdict != VERDICT_AGREE)
		return true;
	return line->leaf != LEAF_HANDLED && line->leaf != LEAF_HANDLED_ALL &&
	       (line->guest || line->low || line->leaf == LEAF_COUNT_ALL);
}

static void add_lines(struct rows *rows, const struct compared_guest *guest, uint32_t isa,
		      enum leaf leaf)
{
	for (size_t i = 0; i < guest->nlines; i++)
		if (guest->lines[i].leaf == leaf && is_shown(&guest->lines[i]))
			add_line(rows, &guest->lines[i], isa);
}

static void print_guest(FILE *out, const struct compared_guest *guest,
			const struct comparison *comparison, struct rows *rows)
{
	static const enum leaf order[] = { LEAF_COUNT,	  LEAF_COUNT_ALL, LEAF_AWAY,
					   LEAF_AWAY_ALL, LEAF_HANDLED,	  LEAF_HANDLED_ALL };
	const struct timeline *timeline = comparison->timeline;
	uint32_t isa = timeline->doc->isa;

	fprintf(out, "%s against %s, VM %s (pid %u), %zu vCPU%s\n", guest->doc->file,
		comparison->host_file, timeline->vm->name, timeline->vm->pid, timeline->vm->nvcpus,
		timeline->vm->nvcpus == 1 ? "" : "s");
	add_header(rows);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		add_lines(rows, guest, isa, order[i]);
	print_rows(out, rows);
	for (size_t i = 0; i < guest->nnotes; i++)
		fprintf(out, "note: %s\n", guest->notes[i]);
	fprintf(out, "%zu numbers checked: %zu agree, %zu explained, %zu disagree\n\n",
		guest->checked, guest->checked - guest->explained - guest->wrong, guest->explained,
		guest->wrong);
}

/* --- all ------------------------------------------------------------------------------------ */

static void print_finding(FILE *out, const struct finding *f)
{
	fprintf(out, "%s: %s: %s", f->explained ? "explained" : "disagree", f->file, f->field);
	if (*f->value)
		fprintf(out, " is %s", f->value);
	if (*f->expected)
		fprintf(out, ", expected %s", f->expected);
	fprintf(out, ": %s\n", f->why);
}

enum verdict comparison_verdict(const struct comparison *comparison)
{
	enum verdict worst = VERDICT_AGREE;

	if (findings_wrong(comparison->findings))
		return VERDICT_DISAGREE;
	for (size_t i = 0; i < comparison->nguests; i++)
		if (comparison->guests[i].explained || comparison->guests[i].growth_only)
			worst = VERDICT_EXPLAINED;
	return worst;
}

int comparison_print(FILE *out, const struct comparison *comparison)
{
	const struct findings *findings = comparison->findings;
	struct rows rows = { 0 };

	for (size_t i = 0; i < comparison->nguests; i++)
		print_guest(out, &comparison->guests[i], comparison, &rows);
	for (size_t i = 0; i < findings->n; i++)
		print_finding(out, &findings->list[i]);
	if (findings->dropped)
		fprintf(out, "disagree: and %zu more\n", findings->dropped);
	fprintf(out, "%s\n",
		comparison_verdict(comparison) == VERDICT_DISAGREE ? "the files disagree"
		: comparison_verdict(comparison) == VERDICT_EXPLAINED
			? "the files agree, but for what is explained"
			: "the files agree");
	if (rows.no_memory)
		return -ENOMEM;
	errno = 0;
	if (fflush(out) || ferror(out))
		return errno ? -errno : -EIO;
	return 0;
}
