// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "cmd/command.h"
#include "cmd/host_options.h"
#include "cmd/report_file.h"

static const char doc[] =
	"Show what FILE has of a run: one that 'exitstat-bpf record' or 'exitstat-bpf --json' wrote; "
	"of all its time, or of a part. Needs no root and no KVM."
	"\v"
	"TIME is seconds since the start of the run, such as 12.5, or a time of day here, such as "
	"14:03:20 or 2026-11-28T14:03:20. What is shown is from one moment that the file has to "
	"another one: which they are is said. - is stdin.\n"
	"\n"
	"Exit status: 0 ok, 1 failed, 2 wrong usage, 3 FILE cannot be read, or has not what is "
	"asked for.";

enum {
	KEY_FROM = KEY_COMMANDS_OWN,
	KEY_TO,
	KEY_PER,
	KEY_BY,
	KEY_SORT,
	KEY_COLUMNS,
	KEY_HISTOGRAM,
	KEY_CSV,
	KEY_HTML,
};

static const struct argp_option table[] = {
	{ "from", KEY_FROM, "TIME", 0, "Only what was from then on", 0 },
	{ "to", KEY_TO, "TIME", 0, "Only what was until then", 0 },
	{ "per", KEY_PER, "SEC", 0, "A table, or rows of --csv, for each SEC seconds of it", 0 },
	{ "pid", 'p', "PID", 0, "Only the VMs of this process (repeatable)", 0 },
	{ "vcpu", 'c', "VCPU", 0, "Only vCPUs with this number (repeatable)", 0 },
	{ "reason", 'r', "REASON", 0, "Only this reason, a name or number (repeatable)", 0 },
	{ "by", KEY_BY, "WHAT", 0, "Group by vm (default), vcpu, reason or level", 0 },
	{ "sort", KEY_SORT, "COLUMN", 0, "Sort by this column (default: time)", 0 },
	{ "columns", KEY_COLUMNS, "COLUMN,...", 0,
	  "Show these columns, in this order, of whichever table they are", 0 },
	{ "histogram", KEY_HISTOGRAM, NULL, 0, "Draw each reason's distribution", 0 },
	{ "csv", KEY_CSV, NULL, 0,
	  "Write comma-separated values instead of tables: a line for each row", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write it to FILE as JSON, too; - is stdout", 0 },
	{ "html", KEY_HTML, "FILE", 0,
	  "Write it to FILE as a page for a browser, and print no tables; - is stdout", 0 },
	{ 0 },
};

struct parse {
	struct report_options *options;
	struct error *err;
};

static int set_time(struct parse *parse, const char *option, const char *arg,
		    struct part_time *time)
{
	if (!part_time_parse(time, arg))
		return 0;
	return args_wrong(parse->err, option, arg, PART_TIME_EXPECTED);
}

static error_t check(struct parse *parse)
{
	const struct report_options *options = parse->options;

	if (!options->file)
		fail(parse->err, STATUS_USAGE, "give the file that is to be shown: see --help");
	else if (options->csv && options->histograms)
		fail(parse->err, STATUS_USAGE, "--csv has no place for --histogram: give one");
	else if (options->per_ns && options->histograms)
		fail(parse->err, STATUS_USAGE, "--per has no place for --histogram: give one");
	else if (options->html &&
		 (options->csv || options->per_ns || options->histograms || options->json))
		fail(parse->err, STATUS_USAGE,
		     "--html is all that is written then: leave out --csv, --per, --histogram and "
		     "--json");
	else if (options->csv && options->json && !strcmp(options->json, "-"))
		fail(parse->err, STATUS_USAGE,
		     "--csv and --json - both go to stdout: give --json a file");
	else
		return 0;
	return EINVAL;
}

static int set_file(struct parse *parse, const char *arg)
{
	if (parse->options->file)
		return args_wrong(parse->err, "argument", arg, "one file only");
	return args_file(parse->err, "argument", arg, &parse->options->file);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct report_options *options = parse->options;
	struct selection *selection = &options->selection;

	switch (key) {
	case KEY_FROM:
		return set_time(parse, "--from", arg, &options->times.from);
	case KEY_TO:
		return set_time(parse, "--to", arg, &options->times.to);
	case KEY_PER:
		return args_time(parse->err, "--per", arg, &options->per_ns);
	case 'p':
		return host_options_add(&selection->pids, &selection->npids, "--pid", arg, 1,
					parse->err);
	case 'c':
		return host_options_add(&selection->vcpus, &selection->nvcpus, "--vcpu", arg, 0,
					parse->err);
	case 'r':
		return filters_add(&options->filters, &options->nfilters, arg, parse->err);
	case KEY_BY:
		return table_options_by(&options->tables, arg, parse->err);
	case KEY_SORT:
		return table_options_sort(&options->tables, arg, parse->err);
	case KEY_COLUMNS:
		return table_options_columns(&options->tables, arg, parse->err);
	case KEY_HISTOGRAM:
		options->histograms = true;
		return 0;
	case KEY_CSV:
		options->csv = true;
		return 0;
	case KEY_HTML:
		return args_file(parse->err, "--html", arg, &options->html);
	case KEY_JSON:
		return args_file(parse->err, "--json", arg, &options->json);
	case ARGP_KEY_ARG:
		return set_file(parse, arg);
	case ARGP_KEY_END:
		return check(parse);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "FILE",
	.doc = doc,
};

int report_options_parse(struct report_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { .options = options, .err = err };

	*options = (struct report_options){ 0 };
	if (!args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err))
		return 0;
	report_options_free(options);
	return -1;
}

void report_options_free(struct report_options *options)
{
	table_options_free(&options->tables);
	free(options->filters);
	free(options->selection.pids);
	free(options->selection.vcpus);
	*options = (struct report_options){ 0 };
}

static int run(int argc, char **argv, struct error *err)
{
	struct report_options options;
	int ret = report_options_parse(&options, argc, argv, err);

	if (ret)
		return ret;
	ret = report_file(&options, err);
	report_options_free(&options);
	return ret;
}

const struct command report_command = {
	"report",
	"Show what a recording or document has, of any part of its time",
	run,
};
