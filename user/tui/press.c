// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/figures.h"
#include "tui/menu.h"
#include "tui/press.h"
#include "tui/save.h"

static void tell(struct tui *tui, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void tell(struct tui *tui, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(tui->message, sizeof(tui->message), fmt, args);
	va_end(args);
}

/* Rows of another table, or in another order: they find their places anew. */
static void forget_order(struct tui *tui)
{
	free(tui->order);
	tui->order = NULL;
	tui->norder = 0;
}

/* --- places ---------------------------------------------------------------------------- */

static struct place *go_into(struct tui *tui)
{
	struct place *place;

	if (tui->depth == TUI_DEPTH)
		return NULL;
	place = &tui->places[tui->depth++];
	*place = (struct place){ .of = ROWS_REASONS, .scope = place[-1].scope };
	/* A name that was looked for is found. */
	tui->filter[0] = '\0';
	forget_order(tui);
	return place;
}

static void open_row(struct tui *tui)
{
	const struct place *from = state_place(tui);
	struct row_key key;
	struct place *to;

	if (from->page != PAGE_ROWS || !tui->nkeys)
		return;
	key = tui->keys[table_cursor(tui)];
	to = go_into(tui);
	if (!to)
		return;
	if (from->of == ROWS_REASONS) {
		to->page = PAGE_REASON;
		to->one_reason = true;
		to->reason = key;
		return;
	}
	to->scope.one_vm = true;
	to->scope.serial = key.serial;
	if (from->of == ROWS_VCPUS) {
		to->scope.one_vcpu = true;
		to->scope.vcpu = key.vcpu;
	}
}

/* Of what is on show, a reason alone as well. */
static void open_exits(struct tui *tui)
{
	const struct place *from = state_place(tui);
	struct place *to;

	if (from->page == PAGE_EXITS)
		return;
	to = go_into(tui);
	if (!to)
		return;
	to->page = PAGE_EXITS;
	to->one_reason = from->one_reason;
	to->reason = from->reason;
}

static void go_back(struct tui *tui)
{
	if (*tui->filter) {
		tui->filter[0] = '\0';
		return;
	}
	if (tui->depth > 1)
		tui->depth--;
	forget_order(tui);
}

/* The next view that there is of this scope. */
static void change_view(struct tui *tui)
{
	struct place *place = state_place(tui);
	enum rows_of of = place->of;

	if (place->page != PAGE_ROWS || place->scope.one_vcpu)
		return;
	of = (enum rows_of)((of + 1) % ROWS_KINDS);
	if (of == ROWS_VMS && place->scope.one_vm)
		of = ROWS_VCPUS;
	*place = (struct place){ .of = of, .scope = place->scope };
	tui->filter[0] = '\0';
	forget_order(tui);
}

static void move(struct tui *tui, enum action action, size_t lines)
{
	struct place *place = state_place(tui);
	size_t cursor = place->page != PAGE_ROWS ? place->top : table_cursor(tui), to = cursor;
	size_t page = lines > 1 ? lines - 1 : 1;

	if (action == ACT_UP)
		to = cursor ? cursor - 1 : 0;
	else if (action == ACT_DOWN)
		to = cursor + 1;
	else if (action == ACT_PAGE_UP)
		to = cursor > page ? cursor - page : 0;
	else if (action == ACT_PAGE_DOWN)
		to = cursor + page;
	else if (action == ACT_HOME)
		to = 0;
	else if (action == ACT_END)
		to = INT_MAX;
	if (place->page != PAGE_ROWS)
		place->top = to; /* which is kept within the text when that is drawn */
	else
		table_move(tui, to);
}

/* --- time ------------------------------------------------------------------------------ */

static void freeze(struct tui *tui)
{
	tui->number = tui->history.moments[state_moment(tui)].number;
	tui->frozen = true;
}

static void go_earlier(struct tui *tui)
{
	size_t at = state_moment(tui);
	size_t first = history_is_whole(&tui->history) || tui->history.n == 1 ? 0 : 1;

	freeze(tui);
	if (at > first)
		tui->number = tui->history.moments[at - 1].number;
	else
		tell(tui, "nothing earlier is kept%s",
		     tui->history.thinned ? ": memory for it is bounded" : "");
}

static void go_later(struct tui *tui)
{
	size_t at = state_moment(tui);

	freeze(tui);
	if (at + 1 < tui->history.n) {
		tui->number = tui->history.moments[at + 1].number;
	} else if (tui->replay && !tui->at_end) {
		tui->wants_next = true;
		tui->number = UINT64_MAX; /* whichever that will be */
	} else {
		tell(tui, "this is the last");
	}
}

static int reset(struct tui *tui)
{
	const struct moment *moment = &tui->history.moments[state_moment(tui)];
	struct snapshot base;

	if (moment_unpack(moment, &base))
		return -ENOMEM;
	snapshot_free(&tui->base);
	tui->base = base;
	tui->base_ns = moment->ns;
	tui->base_time = moment->time;
	state_forget(tui);
	tell(tui, "counting from now on: t shows it");
	return 0;
}

static void change_interval(struct tui *tui, bool longer)
{
	static const uint64_t steps[] = {
		NS_PER_SEC / 10, NS_PER_SEC / 4, NS_PER_SEC / 2,  NS_PER_SEC,
		2 * NS_PER_SEC,	 5 * NS_PER_SEC, 10 * NS_PER_SEC,
	};
	uint64_t to = tui->interval_ns;
	char text[32];

	for (size_t i = 0; i < COUNT_OF(steps); i++) {
		size_t j = longer ? i : COUNT_OF(steps) - 1 - i;

		if (longer ? steps[j] > to : steps[j] < to) {
			to = steps[j];
			break;
		}
	}
	tui->interval_ns = to;
	duration(text, sizeof(text), to);
	tell(tui, "every %s", text);
}

/* --- what is typed --------------------------------------------------------------------- */

static void type(char text[TUI_TEXT], int key)
{
	size_t n = strlen(text);
	mbstate_t state = { 0 };
	char bytes[MB_LEN_MAX];
	size_t more;

	if (key_action(key) == ACT_BACK) {
		while (n && ((unsigned char)text[n - 1] & 0xc0) == 0x80)
			n--;
		text[n ? n - 1 : 0] = '\0';
		return;
	}
	if (key < ' ' || key >= KEY_IS_UP)
		return;
	more = wcrtomb(bytes, (wchar_t)key, &state);
	if (more == (size_t)-1 || n + more >= TUI_TEXT)
		return;
	memcpy(text + n, bytes, more);
	text[n + more] = '\0';
}

static void begin_filter(struct tui *tui)
{
	memcpy(tui->kept_filter, tui->filter, sizeof(tui->filter));
	tui->mode = MODE_FILTER;
}

static void press_filter(struct tui *tui, int key)
{
	if (key == KEY_IS_ESCAPE) {
		memcpy(tui->filter, tui->kept_filter, sizeof(tui->filter));
		tui->mode = MODE_NORMAL;
	} else if (key_action(key) == ACT_OPEN) {
		tui->mode = MODE_NORMAL;
	} else {
		type(tui->filter, key);
	}
}

static void press_write(struct tui *tui, int key)
{
	struct error err;

	if (key == KEY_IS_ESCAPE) {
		tui->mode = MODE_NORMAL;
	} else if (key_action(key) == ACT_OPEN) {
		tui->mode = MODE_NORMAL;
		if (save_write(tui, tui->filename, &err))
			tell(tui, "%s", err.text);
		else
			tell(tui, "written: %s", tui->filename);
	} else {
		type(tui->filename, key);
	}
}

/* --- lists ----------------------------------------------------------------------------- */

static void sort_by(struct tui *tui, unsigned int column)
{
	enum rows_of of = state_place(tui)->of;

	/* The same once more: the other way round. */
	tui->reversed[of] = tui->sort[of] == column && !tui->reversed[of];
	tui->sort[of] = column;
	forget_order(tui);
}

static void begin_list(struct tui *tui, enum tui_mode mode)
{
	if (state_place(tui)->page != PAGE_ROWS)
		return;
	tui->mode = mode;
	tui->menu = 0;
	for (size_t i = 0; mode == MODE_SORT && i < menu_count(tui); i++)
		if (menu_column(tui, i) == tui->sort[state_place(tui)->of])
			tui->menu = i;
}

/* Whether it was for the list. */
static bool move_in_list(struct tui *tui, enum action action, size_t lines)
{
	size_t last = menu_count(tui) - 1, to = tui->menu;

	if (tui->mode == MODE_HELP)
		last = last + 1 > lines ? last + 1 - lines : 0;
	if (action == ACT_UP || action == ACT_PAGE_UP)
		to -= action == ACT_UP ? !!to : to > lines ? lines : to;
	else if (action == ACT_DOWN || action == ACT_PAGE_DOWN)
		to += action == ACT_DOWN ? 1 : lines;
	else if (action == ACT_HOME || action == ACT_END)
		to = action == ACT_HOME ? 0 : last;
	else
		return false;
	tui->menu = to > last ? last : to;
	return true;
}

static void press_list(struct tui *tui, int key, size_t lines)
{
	enum action action = key_action(key);
	unsigned int column;

	if (move_in_list(tui, action, lines))
		return;
	column = tui->mode == MODE_HELP ? 0 : menu_column(tui, tui->menu);
	if (tui->mode == MODE_COLUMNS && action == ACT_FREEZE) {
		layout_toggle(&tui->choices, state_place(tui)->of, column, tui->grid.columns);
		return;
	}
	if (tui->mode == MODE_SORT && action == ACT_OPEN)
		sort_by(tui, column);
	if (tui->mode == MODE_HELP || action == ACT_OPEN || action == ACT_BACK ||
	    action == ACT_QUIT)
		tui->mode = MODE_NORMAL;
}

/* --- keys ------------------------------------------------------------------------------ */

static void unfreeze_or_freeze(struct tui *tui)
{
	if (tui->frozen)
		tui->frozen = false;
	else
		freeze(tui);
}

static int press_normal(struct tui *tui, int key, size_t lines)
{
	enum rows_of of = state_place(tui)->of;
	enum action action = key_action(key);

	switch (action) {
	case ACT_OPEN:
		open_row(tui);
		break;
	case ACT_BACK:
		go_back(tui);
		break;
	case ACT_VIEW:
		change_view(tui);
		break;
	case ACT_EXITS:
		open_exits(tui);
		break;
	case ACT_SORT:
		begin_list(tui, MODE_SORT);
		break;
	case ACT_REVERSE:
		tui->reversed[of] = !tui->reversed[of];
		forget_order(tui);
		break;
	case ACT_FILTER:
		if (state_place(tui)->page == PAGE_ROWS)
			begin_filter(tui);
		break;
	case ACT_COLUMNS:
		begin_list(tui, MODE_COLUMNS);
		break;
	case ACT_TOTAL:
		tui->total = !tui->total;
		break;
	case ACT_RESET:
		return reset(tui);
	case ACT_FASTER:
	case ACT_SLOWER:
		change_interval(tui, action == ACT_SLOWER);
		break;
	case ACT_FREEZE:
		unfreeze_or_freeze(tui);
		break;
	case ACT_EARLIER:
		go_earlier(tui);
		break;
	case ACT_LATER:
		go_later(tui);
		break;
	case ACT_ORDER:
		tui->order_frozen = !tui->order_frozen;
		forget_order(tui);
		break;
	case ACT_WRITE:
		save_name(tui, tui->filename);
		tui->mode = MODE_WRITE;
		break;
	case ACT_HELP:
		tui->mode = MODE_HELP;
		tui->menu = 0;
		break;
	case ACT_QUIT:
		tui->quit = true;
		break;
	case ACT_NOTHING:
		break;
	default:
		move(tui, action, lines);
	}
	return 0;
}

int press_key(struct tui *tui, int key, size_t lines)
{
	tui->message[0] = '\0';
	if (tui->mode == MODE_FILTER)
		press_filter(tui, key);
	else if (tui->mode == MODE_WRITE)
		press_write(tui, key);
	else if (tui->mode != MODE_NORMAL)
		press_list(tui, key, lines);
	else
		return press_normal(tui, key, lines);
	return 0;
}

void press_row(struct tui *tui, size_t row)
{
	if (tui->mode != MODE_NORMAL || state_place(tui)->page != PAGE_ROWS || row >= tui->nkeys)
		return;
	if (row == table_cursor(tui))
		open_row(tui);
	else
		table_move(tui, row);
}

void press_heading(struct tui *tui, unsigned int column)
{
	if (tui->mode == MODE_NORMAL && state_place(tui)->page == PAGE_ROWS && column &&
	    layout_sorts(column))
		sort_by(tui, column);
}
