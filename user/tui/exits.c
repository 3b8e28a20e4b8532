// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "tui/exits.h"
#include "tui/text.h"
#include "view/levels.h"
#include "view/slowest.h"

struct page_of {
	const struct run *whole; /* up to the moment on show */
	const struct run *shown;
};

/* Nothing was printed since. */
static bool is_empty(FILE *out, long since)
{
	return ftell(out) == since;
}

static int print(FILE *out, const void *arg)
{
	const struct page_of *page = arg;
	long at;
	int err;

	if (page->whole->nslowest)
		fputs("Since the start of the run:\n", out);
	else
		fputs("The slowest exits are not known: --slowest tells.\n", out);
	at = ftell(out);
	err = slowest_list(out, page->whole);
	if (page->whole->nslowest && is_empty(out, at))
		fputs("  no exit has ended\n", out);
	fputs("\nNested guests, in the time that is on show:\n", out);
	if (page->shown->no_levels) {
		fputs("  not known where KVM has no BTF: all exits are said to be their VM's own\n",
		      out);
		return err;
	}
	at = ftell(out);
	err = err ?: levels_tables(out, page->shown);
	if (is_empty(out, at))
		fputs("  no exits\n", out);
	return err;
}

/* Single exits are shown of all that was counted until then: of an interval there is hardly one. */
int exits_draw(struct tui *tui, struct lines lines)
{
	const struct place *place = state_place(tui);
	const struct reason_filter only = { .is_number = true, .code = place->reason.reason };
	struct run whole = tui->run, shown = state_run(tui);
	struct part part, shown_part;
	struct snapshot snap;
	int err = moment_unpack(&tui->history.moments[state_moment(tui)], &snap);

	if (err)
		return err;
	part_make(&part, &snap, &place->scope);
	part_make(&shown_part, shown.snap, &place->scope);
	whole.host = &tui->host;
	whole.snap = &part.snap;
	shown.snap = &shown_part.snap;
	if (place->one_reason) {
		whole.filters = shown.filters = &only;
		whole.nfilters = shown.nfilters = 1;
	}
	err = text_draw(tui, lines, print, &(struct page_of){ &whole, &shown });
	snapshot_free(&snap);
	return err;
}
