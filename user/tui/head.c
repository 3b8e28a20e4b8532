// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/figures.h"
#include "model/reasons.h"
#include "tui/head.h"
#include "tui/save.h"

/* --- time ------------------------------------------------------------------------------ */

static void clock_text(char text[16], const struct timespec *when)
{
	struct tm tm;

	if (!localtime_r(&when->tv_sec, &tm) || !strftime(text, 16, "%H:%M:%S", &tm))
		snprintf(text, 16, "-");
}

/* What the view is doing, where that is not the usual: it must be seen. */
static void state_text(const struct tui *tui, char *text, size_t size)
{
	const struct moment *last = &tui->history.moments[tui->history.n - 1];
	char when[16], ago[32];

	if (tui->frozen) {
		clock_text(when, &tui->shown.to);
		duration(ago, sizeof(ago), last->ns - tui->history.moments[state_moment(tui)].ns);
		snprintf(text, size, " PAUSED at %s, %s back ", when, ago);
	} else if (tui->at_end) {
		snprintf(text, size, " END OF THE FILE ");
	} else if (tui->replay) {
		snprintf(text, size, " REPLAY ");
	} else {
		*text = '\0';
	}
}

static void draw_time(struct tui *tui)
{
	const struct moment *moment = &tui->history.moments[state_moment(tui)];
	uint64_t count = snapshot_count(&tui->shown.growth);
	char when[16], ran[32], took[32], state[80];
	size_t live = 0;

	for_each_vm(vm, &tui->shown.growth)
		live += !vm->ended;
	clock_text(when, &moment->time);
	duration(ran, sizeof(ran), moment->ns);
	duration(took, sizeof(took), tui->interval_ns);
	state_text(tui, state, sizeof(state));
	grid_print(&tui->grid, 0, 0, tui->grid.columns - (int)strlen(state), LOOK_BOLD,
		   "exitstat-bpf %s  after %s  %zu VM%s  %.0f exits/s  every %s", when, ran, live,
		   live == 1 ? "" : "s", (double)count * (double)NS_PER_SEC / (double)tui->shown.ns,
		   took);
	grid_put(&tui->grid, 0, tui->grid.columns - (int)strlen(state), -1,
		 LOOK_ALARM | LOOK_REVERSE | LOOK_BOLD, state);
}

/* --- losses and cost --------------------------------------------------------------------- */

static void draw_losses(struct tui *tui)
{
	const struct losses *losses = &tui->history.moments[state_moment(tui)].losses;
	bool lost = losses->map_full || losses->unpaired || losses->missed || losses->keys;
	char keys[64] = "";

	if (losses->keys)
		snprintf(keys, sizeof(keys), ", %" PRIu64 " keys not seen", losses->keys);
	grid_print(&tui->grid, 1, 0, -1, lost ? LOOK_ALARM : LOOK_PLAIN,
		   "losses: %" PRIu64 " not counted, %" PRIu64 " not timed, %" PRIu64
		   " missed%s%s%s",
		   losses->map_full, losses->unpaired, losses->missed, keys,
		   tui->notice ? "; " : "", tui->notice ?: "");
}

/*
 * The end of the last interval until then in which it was measured, and its begin, NULL where
 * that is the begin of the run.
 */
static const struct moment *measured(const struct tui *tui, const struct moment **begin)
{
	const struct history *history = &tui->history;

	for (size_t i = state_moment(tui) + 1; i-- > 0;) {
		const struct moment *end = &history->moments[i];

		*begin = i ? end - 1 : NULL;
		if (!end->has_self || (!i && !history_is_whole(history)))
			continue;
		if (!i || ((*begin)->has_self && (*begin)->number + 1 == end->number))
			return end;
	}
	return NULL;
}

