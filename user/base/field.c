// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/field.h"

#define COLUMNS 80

void print_field(FILE *out, struct field_layout layout, const char *label, const char *text)
{
	size_t room = (size_t)(COLUMNS - layout.indent - layout.width);

	while (*text) {
		size_t len = strlen(text);

		/* A word that is longer than a line is broken. */
		if (len > room) {
			for (len = room; len && text[len] != ' ';)
				len--;
			len = len ?: room;
		}
		fprintf(out, "%*s%-*s%.*s\n", layout.indent, "", layout.width, label, (int)len,
			text);
		text += len;
		text += *text == ' ';
		label = "";
	}
}
