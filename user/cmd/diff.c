// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "base/number.h"
#include "base/outfile.h"
#include "base/sysfile.h"
#include "cmd/command.h"
#include "cmd/diff.h"
#include "cmd/host_options.h"
#include "diff/document.h"
#include "diff/print.h"

/* --- options ------------------------------------------------------------------------------ */

static const char doc[] =
	"Tell what differs from A to B, reason by reason, and which of it by more than the noise "
	"between intervals. A and B are files that 'exitstat-bpf record' or 'exitstat-bpf --json "
	"--snapshots' wrote, or parts of one: FILE@FROM..TO, of which one may be left out. Needs no "
	"root and no KVM."
	"\v"
	"FROM and TO are as of 'exitstat-bpf report'. A CONDITION is REASON.METRIC>N, as in "
	"'CPUID.p99>+20%': METRIC is count, time, share, avg, p50, p90, p99 or max; +N or -N is a "
	"change, N a limit of B. The man page has all of it, and how noise is known.\n"
	"\n"
	"Exit status: 0 ok, 1 failed, or a condition did, 2 wrong usage, 3 a file cannot be read, "
	"or has not what is asked for.";

enum {
	KEY_BY = KEY_COMMANDS_OWN,
	KEY_FAIL_IF,
	KEY_LEAST,
};

