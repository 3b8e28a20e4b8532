// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/version.h"

int args_wrong(struct error *err, const char *option, const char *arg, const char *expected)
{
	fail(err, STATUS_USAGE, "%s '%s': expected %s", option, arg, expected);
	return EINVAL;
}

int args_time(struct error *err, const char *option, const char *arg, uint64_t *ns)
{
	if (parse_seconds(arg, NS_PER_SEC / 100, 1000000 * NS_PER_SEC, ns))
		return args_wrong(err, option, arg, "seconds, from 0.01 to 1000000");
	return 0;
}

int args_file(struct error *err, const char *option, const char *arg, const char **file)
{
	if (!*arg)
		return args_wrong(err, option, arg, "a file's name, or -");
	*file = arg;
	return 0;
}

static bool asks_for_text(const char *arg)
{
	static const char *const options[] = { "--help", "-?", "--usage", "--version", "-V" };

	for (size_t i = 0; i < COUNT_OF(options); i++)
		if (!strcmp(arg, options[i]))
			return true;
	return false;
}

/* A parser, and how far all of them have come. */
struct progress {
	const struct argp *argp;
	void *input;
	int *at; /* the argument to be looked at next */
	struct progress *child;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct progress *progress = state->input;
	error_t ret;

	if (key >= ARGP_KEY_ARG && key < ARGP_KEY_END)
		*progress->at = state->next;
	state->input = progress->input;
	ret = progress->argp->parser(key, arg, state);
	if (key == ARGP_KEY_INIT && progress->child) {
		progress->child->input = state->child_inputs[0];
		state->child_inputs[0] = progress->child;
	}
	return ret;
}

/*
 * argp and getopt print two lines for a wrong option; ours is one line, so argp
 * is silenced, and --help and --version are seen to by a pass of their own.
 */
int args_parse(const struct argp *tool, const char *program, int argc, char **argv, void *input,
	       struct error *err)
{
	static char version[128];
	int at = 1, ret;
	struct progress below = { .at = &at }, top = { tool, input, &at, NULL };
	struct argp argp = *tool, child = { 0 };
	struct argp_child children[] = { { .argp = &child }, { 0 } };

	argp.parser = parse_option;
	if (tool->children) {
		below.argp = tool->children[0].argp;
		child = *below.argp;
		child.parser = parse_option;
		argp.children = children;
		top.child = &below;
	}
	snprintf(version, sizeof(version), "%s %s", program, exitstat_version);
	argp_program_version = version;
	err->text[0] = '\0';
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (asks_for_text(argv[i]))
			argp_parse(&argp, 2, (char *[]){ argv[0], argv[i], NULL }, 0, NULL, &top);

	ret = argp_parse(&argp, argc, argv,
			 ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_IN_ORDER, NULL, &top);
	if (!ret)
		return 0;
	if (err->text[0])
		return -1;
	if (ret == ENOMEM)
		return fail(err, STATUS_FAILED, "out of memory");
	return fail(err, STATUS_USAGE, "option '%s' is not known or lacks its value: see --help",
		    at < argc ? argv[at] : "");
}
