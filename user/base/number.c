// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"

int parse_u64(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	int base = 10;
	char *end;

	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
		base = 16;
		text += 2;
	}
	/* strtoull() takes signs, blanks and, in hexadecimal, one more 0x. */
	if (!isxdigit((unsigned char)text[0]) || (base == 16 && strpbrk(text, "xX")))
		return -1;
	errno = 0;
	*value = strtoull(text, &end, base);
	return errno || end == text || *end || *value < min || *value > max ? -1 : 0;
}

int parse_seconds(const char *text, uint64_t min_ns, uint64_t max_ns, uint64_t *ns)
{
	const char *dot = strchr(text, '.');
	size_t whole_len = dot ? (size_t)(dot - text) : strlen(text);
	uint64_t whole, unit = NS_PER_SEC;
	char digits[16];

	if (whole_len >= sizeof(digits) || !whole_len)
		return -1;
	memcpy(digits, text, whole_len);
	digits[whole_len] = '\0';
	if (digits[1] == 'x' || digits[1] == 'X' || parse_u64(digits, 0, 1000000000, &whole))
		return -1;
	*ns = whole * NS_PER_SEC;
	if (dot && !dot[1])
		return -1;
	for (const char *p = dot ? dot + 1 : ""; *p; p++) {
		unit /= 10;
		if (!unit || !isdigit((unsigned char)*p))
			return -1;
		*ns += (uint64_t)(*p - '0') * unit;
	}
	return *ns < min_ns || *ns > max_ns ? -1 : 0;
}
