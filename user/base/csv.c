// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "base/csv.h"
#include "base/printable.h"

#define TEXT_LEN 256

void csv_text(FILE *out, const char *text)
{
	char copy[TEXT_LEN];

	copy_cut(copy, sizeof(copy), text);
	make_printable(copy);
	if (!strpbrk(copy, ",\"")) {
		fputs(copy, out);
		return;
	}
	fputc('"', out);
	for (const char *c = copy; *c; c++) {
		if (*c == '"')
			fputc('"', out);
		fputc(*c, out);
	}
	fputc('"', out);
}
