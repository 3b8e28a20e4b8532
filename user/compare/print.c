// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/array.h"
#include "base/printable.h"
#include "base/table.h"
#include "compare/print.h"
#include "model/reasons.h"

static const struct table_column columns[] = {
	{ .name = "REASON", .left = true }, { .name = "HOST", .gap = 2 },
	{ .name = "GUEST", .gap = 2 },	    { .name = "DIFF", .gap = 2 },
	{ .name = "VERDICT", .gap = 2 },
};

static void add_name(struct table *table, const struct compare_line *line, uint32_t isa)
{
	bool is_count = line->leaf == LEAF_COUNT || line->leaf == LEAF_COUNT_ALL;
	char reason[REASON_NAME_LEN] = "all reasons";

	if (line->leaf >= LEAF_COUNT)
		reason_name(reason, isa, line->code);
	table_add(table, "%s%s%s", reason, is_count ? "" : ", ",
		  is_count ? "" : leaf_sum(line->leaf));
}

static void add_line(struct table *table, const struct compare_line *line, uint32_t isa)
{
	add_name(table, line, isa);
	if (line->high == UINT64_MAX)
		table_add(table, "%" PRIu64 "..", line->low);
	else if (line->low == line->high)
		table_add(table, "%" PRIu64, line->low);
	else
		table_add(table, "%" PRIu64 "..%" PRIu64, line->low, line->high);
	table_add(table, "%" PRIu64, line->guest);
	/* How far outside of what the host has. */
	if (line->guest > line->high)
		table_add(table, "+%" PRIu64, line->guest - line->high);
	else if (line->guest < line->low)
		table_add(table, "-%" PRIu64, line->low - line->guest);
	else
		table_add(table, "0");
	table_add(table, "%s", verdict_word(line->verdict));
}

/* Reasons that never happened, and handled, which only has to be a part of away, are dull. */
static bool is_shown(const struct compare_line *line)
{
	if (line->verdict != VERDICT_AGREE)
		return true;
	return line->leaf != LEAF_HANDLED && line->leaf != LEAF_HANDLED_ALL &&
	       (line->guest || line->low || line->leaf == LEAF_COUNT_ALL);
}

static int print_guest(FILE *out, const struct compared_guest *guest,
		       const struct timeline *timeline)
{
	static const enum leaf order[] = { LEAF_COUNT,	  LEAF_COUNT_ALL, LEAF_AWAY,
					   LEAF_AWAY_ALL, LEAF_HANDLED,	  LEAF_HANDLED_ALL };
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	int err;

	print_line(out, "%s against %s, VM %s (pid %u), %zu vCPU%s", guest->doc->file,
		   timeline->doc->file, timeline->vm->name, timeline->vm->pid, timeline->vm->nvcpus,
		   timeline->vm->nvcpus == 1 ? "" : "s");
	for (size_t i = 0; i < COUNT_OF(order); i++)
		for_each_element(line, guest->lines, guest->nlines)
			if (line->leaf == order[i] && is_shown(line))
				add_line(&table, line, timeline->doc->host.isa);
	err = table_print(&table, out, true);
	for (size_t i = 0; i < guest->nnotes; i++)
		print_line(out, "note: %s", guest->notes[i]);
	fprintf(out, "%zu numbers checked: %zu agree, %zu explained, %zu disagree\n",
		guest->checked, guest->checked - guest->explained - guest->wrong, guest->explained,
		guest->wrong);
	fprintf(out, "%zu placed at an answer of KVM, %zu within bounds only, %zu not checked\n\n",
		guest->placed, guest->bounded, guest->unchecked);
	return err;
}

static void print_finding(FILE *out, const struct finding *f)
{
	print_line(out, "%s: %s: %s%s%s%s%s: %s", verdict_word(f->verdict), f->file, f->field,
		   *f->value ? " is " : "", f->value, *f->expected ? ", expected " : "",
		   f->expected, f->why);
}

int comparison_print(FILE *out, const struct comparison *comparison)
{
	static const char *const ends[] = {
		[VERDICT_AGREE] = "the files agree",
		[VERDICT_EXPLAINED] = "the files agree, but for what is explained",
		[VERDICT_DISAGREE] = "the files disagree",
	};
	const struct findings *findings = comparison->findings;
	enum verdict verdict = comparison_verdict(comparison);
	size_t unchecked = 0;
	int err = 0;

	for (size_t i = 0; i < comparison->nguests && !err; i++) {
		err = print_guest(out, &comparison->guests[i], comparison->timeline);
		unchecked += comparison->guests[i].unchecked;
	}
	for (size_t i = 0; i < findings->n; i++)
		print_finding(out, &findings->list[i]);
	if (findings->dropped)
		fprintf(out, "disagree: and %zu more\n", findings->dropped);
	fprintf(out, "%s%s\n", ends[verdict],
		(unchecked || findings->unread) && verdict != VERDICT_DISAGREE
			? ", as far as they were checked"
			: "");
	errno = 0;
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	return err;
}
