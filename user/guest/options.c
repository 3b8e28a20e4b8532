// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/number.h"
#include "guest/options.h"

static const char doc[] =
	"Show the exits of the KVM guest that this runs in, per reason, as its host's KVM counts "
	"them; the host's KVM must have exitstat's patch. Needs no root."
	"\v"
	"Cycles are of the host's TSC. HANDLED: from the exit until KVM's handler has returned; "
	"AWAY: until the next VM entry, user space and blocking included.\n"
	"\n"
	"Exit status: 0 ok, 1 failed, 2 wrong usage, 3 nobody answers here; each with one line "
	"that says what to do.";

static const struct argp_option table[] = {
	{ "all", 'a', NULL, 0, "Show all defined reasons, not only those that happened", 0 },
	{ "reason", 'r', "REASON", 0, "Only this reason, a name or number (repeatable)", 0 },
	{ "watch", 'w', "SEC", 0, "Read every SEC seconds, until Ctrl-C, and show the growth", 0 },
	{ "count", 'n', "N", 0, "With --watch: stop after N readings", 0 },
	{ "json", 'j', "FILE", OPTION_ARG_OPTIONAL,
	  "Write the readings as JSON to stdout, or to FILE (also: --json FILE)", 0 },
	{ 0 },
};

struct parse {
	struct guest_options *options;
	struct error *err;
};

/* getopt takes no optional value from the next word; people write it there. */
static int take_word(struct parse *parse, const char *word, const char *before)
{
	if (strcmp(before, "--json") && strcmp(before, "-j"))
		return args_wrong(parse->err, "argument", word, "an option");
	return args_file(parse->err, "--json", word, &parse->options->json);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct guest_options *options = parse->options;

	switch (key) {
	case 'a':
		options->all = true;
		return 0;
	case 'r':
		return filters_add(&options->filters, &options->nfilters, arg, parse->err);
	case 'w':
		return args_time(parse->err, "--watch", arg, &options->watch_ns);
	case 'n':
		if (parse_u64(arg, 1, 1000000, &options->count))
			return args_wrong(parse->err, "--count", arg, "a number from 1 to 1000000");
		return 0;
	case 'j':
		return args_file(parse->err, "--json", arg ?: "-", &options->json);
	case ARGP_KEY_ARG:
		return take_word(parse, arg, state->argv[state->next - 2]);
	case ARGP_KEY_END:
		if (!options->count || options->watch_ns)
			return 0;
		fail(parse->err, STATUS_USAGE, "--count says how often to --watch: give both");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.doc = doc,
};

int guest_options_parse(struct guest_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { .options = options, .err = err };

	memset(options, 0, sizeof(*options));
	if (!args_parse(&argp, "exitstat-guest", argc, argv, &parse, err))
		return 0;
	guest_options_free(options);
	return -1;
}

void guest_options_free(struct guest_options *options)
{
	free(options->filters);
	memset(options, 0, sizeof(*options));
}
