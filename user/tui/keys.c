// SPDX-License-Identifier: GPL-2.0-only
#include "base/array.h"
#include "tui/keys.h"

const struct key_row key_rows[] = {
	{ "Up k", ACT_UP, { KEY_IS_UP, 'k' }, "one row up" },
	{ "Down j", ACT_DOWN, { KEY_IS_DOWN, 'j' }, "one row down" },
	{ "PgUp", ACT_PAGE_UP, { KEY_IS_PAGE_UP }, "a screen up" },
	{ "PgDn", ACT_PAGE_DOWN, { KEY_IS_PAGE_DOWN }, "a screen down" },
	{ "Home g", ACT_HOME, { KEY_IS_HOME, 'g' }, "the first row" },
	{ "End G", ACT_END, { KEY_IS_END, 'G' }, "the last row" },
	{ "Enter", ACT_OPEN, { KEY_IS_ENTER, '\r' }, "go into this VM, vCPU or reason" },
	{ "Backspace Esc", ACT_BACK, { KEY_IS_BACKSPACE, KEY_IS_ESCAPE, 127, 8 }, "go back" },
	{ "Tab", ACT_VIEW, { KEY_IS_TAB }, "VMs, vCPUs or reasons of what is on show" },
	{ "l", ACT_EXITS, { 'l' }, "the slowest exits of what is on show, and its nested guests" },
	{ "s", ACT_SORT, { 's' }, "sort by a column, which is chosen from a list" },
	{ "S", ACT_REVERSE, { 'S' }, "turn the order round" },
	{ "/", ACT_FILTER, { '/' }, "show only rows with this text in their name" },
	{ "f", ACT_COLUMNS, { 'f' }, "choose which columns are shown" },
	{ "t", ACT_TOTAL, { 't' }, "the last interval, or all since the start or r" },
	{ "r", ACT_RESET, { 'r' }, "count from now on" },
	{ "+", ACT_SLOWER, { '+', '=' }, "a longer interval" },
	{ "-", ACT_FASTER, { '-' }, "a shorter interval" },
	{ "Space", ACT_FREEZE, { ' ' }, "freeze what is on show, which counting goes on behind" },
	{ "[ Left", ACT_EARLIER, { '[', KEY_IS_LEFT }, "an interval earlier, frozen" },
	{ "] Right", ACT_LATER, { ']', KEY_IS_RIGHT }, "an interval later, frozen" },
	{ "o", ACT_ORDER, { 'o' }, "freeze the order of rows, not their numbers" },
	{ "w",
	  ACT_WRITE,
	  { 'w' },
	  "write what is on show as JSON, or the last minutes as a recording" },
	{ "? h F1", ACT_HELP, { '?', 'h', KEY_IS_F1 }, "these keys" },
	{ "q", ACT_QUIT, { 'q' }, "quit" },
};

const size_t key_nrows = COUNT_OF(key_rows);

enum action key_action(int code)
{
	for (size_t i = 0; i < key_nrows; i++)
		for (size_t j = 0; j < COUNT_OF(key_rows[i].codes) && key_rows[i].codes[j]; j++)
			if (key_rows[i].codes[j] == code)
				return key_rows[i].action;
	return ACT_NOTHING;
}
