// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "cmd/compare_options.h"

static const char doc[] =
	"Check what exitstat-bpf counted against what its guest read of itself: HOST is a file of "
	"'exitstat-bpf --json FILE --snapshots', GUEST one of 'exitstat-guest --json' or the "
	"pasted text of Debian's 'cpuid -r', - being stdin. Needs no root and no KVM."
	"\v"
	"Counters only grow, so a number that was read between two of the host's snapshots lies "
	"between theirs: there is no tolerance. What does not fit is explained, or wrong and "
	"named.\n"
	"\n"
	"Exit status: 0 they agree, 1 they disagree, 2 wrong usage, 3 they cannot be compared.";

static const struct argp_option table[] = {
	{ "vm", 'm', "PID|NAME", 0, "Which VM of HOST, if it has more than one", 0 },
	{ "json", 'j', "FILE", 0, "Write the result to FILE as JSON; - is stdout", 0 },
	{ 0 },
};

struct parse {
	struct compare_options *options;
	struct error *err;
};

static int add_file(struct parse *parse, const char *file)
{
	struct compare_options *options = parse->options;
	const char **last;

	if (!*file)
		return args_wrong(parse->err, "argument", file, "a file's name, or -");
	if (!options->host) {
		options->host = file;
		return 0;
	}
	last = array_append(&options->guests, &options->nguests, sizeof(*last));
	if (!last)
		return ENOMEM;
	*last = file;
	return 0;
}

static int check_files(struct parse *parse)
{
	const struct compare_options *options = parse->options;
	size_t from_stdin = options->host && !strcmp(options->host, "-");

	for (size_t i = 0; i < options->nguests; i++)
		from_stdin += !strcmp(options->guests[i], "-");
	if (options->nguests && from_stdin < 2)
		return 0;
	fail(parse->err, STATUS_USAGE,
	     options->nguests ? "only one file can be stdin, -"
			      : "two files are needed, HOST and GUEST: see compare --help");
	return EINVAL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;

	switch (key) {
	case 'm':
		parse->options->vm = arg;
		return *arg ? 0 : args_wrong(parse->err, "--vm", arg, "a PID or a name");
	case 'j':
		return args_file(parse->err, "--json", arg, &parse->options->json);
	case ARGP_KEY_ARG:
		return add_file(parse, arg);
	case ARGP_KEY_END:
		return check_files(parse);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "HOST GUEST...",
	.doc = doc,
};

int compare_options_parse(struct compare_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { .options = options, .err = err };

	memset(options, 0, sizeof(*options));
	if (!args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err))
		return 0;
	compare_options_free(options);
	return -1;
}

void compare_options_free(struct compare_options *options)
{
	free(options->guests);
	memset(options, 0, sizeof(*options));
}
