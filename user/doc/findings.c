// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "doc/findings.h"

struct finding *findings_add(struct findings *findings, const char *file)
{
	struct finding *last;

	if (findings->n >= FINDINGS_MAX) {
		findings->dropped++;
		return NULL;
	}
	last = array_append(&findings->list, &findings->n, sizeof(*last));
	if (!last) {
		findings->no_memory = true;
		return NULL;
	}
	memset(last, 0, sizeof(*last));
	last->file = file;
	return last;
}

static void format(char *to, size_t size, const char *fmt, va_list args)
{
	if (to)
		vsnprintf(to, size, fmt, args);
}

void finding_field(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format(finding ? finding->field : NULL, sizeof(finding->field), fmt, args);
	va_end(args);
}

void finding_value(struct finding *finding, uint64_t value)
{
	if (finding)
		snprintf(finding->value, sizeof(finding->value), "%" PRIu64, value);
}

void finding_expected(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format(finding ? finding->expected : NULL, sizeof(finding->expected), fmt, args);
	va_end(args);
}

void finding_why(struct finding *finding, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format(finding ? finding->why : NULL, sizeof(finding->why), fmt, args);
	va_end(args);
}

size_t findings_wrong(const struct findings *findings)
{
	size_t wrong = findings->dropped;

	for (size_t i = 0; i < findings->n; i++)
		wrong += !findings->list[i].explained;
	return wrong;
}

void findings_free(struct findings *findings)
{
	free(findings->list);
	memset(findings, 0, sizeof(*findings));
}
