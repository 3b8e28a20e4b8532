// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/command.h"
#include "cmd/trace_run.h"

static const char doc[] =
	"Record the exits of KVM guests into a file, as they come, until Ctrl-C or the end of CMD: "
	"per interval what has changed since the one before, compressed."
	"\v"
	"Whatever becomes of this process, the file has all up to the last whole interval, and says "
	"whether it is whole. 'exitstat-bpf report FILE' shows what is in it.\n"
	"\n"
	"Exit status: 0 ok (with CMD: its status), 1 failed, 2 wrong usage, 3 this host cannot "
	"(no root, no KVM, no BTF); each with one line that says what to do.";

static int run(int argc, char **argv, struct error *err)
{
	struct trace_options options;
	int ret = trace_options_parse_record(&options, doc, argc, argv, err);

	if (ret)
		return ret;
	ret = trace_run(&options, err);
	trace_options_free(&options);
	return ret;
}

const struct command record_command = {
	"record",
	"Record exits into a file, for 'report' and others",
	run,
};
