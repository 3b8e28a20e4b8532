// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "cmd/command.h"

struct program {
	const char *name;
	const struct command *const *commands;
	size_t ncommands;
};

/* --- names ------------------------------------------------------------------ */

static const struct command *find(const struct program *program, const char *name)
{
	for (size_t i = 0; i < program->ncommands; i++)
		if (!strcmp(program->commands[i]->name, name))
			return program->commands[i];
	return NULL;
}

/* The nearest name, as another word is not meant; NULL: none is near. */
static const char *nearest(const struct program *program, const char *name)
{
	const char *best = distance("help", name) <= NEAR ? "help" : NULL;

	for (size_t i = 0; i < program->ncommands; i++) {
		const char *known = program->commands[i]->name;
		size_t to = distance(known, name);

		if (to <= NEAR && (!best || to < distance(best, name)))
			best = known;
	}
	return best;
}

static int fail_unknown(const struct program *program, const char *name, struct error *err)
{
	const char *near = nearest(program, name);

	if (near)
		return fail(err, STATUS_USAGE, "'%s' is no command: did you mean '%s'?", name,
			    near);
	return fail(err, STATUS_USAGE,
		    "'%s' is no command: '%s help' lists them; -- stands before one to trace", name,
		    program->name);
}

/* --- running them ----------------------------------------------------------- */

static int run(const struct program *program, const struct command *command, bool named, int argc,
	       char **argv, struct error *err)
{
	char title[64];

	snprintf(title, sizeof(title), "%s%s%s", program->name, named ? " " : "",
		 named ? command->name : "");
	argv[0] = title;
	return command->run(argc, argv, err);
}

static int print_list(const struct program *program, struct error *err)
{
	printf("Usage: %s [COMMAND] [OPTION...]\n\n", program->name);
	for (size_t i = 0; i < program->ncommands; i++)
		printf("  %-14s  %s\n", program->commands[i]->name, program->commands[i]->summary);
	printf("  %-14s  %s\n", "help [COMMAND]", "Tell about a command, or list them");
	printf("\nWithout a name it is %s. Each has a man page: man %s-%s\n",
	       program->commands[0]->name, program->name, program->commands[0]->name);
	if (fflush(stdout))
		return fail(err, STATUS_FAILED, "cannot print the help");
	return STATUS_OK;
}

static int help(const struct program *program, int argc, char **argv, struct error *err)
{
	char option[] = "--help", *arguments[] = { NULL, option, NULL };
	const struct command *command;

	if (argc > 2)
		return fail(err, STATUS_USAGE, "help takes one command's name");
	if (argc < 2 || !strcmp(argv[1], "help"))
		return print_list(program, err);
	command = find(program, argv[1]);
	if (!command)
		return fail_unknown(program, argv[1], err);
	return run(program, command, true, 2, arguments, err);
}

static int dispatch(const struct program *program, int argc, char **argv, struct error *err)
{
	const struct command *command;

	if (argc < 2 || argv[1][0] == '-')
		return run(program, program->commands[0], false, argc, argv, err);
	if (!strcmp(argv[1], "help"))
		return help(program, argc - 1, argv + 1, err);
	command = find(program, argv[1]);
	if (!command)
		return fail_unknown(program, argv[1], err);
	return run(program, command, true, argc - 1, argv + 1, err);
}

int commands_run(const char *name, const struct command *const commands[], size_t n, int argc,
		 char **argv)
{
	const struct program program = { name, commands, n };
	struct error err;
	int status = dispatch(&program, argc, argv, &err);

	if (status >= 0)
		return status;
	fprintf(stderr, "%s: %s\n", name, err.text);
	return err.status;
}
