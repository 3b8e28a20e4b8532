// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "base/clock.h"
#include "metrics/text.h"

/* --- families ------------------------------------------------------------------ */

void text_family(struct metrics_text *text, const struct family *family)
{
	text->family = family;
	text->begun = false;
}

/*
 * OpenMetrics names a family without the suffix that its samples have; to Prometheus the family
 * is called as its samples are.
 */
static const char *suffix_of(const struct family *family)
{
	return family->type == FAMILY_COUNTER ? "_total"
	       : family->type == FAMILY_INFO  ? "_info"
					      : "";
}

static void begin(struct metrics_text *text)
{
	static const char *const types[METRICS_FORMATS][4] = {
		{ "counter", "gauge", "histogram", "gauge" },
		{ "counter", "gauge", "histogram", "info" },
	};
	const struct family *family = text->family;
	bool open = text->format == METRICS_OPENMETRICS;
	const char *suffix = open ? "" : suffix_of(family);

	if (text->begun)
		return;
	text->begun = true;
	fprintf(text->out, "# HELP %s%s %s\n", family->name, suffix, family->help);
	fprintf(text->out, "# TYPE %s%s %s\n", family->name, suffix,
		types[text->format][family->type]);
	if (open && family->unit)
		fprintf(text->out, "# UNIT %s %s\n", family->name, family->unit);
}

/* --- samples ------------------------------------------------------------------- */

static void put_escaped(FILE *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' || *value == '"')
			putc('\\', out);
		if (*value == '\n')
			fputs("\\n", out);
		else
			putc(*value, out);
	}
}

static void put_label(FILE *out, const struct label *label, bool first)
{
	fprintf(out, "%c%s=\"", first ? '{' : ',', label->name);
	put_escaped(out, label->value);
	putc('"', out);
}

/* Up to the blank before the value; le: one label more, NULL: none. False: it is only counted. */
static bool put_name(struct metrics_text *text, const char *suffix, const struct label *labels,
		     size_t n, const char *le)
{
	FILE *out = text->out;

	text->series++;
	if (text->counts_only)
		return false;
	begin(text);
	fputs(text->family->name, out);
	fputs(suffix, out);
	for (size_t i = 0; i < n; i++)
		put_label(out, &labels[i], !i);
	if (le)
		put_label(out, &(struct label){ "le", le }, !n);
	fputs(n || le ? "} " : " ", out);
	return true;
}

#define SECONDS_LEN 32

/* All of it, without the zeros at its end. */
static void seconds(char value[SECONDS_LEN], uint64_t ns)
{
	int len = snprintf(value, SECONDS_LEN, "%llu.%09llu", ns / NS_PER_SEC, ns % NS_PER_SEC);

	while (value[len - 1] == '0')
		value[--len] = '\0';
	if (value[len - 1] == '.')
		value[--len] = '\0';
}

/*
 * As Go writes a number: whoever tells it on, as node_exporter does, writes it so, and it has to be
 * the same label wherever it comes from.
 */
static void edge(char value[SECONDS_LEN], uint64_t ns)
{
	snprintf(value, SECONDS_LEN, "%.15g", (double)ns / NS_PER_SEC);
}

static void put_number(struct metrics_text *text, const char *suffix, const struct label *labels,
		       size_t n, const char *le, uint64_t value)
{
	if (put_name(text, suffix, labels, n, le))
		fprintf(text->out, "%" PRIu64 "\n", value);
}

static void put_seconds(struct metrics_text *text, const char *suffix, const struct label *labels,
			size_t n, uint64_t ns)
{
	char value[SECONDS_LEN];

	if (!put_name(text, suffix, labels, n, NULL))
		return;
	seconds(value, ns);
	fprintf(text->out, "%s\n", value);
}

void text_number(struct metrics_text *text, const struct label *labels, size_t n, uint64_t value)
{
	put_number(text, suffix_of(text->family), labels, n, NULL, value);
}

void text_seconds(struct metrics_text *text, const struct label *labels, size_t n, uint64_t ns)
{
	put_seconds(text, suffix_of(text->family), labels, n, ns);
}

void text_histogram(struct metrics_text *text, const struct label *labels, size_t n,
		    const struct total *total)
{
	char le[SECONDS_LEN];
	uint64_t count = 0;

	for (unsigned int i = 0; i < BANDS; i++) {
		count += total->bands[i];
		if (i < EDGES)
			edge(le, edge_ns(i));
		put_number(text, "_bucket", labels, n, i < EDGES ? le : "+Inf", count);
	}
	put_number(text, "_count", labels, n, NULL, count);
	put_seconds(text, "_sum", labels, n, total->sum_ns);
}

void text_end(struct metrics_text *text)
{
	if (text->format == METRICS_OPENMETRICS)
		fputs("# EOF\n", text->out);
}
