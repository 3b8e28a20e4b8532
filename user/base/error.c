// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/printable.h"

int fail(struct error *err, int status, const char *fmt, ...)
{
	va_list args;

	err->status = status;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	/* One line, whatever the user typed. */
	make_printable(err->text);
	return -1;
}
