// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "doc/findings.h"

struct finding *findings_add(struct findings *findings, const char *file, enum verdict verdict,
			     const char *field, ...)
{
	struct finding *last = NULL;
	va_list args;

	if (findings->n < FINDINGS_MAX) {
		last = array_append(&findings->list, &findings->n, sizeof(*last));
		findings->no_memory |= !last;
	} else {
		findings->dropped += verdict == VERDICT_DISAGREE;
	}
	last = last ?: &findings->spare;
	*last = (struct finding){ .verdict = verdict, .file = file };
	va_start(args, field);
	vsnprintf(last->field, sizeof(last->field), field, args);
	va_end(args);
	return last;
}

size_t findings_wrong(const struct findings *findings)
{
	size_t wrong = findings->dropped;

	for (size_t i = 0; i < findings->n; i++)
		wrong += findings->list[i].verdict == VERDICT_DISAGREE;
	return wrong;
}

void findings_free(struct findings *findings)
{
	free(findings->list);
	memset(findings, 0, sizeof(*findings));
}
