// SPDX-License-Identifier: GPL-2.0-only
/* Terminals that are known without the host; tests/system/static.py uses one. */
#include <stdlib.h>
#include <string.h>

#include "tui/terminfo.h"
#include "unit.h"

static void test_known_terminals(void **state)
{
	static const char *const names[] = { "xterm", "xterm-256color", "screen", "screen-256color",
					     "tmux",  "tmux-256color",	"linux",  "vt220" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		char *text = terminfo_of(names[i]);

		assert_non_null(text);
		assert_true(!strncmp(text, "b64:", 4) && strlen(text) > 1000);
		assert_null(strpbrk(text, " \n"));
		free(text);
	}
}

/* Names come from the environment. */
static void test_other_terminals(void **state)
{
	static const char *const names[] = { "",      "x",	   "xterm-25", "xterm-256color ",
					     "dumb",  "xterm b64", "b64",      "xterm-256color\n",
					     "XTERM", "/xterm",	   "\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_null(terminfo_of(names[i]));
}

UNIT_TESTS(terminfo)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_terminals),
		cmocka_unit_test(test_other_terminals),
	};

	RUN_GROUP(tally, "terminfo", tests);
}
