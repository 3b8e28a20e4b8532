// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tui/head.h"
#include "tui/text.h"

/* From the first line that the cursor has gone to, which is kept within the text. */
static void draw(struct tui *tui, char *text, struct lines lines)
{
	struct place *place = state_place(tui);
	size_t n = 0, number = 0;
	char *line, *next;

	for (line = text; (line = strchr(line, '\n')); line++)
		n++;
	tui->nkeys = 0;
	if (n < place->top + (size_t)lines.n)
		place->top = n > (size_t)lines.n ? n - (size_t)lines.n : 0;
	for (line = text; *line; line = next, number++) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (number >= place->top && number < place->top + (size_t)lines.n)
			grid_print(&tui->grid, lines.first + (int)(number - place->top), 0, -1,
				   LOOK_PLAIN, "%s", line);
	}
	if (n > place->top + (size_t)lines.n)
		grid_print(&tui->grid, HEAD_LINES - 1, tui->grid.columns - 20, 20, LOOK_DIM,
			   "%8zu below: Down", n - place->top - (size_t)lines.n);
}

int text_draw(struct tui *tui, struct lines lines, int (*print)(FILE *out, const void *arg),
	      const void *arg)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int err = out ? print(out, arg) : -ENOMEM;

	if (out && fclose(out))
		err = -ENOMEM;
	if (!err)
		draw(tui, text, lines);
	free(text);
	return err;
}