static const struct argp_option table[] = {
	{ "by", KEY_BY, "WHAT", 0, "Of all VMs together: reason (default); or of each: vm", 0 },
	{ "reason", 'r', "REASON", 0, "Only this reason, a name or number (repeatable)", 0 },
	{ "least", KEY_LEAST, "PERCENT", 0, "The smallest change that matters (default 5)", 0 },
	{ "fail-if", KEY_FAIL_IF, "CONDITION", 0,
	  "Status 1, and say so, if that is so, or cannot be known (repeatable)", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write all of it to FILE as JSON, too; - is stdout", 0 },
	{ 0 },
};

struct parse {
	struct diff_options *options;
	struct error *err;
};

static int parse_by(struct parse *parse, const char *arg)
{
	parse->options->by_vm = !strcmp(arg, "vm");
	if (parse->options->by_vm || !strcmp(arg, "reason"))
		return 0;
	return args_wrong(parse->err, "--by", arg, "vm or reason");
}

static int parse_least(struct parse *parse, const char *arg)
{
	uint64_t billionths;

	if (parse_seconds(arg, 0, 1000000000000, &billionths))
		return args_wrong(parse->err, "--least", arg, "percent, from 0 to 1000");
	parse->options->least = (double)billionths / 1e11;
	return 0;
}

/* A file can have an @ in its name: that there is such a one decides. */
static int add_file(struct parse *parse, const char *arg)
{
	struct diff_options *options = parse->options;
	struct diff_file *file = &options->files[options->nfiles];
	const char *at = strrchr(arg, '@');

	if (options->nfiles == COUNT_OF(options->files))
		return args_wrong(parse->err, "argument", arg, "two files only");
	if (at && !file_exists(arg) && part_times_parse(&file->times, at + 1))
		return args_wrong(parse->err, "argument", arg,
				  "FILE@FROM..TO, each " PART_TIME_EXPECTED);
	if (at && !file_exists(arg))
		file->name = strndup(arg, (size_t)(at - arg));
	else
		file->name = strdup(arg);
	if (!file->name)
		return ENOMEM;
	options->nfiles++;
	if (!*file->name)
		return args_wrong(parse->err, "argument", arg, "a file's name");
	return 0;
}

static int add_text(struct diff_options *options, const char *arg)
{
	const char **place = array_append(&options->texts, &options->ntexts, sizeof(*place));

	if (!place)
		return ENOMEM;
	*place = arg;
	return 0;
}

/* When it is known whether VMs are apart. */
static int parse_conditions(struct parse *parse)
{
	struct diff_options *options = parse->options;
	int err = 0;

	for (size_t i = 0; i < options->ntexts && !err; i++) {
		struct condition *condition = array_append(
			&options->conditions, &options->nconditions, sizeof(*condition));

		err = condition ? condition_parse(condition, options->texts[i], options->by_vm,
						  parse->err)
				: ENOMEM;
	}
	return err;
}

static error_t check(struct parse *parse)
{
	const struct diff_options *options = parse->options;

	if (options->nfiles == 2 &&
	    (strcmp(options->files[0].name, "-") || strcmp(options->files[1].name, "-")))
		return parse_conditions(parse);
	fail(parse->err, STATUS_USAGE,
	     options->nfiles < 2 ? "give two files, or two parts of one: see --help"
				 : "standard input can be read only once: give a file");
	return EINVAL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct diff_options *options = parse->options;

	switch (key) {
	case KEY_BY:
		return parse_by(parse, arg);
	case 'r':
		return filters_add(&options->filters, &options->nfilters, arg, parse->err);
	case KEY_LEAST:
		return parse_least(parse, arg);
	case KEY_FAIL_IF:
		return add_text(options, arg);
	case KEY_JSON:
		return args_file(parse->err, "--json", arg, &options->json);
	case ARGP_KEY_ARG:
		return add_file(parse, arg);
	case ARGP_KEY_END:
		return check(parse);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "A[@FROM..TO] B[@FROM..TO]",
	.doc = doc,
};

int diff_options_parse(struct diff_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { .options = options, .err = err };

	*options = (struct diff_options){ .least = DIFFERENCE_LEAST };
	if (!args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err))
		return 0;
	diff_options_free(options);
	return -1;
}

void diff_options_free(struct diff_options *options)
{
	for (size_t i = 0; i < COUNT_OF(options->files); i++)
		free(options->files[i].name);
	free(options->filters);
	free(options->conditions);
	free(options->texts);
	*options = (struct diff_options){ 0 };
}

/* --- what it does --------------------------------------------------------------------------- */

static int write_json(const char *json, const struct difference *difference,
		      const struct checks *checks, struct error *err)
{
	json_t *doc;
	int ret;

	if (!json)
		return 0;
	doc = difference_document(difference, checks);
	if (!doc)
		return fail(err, STATUS_FAILED, "out of memory for the JSON");
	ret = outfile_write(json, doc, err);
	json_decref(doc);
	return ret;
}

static int tell(const struct diff_options *options, const struct difference *difference,
		struct error *err)
{
	struct checks checks;
	int ret, told;

	if (conditions_check(&checks, difference, options->conditions, options->nconditions)) {
		checks_free(&checks);
		return fail(err, STATUS_FAILED, "out of memory for the conditions");
	}
	/* The file first: a closed terminal must not cost the numbers. */
	ret = write_json(options->json, difference, &checks, err);
	told = ret ? 0 : difference_print(outfile_beside(options->json), difference, &checks);
	if (told)
		ret = fail(err, STATUS_FAILED, "cannot print the difference: %s", strerror(-told));
	if (!ret)
		ret = checks.failed ? STATUS_FAILED : STATUS_OK;
	checks_free(&checks);
	return ret;
}

/* Each is read twice: see diff/side.h. */
static int make(struct difference *difference, struct side sides[2], double least,
		struct error *err)
{
	if (difference_begin(difference, &sides[0], &sides[1]))
		return fail(err, STATUS_FAILED, "out of memory for the difference");
	if (side_read_intervals(&sides[0], err) || side_read_intervals(&sides[1], err))
		return -1;
	if (difference_judge(difference, least))
		return fail(err, STATUS_FAILED, "out of memory for the difference");
	return 0;
}

static int compare(const struct diff_options *options, struct side sides[2], struct error *err)
{
	const struct side_options wanted = { options->by_vm, options->filters, options->nfilters };
	struct difference difference;
	int ret;

	for (size_t i = 0; i < 2; i++)
		if (side_open(&sides[i], &wanted, options->files[i].name, &options->files[i].times,
			      err))
			return -1;
	ret = make(&difference, sides, options->least, err);
	if (!ret)
		ret = tell(options, &difference, err);
	difference_free(&difference);
	return ret;
}

static int run(int argc, char **argv, struct error *err)
{
	struct side sides[2] = { 0 };
	struct diff_options options;
	int ret = diff_options_parse(&options, argc, argv, err);

	if (!ret && options.json && outfile_check(options.json, err))
		ret = -1;
	if (!ret)
		ret = compare(&options, sides, err);
	for (size_t i = 0; i < 2; i++)
		side_close(&sides[i]);
	diff_options_free(&options);
	return ret;
}

const struct command diff_command = {
	"diff",
	"Tell what differs between two runs by more than noise, or fail if it does",
	run,
};
