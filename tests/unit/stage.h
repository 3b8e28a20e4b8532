/* SPDX-License-Identifier: GPL-2.0-only */
/* The full-screen view of a made-up host, without a terminal: what stands in its cells. */
#ifndef EXITSTAT_TESTS_UNIT_STAGE_H
#define EXITSTAT_TESTS_UNIT_STAGE_H

#include "synthetic.h"
#include "tui/tui.h"

#define HEADING	  4
#define FIRST_ROW 5

/* Three VMs with two vCPUs each, unless it is asked for others. */
struct stage {
	struct synthetic host;
	struct tui tui;
	char *text;
};

/* Twelve seconds, on a screen of 24 lines and 100 columns; or however many. */
void begin(struct stage *stage);
void begin_sized(struct stage *stage, unsigned int vms, unsigned int vcpus, int lines, int columns,
		 int seconds);
void end(struct stage *stage);
/* A second more. */
void take(struct stage *stage);
void press(struct stage *stage, int key);
void type(struct stage *stage, const char *text);
/* With the key that writes: to this file. */
void write_to(struct stage *stage, int code, const char *path);

/* All that is on the screen; a line of it, both until the next one is asked for. */
const char *screen(struct stage *stage);
const char *line(struct stage *stage, int number);
/* Which row the cursor is on; -1: none. */
int cursor(const struct stage *stage);
/* What stands in a row below this heading, which numbers are aligned to the right of. */
const char *cell(struct stage *stage, int row, const char *column);

void expect(struct stage *stage, const char *text);
void expect_none(struct stage *stage, const char *text);
void expect_row(struct stage *stage, int row, const char *begins);
void expect_cell(struct stage *stage, int row, const char *column, const char *expected);

#endif
