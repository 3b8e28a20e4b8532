// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "tui/state.h"

struct place *state_place(struct tui *tui)
{
	return &tui->places[tui->depth - 1];
}

size_t state_moment(const struct tui *tui)
{
	const struct history *history = &tui->history;
	size_t at = tui->frozen ? history_find(history, tui->number) : history->n - 1;

	/* Of the first that was kept nobody knows what was before. */
	return !at && history->n > 1 && !history_is_whole(history) ? 1 : at;
}

void state_forget(struct tui *tui)
{
	if (!tui->shown.borrowed)
		snapshot_free(&tui->shown.growth);
	tui->shown = (struct shown){ 0 };
}

/* Since the moment before, or since the base. */
static int subtract(struct tui *tui, size_t at, struct snapshot *growth)
{
	const struct snapshot nothing = { 0 };
	const struct snapshot *before = &nothing;
	struct snapshot now, earlier = { 0 };
	int err = moment_unpack(&tui->history.moments[at], &now);

	if (err)
		return err;
	if (tui->total && tui->history.moments[at].ns > tui->base_ns) {
		before = &tui->base;
	} else if (!tui->total && at) {
		err = moment_unpack(&tui->history.moments[at - 1], &earlier);
		before = &earlier;
	}
	err = err ?: snapshot_subtract(growth, &now, before);
	snapshot_free(&now);
	snapshot_free(&earlier);
	return err;
}

static void set_times(struct tui *tui, size_t at)
{
	const struct moment *moment = &tui->history.moments[at];
	struct shown *shown = &tui->shown;
	uint64_t before = 0;

	shown->to = moment->time;
	shown->from = tui->run.start;
	if (tui->total && moment->ns > tui->base_ns) {
		before = tui->base_ns;
		shown->from = before ? tui->base_time : tui->run.start;
	} else if (!tui->total && at) {
		before = moment[-1].ns;
		shown->from = moment[-1].time;
	}
	shown->from_ns = before;
	shown->ns = moment->ns > before ? moment->ns - before : 1;
}

int state_update(struct tui *tui, const struct snapshot *growth)
{
	size_t at = state_moment(tui);
	uint64_t number = tui->history.moments[at].number;
	struct shown *shown = &tui->shown;
	int err = 0;

	if (shown->valid && shown->number == number && shown->total == tui->total)
		return 0;
	state_forget(tui);
	shown->total = tui->total;
	shown->number = number;
	set_times(tui, at);
	if (growth && !tui->frozen && !tui->total) {
		shown->growth = *growth;
		shown->borrowed = true;
	} else {
		err = subtract(tui, at, &shown->growth);
	}
	shown->valid = !err;
	return err;
}

struct run state_run(const struct tui *tui)
{
	struct run run = tui->run;

	run.host = &tui->host;
	run.start = tui->shown.from;
	run.start_ns += tui->shown.from_ns;
	run.end = tui->shown.to;
	run.ns = tui->shown.ns;
	run.snap = &tui->shown.growth;
	return run;
}
