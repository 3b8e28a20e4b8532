// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"

int fail(struct error *err, int status, const char *fmt, ...)
{
	va_list args;

	err->status = status;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	/* One line, whatever the user typed. */
	for (char *p = err->text; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = '?';
	return -1;
}
