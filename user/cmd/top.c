// SPDX-License-Identifier: GPL-2.0-only
#include "cmd/command.h"
#include "cmd/replay.h"
#include "cmd/trace_run.h"

static const char doc[] =
	"Watch the exits of KVM guests on the whole terminal: the VMs at a glance, from there each "
	"VM, vCPU and reason, and the last ten minutes. '?' shows the keys."
	"\v"
	"Without a terminal, each interval is printed as lines; where TERM is dumb, as a table. The "
	"last 10 minutes are kept, in at most 64 MiB: where that is too little, those that are older "
	"than a minute lie further apart.\n"
	"\n"
	"Exit status: 0 ok (with CMD: its status), 1 failed, 2 wrong usage, 3 this host, or this "
	"file, cannot; each with one line that says what to do.";

static int run(int argc, char **argv, struct error *err)
{
	struct trace_options options;
	int ret = trace_options_parse_top(&options, doc, argc, argv, err);

	if (ret)
		return ret;
	ret = options.replay ? replay_run(&options, err) : trace_run(&options, err);
	trace_options_free(&options);
	return ret;
}

const struct command top_command = {
	"top",
	"Watch exits on the whole terminal; also of a file",
	run,
};
