/* SPDX-License-Identifier: GPL-2.0-only */
/* What a program of several commands does with its first argument. */
#ifndef EXITSTAT_CMD_COMMAND_H
#define EXITSTAT_CMD_COMMAND_H

#include <stddef.h>

#include "base/error.h"

struct command {
	const char *name;
	const char *summary; /* a line, for help */
	/* argv[0] is the name by which its own help calls it. An exit status, or -1 with err. */
	int (*run)(int argc, char **argv, struct error *err);
};

extern const struct command audit_command, compare_command, diff_command, explain_command,
	record_command, report_command, serve_command, top_command, trace_command;

/* Run the one that is named, the first if none is, or tell about them. An exit status. */
int commands_run(const char *program, const struct command *const commands[], size_t n, int argc,
		 char **argv);

#endif
