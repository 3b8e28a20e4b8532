// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/figures.h"

void duration(char *text, size_t size, uint64_t ns)
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = { { 1000, "us" }, { 1000000, "ms" }, { NS_PER_SEC, "s" } };
	uint64_t seconds = ns / NS_PER_SEC;
	int i = 2;

	if (ns < 1000) {
		snprintf(text, size, "%" PRIu64 "ns", ns);
	} else if (seconds >= 3600 * 1000) {
		snprintf(text, size, "%" PRIu64 "d%02uh", seconds / 86400,
			 (unsigned int)(seconds / 3600 % 24));
	} else if (seconds >= 6000) {
		snprintf(text, size, "%" PRIu64 "h%02um", seconds / 3600,
			 (unsigned int)(seconds / 60 % 60));
	} else {
		double value;

		while (i > 0 && ns < units[i].unit)
			i--;
		value = (double)ns / (double)units[i].unit;
		snprintf(text, size, "%.*f%s",
			 value < 10    ? 2
			 : value < 100 ? 1
				       : 0,
			 value, units[i].name);
	}
}

void percent(char *text, size_t size, uint64_t part, uint64_t whole)
{
	if (whole)
		snprintf(text, size, "%.2f%%", (double)part * 100.0 / (double)whole);
	else
		snprintf(text, size, "-");
}

void grouped(char *text, size_t size, uint64_t n)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t to = 0;

	for (int i = 0; i < len && to + 2 < size; i++) {
		if (i && (len - i) % 3 == 0)
			text[to++] = ',';
		text[to++] = digits[i];
	}
	text[to] = '\0';
}
