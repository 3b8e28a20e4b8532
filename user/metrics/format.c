// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "metrics/format.h"

const char *format_type(enum metrics_format format)
{
	return format == METRICS_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

/* A part of the text, without the blanks around it. */
struct word {
	const char *text;
	size_t len;
};

/* What is before the next of these characters, which is passed over; false: nothing is left. */
static bool next_word(const char **rest, char separator, struct word *word)
{
	const char *end;

	if (!*rest)
		return false;
	*rest += strspn(*rest, " \t");
	end = strchr(*rest, separator);
	*word = (struct word){ *rest, end ? (size_t)(end - *rest) : strlen(*rest) };
	while (word->len && strchr(" \t", word->text[word->len - 1]))
		word->len--;
	*rest = end ? end + 1 : NULL;
	return true;
}

static bool is(const struct word *word, const char *text)
{
	return word->len == strlen(text) && !strncasecmp(word->text, text, word->len);
}

/* "0.25" in thousandths; what is none is 0, so that it is not taken. */
static unsigned int quality(const struct word *word)
{
	unsigned int value = 0, scale = 1000;

	if (!word->len || word->len > 5 || (word->len > 1 && word->text[1] != '.'))
		return 0;
	for (size_t i = 0; i < word->len; i++) {
		if (i == 1)
			continue;
		if (word->text[i] < '0' || word->text[i] > '9')
			return 0;
		value += scale * (unsigned int)(word->text[i] - '0');
		scale /= 10;
	}
	return value <= 1000 ? value : 0;
}

struct range {
	unsigned int quality;
	bool other_version; /* than we have of OpenMetrics */
};

static void take_parameter(struct range *range, struct word parameter)
{
	if (parameter.len > 2 && !strncasecmp(parameter.text, "q=", 2)) {
		const struct word value = { parameter.text + 2, parameter.len - 2 };

		range->quality = quality(&value);
	} else if (parameter.len >= 8 && !strncasecmp(parameter.text, "version=", 8)) {
		range->other_version = !is(&parameter, "version=1.0.0") &&
				       !is(&parameter, "version=\"1.0.0\"");
	}
}

/* What one media range says of the formats; of several the one that names it most exactly counts.
 */
static void take_range(struct word media, unsigned int qualities[METRICS_FORMATS],
		       unsigned int exactness[METRICS_FORMATS])
{
	static const char *const names[METRICS_FORMATS][3] = {
		{ "*/*", "text/*", "text/plain" },
		{ "", "application/*", "application/openmetrics-text" },
	};
	struct range range = { .quality = 1000 };
	char text[256];
	const char *rest = text;
	struct word type, parameter;

	if (media.len >= sizeof(text))
		return;
	memcpy(text, media.text, media.len);
	text[media.len] = '\0';
	next_word(&rest, ';', &type);
	while (next_word(&rest, ';', &parameter))
		take_parameter(&range, parameter);
	for (int format = 0; format < METRICS_FORMATS; format++) {
		for (unsigned int i = 0; i < 3; i++) {
			if (!type.len || !is(&type, names[format][i]) ||
			    i + 1 < exactness[format] ||
			    (format == METRICS_OPENMETRICS && range.other_version))
				continue;
			if (i + 1 > exactness[format] || range.quality > qualities[format])
				qualities[format] = range.quality;
			exactness[format] = i + 1;
		}
	}
}

enum metrics_format format_choose(const char *accept)
{
	unsigned int qualities[METRICS_FORMATS] = { 0 }, exactness[METRICS_FORMATS] = { 0 };
	struct word media;

	while (next_word(&accept, ',', &media))
		if (media.len)
			take_range(media, qualities, exactness);
	return qualities[METRICS_OPENMETRICS] &&
			       qualities[METRICS_OPENMETRICS] >= qualities[METRICS_PROMETHEUS]
		       ? METRICS_OPENMETRICS
		       : METRICS_PROMETHEUS;
}
