// SPDX-License-Identifier: GPL-2.0-only
/*
 * A command line, a line for each word; the first says whose: trace, top, record, audit,
 * compare, explain, report, diff, serve or guest.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "bpf/exitstat.h"
#include "cmd/audit.h"
#include "cmd/compare.h"
#include "cmd/diff.h"
#include "cmd/explain.h"
#include "cmd/report.h"
#include "cmd/serve.h"
#include "cmd/trace.h"
#include "fuzz.h"
#include "guest/options.h"

#define MAX_WORDS 64

static void expect_host_options(const struct host_options *options, int argc, char **argv)
{
	const struct session_options *session = &options->session;
	char *const *command = session->command;

	EXPECT(session->interval_ns >= NS_PER_SEC / 100);
	EXPECT(session->tracer.max_vcpus && session->tracer.max_vcpus <= MAX_MAX_VCPUS);
	EXPECT(!options->json || *options->json);
	EXPECT(!command || (command > argv && command < argv + argc && *command));
}

static int parse_trace(int argc, char **argv, struct error *err)
{
	struct trace_options options;

	if (trace_options_parse(&options, argc, argv, err))
		return -1;
	expect_host_options(&options.host, argc, argv);
	EXPECT(!options.snapshots || (options.host.json && !options.nfilters));
	trace_options_free(&options);
	return 0;
}

static int parse_top(int argc, char **argv, struct error *err)
{
	struct trace_options options;

	if (trace_options_parse_top(&options, "", argc, argv, err))
		return -1;
	expect_host_options(&options.host, argc, argv);
	EXPECT(!options.record.path && !options.snapshots && !options.csv);
	EXPECT(!options.replay || (*options.replay && !options.host.session.command));
	trace_options_free(&options);
	return 0;
}

static int parse_record(int argc, char **argv, struct error *err)
{
	struct trace_options options;

	if (trace_options_parse_record(&options, "", argc, argv, err))
		return -1;
	expect_host_options(&options.host, argc, argv);
	EXPECT(*options.record.path && !options.snapshots && !options.histograms);
	EXPECT(!options.record.rotate_bytes == !options.record.rotate_files);
	trace_options_free(&options);
	return 0;
}

static int parse_audit(int argc, char **argv, struct error *err)
{
	struct audit_options options;

	if (audit_options_parse(&options, argc, argv, err))
		return -1;
	expect_host_options(&options.host, argc, argv);
	EXPECT(options.probe_cycles <= INT32_MAX);
	audit_options_free(&options);
	return 0;
}

static int parse_compare(int argc, char **argv, struct error *err)
{
	struct compare_options options;

	if (compare_options_parse(&options, argc, argv, err))
		return -1;
	EXPECT(options.host && *options.host && options.nguests);
	for (size_t i = 0; i < options.nguests; i++)
		EXPECT(*options.guests[i]);
	compare_options_free(&options);
	return 0;
}

static int parse_report(int argc, char **argv, struct error *err)
{
	struct report_options options;

	if (report_options_parse(&options, argc, argv, err))
		return -1;
	EXPECT(options.file && *options.file);
	EXPECT(!options.per_ns || options.per_ns >= NS_PER_SEC / 100);
	EXPECT(!options.csv || !options.histograms);
	EXPECT(!options.html || (*options.html && !options.csv && !options.json));
	report_options_free(&options);
	return 0;
}

static int parse_diff(int argc, char **argv, struct error *err)
{
	struct diff_options options;

	if (diff_options_parse(&options, argc, argv, err))
		return -1;
	EXPECT(options.nfiles == 2 && *options.files[0].name && *options.files[1].name);
	EXPECT(options.nconditions == options.ntexts);
	EXPECT(options.least >= 0 && options.least <= 10);
	diff_options_free(&options);
	return 0;
}

static int parse_explain(int argc, char **argv, struct error *err)
{
	struct explain_options options;

	if (explain_options_parse(&options, argc, argv, err))
		return -1;
	EXPECT(!options.isa || options.isa == EXITSTAT_ISA_VMX || options.isa == EXITSTAT_ISA_SVM);
	EXPECT(!options.reason || !options.file);
	EXPECT(!options.file || !options.isa);
	EXPECT(!options.json || options.file);
	return 0;
}

static int parse_serve(int argc, char **argv, struct error *err)
{
	struct serve_options options;

	if (serve_options_parse(&options, argc, argv, err))
		return -1;
	expect_host_options(&options.host, argc, argv);
	EXPECT(!options.host.session.command && !options.host.json);
	EXPECT(options.address.len && options.write_ns);
	EXPECT(options.max_series >= 100 && options.max_series <= SERVE_MOST_SERIES);
	serve_options_free(&options);
	return 0;
}

static int parse_guest(int argc, char **argv, struct error *err)
{
	struct guest_options options;

	if (guest_options_parse(&options, argc, argv, err))
		return -1;
	EXPECT(!options.json || *options.json);
	EXPECT(!options.count || options.watch_ns);
	guest_options_free(&options);
	return 0;
}

static const struct program {
	const char *name;
	int (*parse)(int argc, char **argv, struct error *err);
} programs[] = {
	{ "trace", parse_trace },   { "top", parse_top },	  { "record", parse_record },
	{ "audit", parse_audit },   { "compare", parse_compare }, { "explain", parse_explain },
	{ "report", parse_report }, { "diff", parse_diff },	  { "serve", parse_serve },
	{ "guest", parse_guest },
};

/* These print and exit, and no input may do that. */
static bool exits(const char *word)
{
	static const char *const words[] = { "--help", "-?", "--usage", "--version", "-V" };

	for (size_t i = 0; i < COUNT_OF(words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* Words of their own, so that what is read behind one is seen. */
static int split(const uint8_t *data, size_t size, char **argv)
{
	int argc = 0;

	while (size && argc < MAX_WORDS) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t len = end ? (size_t)(end - data) : size;
		char *word = fuzz_text(data, len);

		if (exits(word))
			free(word);
		else
			argv[argc++] = word;
		data += end ? len + 1 : len;
		size -= end ? len + 1 : len;
	}
	return argc;
}

static void parse(int argc, char **argv)
{
	char *given[MAX_WORDS + 1] = { NULL };
	struct error err;

	memcpy(given, argv, (size_t)argc * sizeof(*given));
	for (size_t i = 0; i < COUNT_OF(programs); i++)
		if (!strcmp(argv[0], programs[i].name) && programs[i].parse(argc, given, &err))
			expect_error(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[MAX_WORDS];
	int argc = split(data, size, argv);

	if (argc)
		parse(argc, argv);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return 0;
}
