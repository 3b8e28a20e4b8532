// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tui/exits.h"
#include "tui/head.h"
#include "tui/menu.h"
#include "tui/press.h"
#include "tui/reason.h"
#include "tui/tui.h"

#define REDRAW_NS 80000000ull

/* The head, then a heading; and the last line. */
static struct lines body(const struct tui *tui)
{
	return (struct lines){ HEAD_LINES + 1, tui->grid.lines - HEAD_LINES - 2 };
}

static size_t body_lines(const struct tui *tui)
{
	return tui->grid.lines > HEAD_LINES + 2 ? (size_t)body(tui).n : 1;
}

void tui_init(struct tui *tui, uint64_t interval_ns, unsigned int sort)
{
	static const char *const usual[ROWS_KINDS] = { "BUSY", "BUSY", "TIME%" };

	*tui = (struct tui){ .depth = 1, .interval_ns = interval_ns };
	history_init(&tui->history);
	for (size_t i = 0; i < ROWS_KINDS; i++)
		if (sort)
			tui->sort[i] = sort;
		else
			columns_find(usual[i], &tui->sort[i]);
}

void tui_free(struct tui *tui)
{
	state_forget(tui);
	snapshot_free(&tui->base);
	history_free(&tui->history);
	grid_free(&tui->grid);
	free(tui->keys);
	free(tui->order);
	*tui = (struct tui){ 0 };
}

/* --- drawing --------------------------------------------------------------------------- */

static int draw_body(struct tui *tui)
{
	struct lines lines = body(tui);

	if (tui->mode == MODE_HELP || tui->mode == MODE_SORT || tui->mode == MODE_COLUMNS) {
		menu_draw(tui, lines);
		return 0;
	}
	if (state_place(tui)->page == PAGE_ROWS)
		return table_draw(tui, lines);
	/* The others have no heading of their own. */
	lines.first--;
	lines.n++;
	return state_place(tui)->page == PAGE_REASON ? reason_draw(tui, lines)
						     : exits_draw(tui, lines);
}

static int draw(struct tui *tui, const struct snapshot *growth)
{
	int err;

	grid_clear(&tui->grid);
	if (tui->grid.lines < TUI_LEAST_LINES || tui->grid.columns < TUI_LEAST_COLUMNS) {
		grid_print(&tui->grid, 0, 0, -1, LOOK_BOLD, "%dx%d: enlarge the terminal to %dx%d",
			   tui->grid.columns, tui->grid.lines, TUI_LEAST_COLUMNS, TUI_LEAST_LINES);
		return 0;
	}
	if (!tui->history.n) {
		grid_put(&tui->grid, 0, 0, -1, LOOK_BOLD,
			 "exitstat-bpf: no interval has passed yet");
		return 0;
	}
	err = state_update(tui, growth);
	err = err ?: draw_body(tui);
	if (!err)
		head_draw(tui);
	return err;
}

/* --- what comes ------------------------------------------------------------------------ */

/* Without what ends before we do. */
static void keep_run(struct tui *tui, const struct run *run)
{
	tui->host = *run->host;
	tui->run = *run;
	tui->run.host = NULL;
	tui->run.snap = NULL;
	tui->run.series = NULL;
	tui->run.answers = NULL;
	tui->run.self = NULL;
}

int tui_take(struct tui *tui, const struct run *run, const struct snapshot *growth)
{
	int err = history_add(&tui->history, run);

	if (err)
		return err;
	keep_run(tui, run);
	tui->wants_next = false;
	if (tui->frozen && tui->number == UINT64_MAX)
		tui->number = tui->history.added;
	/* Nobody reads as fast as the shortest intervals follow each other. */
	if (tui->drawn_ns && !tui->replay && run->ns < tui->drawn_ns + REDRAW_NS)
		return 0;
	tui->drawn_ns = run->ns;
	err = draw(tui, growth);
	if (tui->shown.borrowed)
		state_forget(tui);
	return err;
}

int tui_end(struct tui *tui, const char *notice)
{
	tui->at_end = true;
	tui->notice = notice;
	tui->wants_next = false;
	if (tui->frozen && tui->number == UINT64_MAX)
		tui->number = tui->history.added;
	return draw(tui, NULL);
}

int tui_resize(struct tui *tui, int lines, int columns)
{
	return grid_resize(&tui->grid, lines, columns) ?: draw(tui, NULL);
}

/* Before the first moment there is nothing to do but to quit. */
int tui_press(struct tui *tui, int key)
{
	int err = 0;

	if (tui->history.n)
		err = press_key(tui, key, body_lines(tui));
	else
		tui->quit |= key_action(key) == ACT_QUIT;
	return err ?: draw(tui, NULL);
}

int tui_mouse(struct tui *tui, enum mouse what, int line, int column)
{
	struct lines lines = body(tui);

	if (!tui->history.n)
		return 0;
	if (what == MOUSE_WHEEL_UP)
		return tui_press(tui, KEY_IS_UP);
	if (what == MOUSE_WHEEL_DOWN)
		return tui_press(tui, KEY_IS_DOWN);
	tui->message[0] = '\0';
	if (line == lines.first - 1)
		press_heading(tui, table_column_at(tui, column));
	else if (line >= lines.first && line < lines.first + lines.n)
		press_row(tui, state_place(tui)->top + (size_t)(line - lines.first));
	return draw(tui, NULL);
}
