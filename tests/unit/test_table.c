// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/table.h"
#include "unit.h"

static const struct table_column columns[] = {
	{ "NAME", .left = true },
	{ "N", .width = 4, .gap = 1 },
	{ "WHAT", .width = 2, .gap = 2, .left = true, .fixed = true },
	{ "SUM", .gap = 2 },
};

static void assert_prints(struct table *table, bool header, const char *expected)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(table_print(table, out, header), 0);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, expected);
	free(text);
}

static void test_columns_are_as_wide_as_what_is_in_them(void **state)
{
	struct table table = { .columns = columns, .ncolumns = COUNT(columns) };

	(void)state;
	table_add(&table, "a");
	table_add(&table, "%d", 1);
	table_add(&table, "b");
	table_add(&table, "%d", 12345);
	table_add(&table, "%s", "a longer name");
	table_add(&table, "%d", 12);
	table_add(&table, "cde");
	table_add(&table, "6");
	assert_prints(&table, true,
		      "NAME             N  WHAT    SUM\n"
		      "a                1  b   12345\n"
		      "a longer name   12  cde      6\n");
}

/* Where nothing is above them, names need no room. */
static void test_no_header(void **state)
{
	struct table table = { .columns = columns, .ncolumns = COUNT(columns) };

	(void)state;
	table_add(&table, "a");
	table_add(&table, "1");
	table_fill_row(&table, "-");
	table_fill_row(&table, "the row is full");
	assert_prints(&table, false, "a    1  -   -\n");
}

static void test_no_rows_and_again(void **state)
{
	struct table table = { .columns = columns, .ncolumns = COUNT(columns) };

	(void)state;
	assert_prints(&table, true, "NAME    N  WHAT  SUM\n");
	assert_prints(&table, false, "");
	table_add(&table, "a");
	table_fill_row(&table, "1");
	assert_prints(&table, false, "a    1  1   1\n");
	assert_prints(&table, false, "");
}

static void test_long_cells_are_whole(void **state)
{
	static const struct table_column one[] = { { .name = "X" } };
	struct table table = { .columns = one, .ncolumns = 1 };
	char text[1024], line[1026];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	table_add(&table, "%s", text);
	snprintf(line, sizeof(line), "%s\n", text);
	assert_prints(&table, false, line);
}

/* Of cells that are padded, or bring blanks of their own. */
static void test_no_line_ends_with_blanks(void **state)
{
	static const struct table_column marked[] = {
		{ "CHANGE ", .width = 8 },
		{ "MORE ", .width = 6, .gap = 1 },
		{ .name = "", .left = true, .gap = 1 },
	};
	struct table table = { .columns = marked, .ncolumns = COUNT(marked) };

	(void)state;
	table_add(&table, "+1.0%% ");
	table_add(&table, "+20.0%%*");
	table_add(&table, "?");
	table_add(&table, "+30.0%%*");
	table_add(&table, "- ");
	table_add(&table, "%s", "");
	table_add(&table, "%s", " ");
	table_fill_row(&table, "");
	assert_prints(&table, true,
		      " CHANGE    MORE\n"
		      "  +1.0%  +20.0%* ?\n"
		      " +30.0%*      -\n"
		      "\n");
}

static void test_no_memory(void **state)
{
	struct table table = { .columns = columns, .ncolumns = COUNT(columns), .no_memory = true };
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	table_add(&table, "a");
	table_fill_row(&table, "-");
	assert_int_equal(table_print(&table, out, true), -ENOMEM);
	assert_int_equal(fclose(out), 0);
	assert_string_equal(text, "");
	assert_false(table.no_memory);
	free(text);
}

UNIT_TESTS(table)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_columns_are_as_wide_as_what_is_in_them),
		cmocka_unit_test(test_no_header),
		cmocka_unit_test(test_no_rows_and_again),
		cmocka_unit_test(test_long_cells_are_whole),
		cmocka_unit_test(test_no_line_ends_with_blanks),
		cmocka_unit_test(test_no_memory),
	};

	RUN_GROUP(tally, "table", tests);
}
