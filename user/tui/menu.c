// SPDX-License-Identifier: GPL-2.0-only
#include "tui/keys.h"
#include "tui/menu.h"

/* Of the sort's list only those that rows can be sorted by; of the other all but the name. */
unsigned int menu_column(struct tui *tui, size_t line)
{
	enum rows_of of = state_place(tui)->of;
	unsigned int column;

	for (size_t i = 0; (column = layout_column(of, tui->run.parts, i)); i++) {
		if (tui->mode == MODE_SORT ? !layout_sorts(column) : column == COLUMN_NAME)
			continue;
		if (!line--)
			return column;
	}
	return 0;
}

size_t menu_count(struct tui *tui)
{
	size_t n = 0;

	if (tui->mode == MODE_HELP)
		return key_nrows;
	while (menu_column(tui, n))
		n++;
	return n;
}

static void draw_help(struct tui *tui, struct lines lines)
{
	for (size_t i = 0; i < (size_t)lines.n && tui->menu + i < key_nrows; i++) {
		const struct key_row *row = &key_rows[tui->menu + i];

		grid_put(&tui->grid, lines.first + (int)i, 2, 14, LOOK_BOLD, row->keys);
		grid_put(&tui->grid, lines.first + (int)i, 18, -1, LOOK_PLAIN, row->does);
	}
	if (key_nrows > tui->menu + (size_t)lines.n)
		grid_print(&tui->grid, lines.first - 1, tui->grid.columns - 20, 20, LOOK_HEADING,
			   "%8zu below: Down", key_nrows - tui->menu - (size_t)lines.n);
}

static void draw_columns(struct tui *tui, struct lines lines)
{
	enum rows_of of = state_place(tui)->of;
	size_t n = menu_count(tui), top = 0;

	if (tui->menu >= (size_t)lines.n)
		top = tui->menu - (size_t)lines.n + 1;
	for (size_t i = top; i < n && i < top + (size_t)lines.n; i++) {
		unsigned int column = menu_column(tui, i);
		int line = lines.first + (int)(i - top);
		bool on = tui->mode == MODE_SORT
				  ? tui->sort[of] == column
				  : layout_is_shown(&tui->choices, of, column, tui->grid.columns);

		grid_print(&tui->grid, line, 2, -1, LOOK_PLAIN, "[%c] %s", on ? 'x' : ' ',
			   layout_name(column, of));
		if (i == tui->menu)
			grid_mark(&tui->grid, line, LOOK_REVERSE);
	}
}

void menu_draw(struct tui *tui, struct lines lines)
{
	static const char *const titles[] = {
		[MODE_HELP] = "Keys; any other ends this",
		[MODE_SORT] = "Sort by: Enter chooses, Esc leaves it as it is",
		[MODE_COLUMNS] = "Columns: Space shows or hides, Enter is done",
	};

	grid_mark(&tui->grid, lines.first - 1, LOOK_HEADING);
	grid_put(&tui->grid, lines.first - 1, 0, -1, LOOK_HEADING, titles[tui->mode]);
	if (tui->mode == MODE_HELP)
		draw_help(tui, lines);
	else
		draw_columns(tui, lines);
}