static void draw_cost(struct tui *tui)
{
	const struct moment *before, *now = measured(tui, &before);
	uint64_t ns = 0, each = 0, process, age;
	char each_text[32], share[32], own[32], ago[32];

	if (!now) {
		grid_put(&tui->grid, 2, 0, -1, LOOK_DIM, "cost of tracing: was not measured");
		return;
	}
	for (size_t i = 0; i < now->self.nprograms; i++) {
		struct self_program program = now->self.programs[i];

		if (before && i < before->self.nprograms) {
			program.ns -= before->self.programs[i].ns;
			program.runs -= before->self.programs[i].runs;
		}
		ns += program.ns;
		each += program.runs ? program.ns / program.runs : 0;
	}
	process = now->self.process_ns - (before ? before->self.process_ns : 0);
	duration(each_text, sizeof(each_text), each);
	percent(share, sizeof(share), ns, now->ns - (before ? before->ns : 0));
	percent(own, sizeof(own), process, now->ns - (before ? before->ns : 0));
	age = tui->history.moments[state_moment(tui)].ns - now->ns;
	duration(ago, sizeof(ago), age);
	grid_print(&tui->grid, 2, 0, -1, LOOK_PLAIN,
		   "cost of tracing: %s an exit, %s of a CPU in BPF; %s in this process%s%s%s",
		   each_text, share, own, age ? ", " : "", age ? ago : "", age ? " before" : "");
}

/* --- place ------------------------------------------------------------------------------- */

static int put_place(const struct tui *tui, const struct place *place, char *text, size_t size)
{
	const struct vm_stat *vm = snapshot_find_vm(&tui->shown.growth, place->scope.serial);
	int used = snprintf(text, size, "all VMs");
	char name[REASON_NAME_LEN];

	if (place->scope.one_vm)
		used = vm ? snprintf(text, size, "%.60s (%u)", vm->name, vm->pid)
			  : snprintf(text, size, "a VM that was not there then");
	if (place->scope.one_vcpu)
		used += snprintf(text + used, size - (size_t)used, ", vCPU %u", place->scope.vcpu);
	if (!place->one_reason)
		return used;
	reason_name(name, place->reason.isa, place->reason.reason);
	return used + snprintf(text + used, size - (size_t)used, ", %s", name);
}

static void draw_place(struct tui *tui)
{
	static const char *const of[ROWS_KINDS] = { "VMs", "vCPUs", "reasons" };
	static const char *const exits = "slowest exits, nested guests";
	const struct place *place = state_place(tui);
	char text[512], when[16];
	int at;

	put_place(tui, place, text, sizeof(text));
	at = grid_print(&tui->grid, 3, 0, -1, LOOK_BOLD, "%s", text);
	if (place->page != PAGE_REASON)
		at = grid_print(&tui->grid, 3, at, -1, LOOK_PLAIN, ": %s",
				place->page == PAGE_ROWS ? of[place->of] : exits);
	if (tui->total) {
		clock_text(when, &tui->shown.from);
		at = grid_print(&tui->grid, 3, at, -1, LOOK_PLAIN, ", all since %s", when);
	}
	if (place->page == PAGE_ROWS && *tui->filter)
		at = grid_print(&tui->grid, 3, at, -1, LOOK_ALARM, ", only \"%s\"", tui->filter);
	if (place->page == PAGE_ROWS && tui->order_frozen)
		grid_put(&tui->grid, 3, at, -1, LOOK_ALARM, ", ORDER FROZEN");
}

/* --- the last line ----------------------------------------------------------------------- */

static void draw_foot(struct tui *tui)
{
	int line = tui->grid.lines - 1;

	if (tui->mode == MODE_FILTER)
		grid_print(&tui->grid, line, 0, -1, LOOK_BOLD, "rows with: %s_", tui->filter);
	else if (tui->mode == MODE_WRITE)
		grid_print(&tui->grid, line, 0, -1, LOOK_BOLD,
			   "write to (" SAVE_RECORDING ": the last minutes): %s_", tui->filename);
	else if (*tui->message)
		grid_print(&tui->grid, line, 0, -1, LOOK_BOLD, "%s", tui->message);
	else
		grid_put(
			&tui->grid, line, 0, -1, LOOK_DIM,
			"? keys  Enter open  Bksp back  Tab view  s sort  / filter  Space freeze  q quit");
}

void head_draw(struct tui *tui)
{
	draw_time(tui);
	draw_losses(tui);
	draw_cost(tui);
	draw_place(tui);
	draw_foot(tui);
}
