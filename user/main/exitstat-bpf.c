// SPDX-License-Identifier: GPL-2.0-only
#include <locale.h>

#include "base/array.h"
#include "base/process.h"
#include "cmd/command.h"

/* The first is what runs without a name. */
static const struct command *const commands[] = {
	&trace_command, &top_command,	&record_command,  &report_command,  &diff_command,
	&serve_command, &audit_command, &compare_command, &explain_command,
};

int main(int argc, char **argv)
{
	process_prepare();
	/* Only for what is a character: numbers stay as in the C locale. */
	setlocale(LC_CTYPE, "C.UTF-8");
	return commands_run("exitstat-bpf", commands, COUNT_OF(commands), argc, argv);
}
