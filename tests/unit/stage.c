// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"
#include "unit.h"

void take(struct stage *stage)
{
	assert_int_equal(synthetic_second(&stage->host), 0);
	assert_int_equal(tui_take(&stage->tui, &stage->host.run, NULL), 0);
}

void begin_sized(struct stage *stage, unsigned int vms, unsigned int vcpus, int lines, int columns,
		 int seconds)
{
	memset(stage, 0, sizeof(*stage));
	assert_int_equal(synthetic_init(&stage->host, vms, vcpus), 0);
	tui_init(&stage->tui, NS_OF(1), 0);
	assert_int_equal(tui_resize(&stage->tui, lines, columns), 0);
	for (int i = 0; i < seconds; i++)
		take(stage);
}

void begin(struct stage *stage)
{
	begin_sized(stage, 3, 2, 24, 100, 12);
}

void end(struct stage *stage)
{
	tui_free(&stage->tui);
	synthetic_free(&stage->host);
	free(stage->text);
}

void press(struct stage *stage, int key)
{
	assert_int_equal(tui_press(&stage->tui, key), 0);
}

void type(struct stage *stage, const char *text)
{
	for (; *text; text++)
		press(stage, *text);
}

const char *screen(struct stage *stage)
{
	free(stage->text);
	stage->text = grid_text(&stage->tui.grid);
	assert_non_null(stage->text);
	return stage->text;
}

void expect(struct stage *stage, const char *text)
{
	if (!strstr(screen(stage), text))
		fail_msg("'%s' is not on\n%s", text, stage->text);
}

void expect_none(struct stage *stage, const char *text)
{
	if (strstr(screen(stage), text))
		fail_msg("'%s' is on\n%s", text, stage->text);
}

const char *line(struct stage *stage, int number)
{
	static char text[1024];
	const char *from = screen(stage);

	while (number--) {
		from = strchr(from, '\n');
		assert_non_null(from);
		from++;
	}
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(from, "\n"), from);
	return text;
}

void expect_row(struct stage *stage, int row, const char *begins)
{
	const char *found = line(stage, FIRST_ROW + row);

	if (strncmp(found, begins, strlen(begins)))
		fail_msg("row %d is '%s', not '%s', of\n%s", row, found, begins, stage->text);
}

int cursor(const struct stage *stage)
{
	const struct grid *grid = &stage->tui.grid;

	for (int i = FIRST_ROW; i < grid->lines - 1; i++)
		if (grid_line(grid, i)->look & LOOK_REVERSE)
			return i - FIRST_ROW;
	return -1;
}

const char *cell(struct stage *stage, int row, const char *column)
{
	static char found[64];
	char heading[1024], text[1024];
	const char *name;
	size_t to, from;

	snprintf(heading, sizeof(heading), "%s", line(stage, HEADING));
	snprintf(text, sizeof(text), "%s", line(stage, FIRST_ROW + row));
	for (name = strstr(heading, column);; name = strstr(name + 1, column)) {
		if (!name)
			fail_msg("no column %s in '%s'", column, heading);
		if (name == heading || name[-1] == ' ')
			break;
	}
	to = (size_t)(name - heading) + strcspn(name, " ");
	assert_true(to <= strlen(text));
	for (from = to; from && text[from - 1] != ' ';)
		from--;
	snprintf(found, sizeof(found), "%.*s", (int)(to - from), text + from);
	return found;
}

void expect_cell(struct stage *stage, int row, const char *column, const char *expected)
{
	const char *found = cell(stage, row, column);

	if (strcmp(found, expected))
		fail_msg("row %d has %s '%s', not '%s', in\n%s", row, column, found, expected,
			 stage->text);
}

void write_to(struct stage *stage, int code, const char *path)
{
	press(stage, code);
	expect(stage, "the last minutes): exitstat-2026");
	for (int i = 0; i < 40; i++)
		press(stage, KEY_IS_BACKSPACE);
	type(stage, path);
	press(stage, KEY_IS_ENTER);
}
