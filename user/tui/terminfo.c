// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "tui/terminfo.h"

/* Lines: a name, a blank, its description. */
__asm__(".section .rodata\n"
	"descriptions:\n"
	".incbin \"" EXITSTAT_TERMINFO "\"\n"
	".byte 0\n"
	".previous\n");

extern const char descriptions[];

char *terminfo_of(const char *name)
{
	size_t length = strlen(name);
	const char *line = descriptions;

	for (; *line; line += strcspn(line, "\n") + 1) {
		if (strncmp(line, name, length) || line[length] != ' ')
			continue;
		line += length + 1;
		return strndup(line, strcspn(line, "\n"));
	}
	return NULL;
}
