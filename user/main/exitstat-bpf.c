// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "cmd/audit.h"
#include "cmd/compare_options.h"
#include "cmd/options.h"
#include "cmd/trace.h"

static int run_trace(int argc, char **argv, struct error *err)
{
	struct options options;
	int ret = options_parse(&options, argc, argv, err);

	if (ret)
		return ret;
	ret = trace(&options, err);
	options_free(&options);
	return ret;
}

static int run_audit(int argc, char **argv, struct error *err)
{
	struct options options;
	int ret = options_parse_audit(&options, argc, argv, err);

	if (ret)
		return ret;
	ret = audit(&options, err);
	options_free(&options);
	return ret;
}

/* Each returns an exit status, or -1 with err. The first is what runs without a name. */
static const struct command {
	const char *name;
	const char *title; /* what --help calls the program */
	int (*run)(int argc, char **argv, struct error *err);
} commands[] = {
	{ "", "exitstat-bpf", run_trace },
	{ "audit", "exitstat-bpf audit", run_audit },
	{ "compare", "exitstat-bpf compare", compare_command },
};

static const struct command *find_command(int argc, char **argv)
{
	for (size_t i = 1; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name))
			return &commands[i];
	return &commands[0];
}

int main(int argc, char **argv)
{
	const struct command *command = find_command(argc, argv);
	int named = command != &commands[0], ret;
	struct error err;

	/* Only for what is a character: numbers stay as in the C locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	argc -= named;
	argv += named;
	argv[0] = (char *)command->title;
	ret = command->run(argc, argv, &err);
	if (ret < 0) {
		fprintf(stderr, "exitstat-bpf: %s\n", err.text);
		ret = err.status;
	}
	return ret;
}
