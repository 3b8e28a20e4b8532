// SPDX-License-Identifier: GPL-2.0-only
#include "base/args.h"
#include "base/number.h"
#include "cmd/audit_run.h"
#include "cmd/command.h"

static const char doc[] =
	"Check what a KVM with the patches of kernel-patch/ tells its guests through CPUID "
	"against what was counted here at that very moment, until Ctrl-C or the end of CMD."
	"\v"
	"Each number agrees; or it cannot, and it is said why, e.g. exits of other vCPUs in flight; "
	"or it is wrong.\n"
	"\n"
	"Exit status: 0 none is wrong, 1 failed or some are wrong, 2 wrong usage, 3 answers could "
	"not be checked, or nothing was, or this host cannot (no root, KVM not patched), 4 CMD "
	"failed; each with one line that says what to do.";

enum {
	KEY_COUNTERS = KEY_COMMANDS_OWN,
	KEY_PROBES,
};

static const struct argp_option table[] = {
	{ "counters", KEY_COUNTERS, NULL, 0,
	  "Compare KVM's own counters of each vCPU as well, at each interval and at its end, whether "
	  "or not the guest asks",
	  0 },
	{ "probe-cycles", KEY_PROBES, "N", 0,
	  "KVM's time away is wrong where it is longer than ours by more than N cycles an exit on "
	  "average, a quarter and 100 ms (default: no bound, as interrupts may come between)",
	  0 },
	{ 0 },
};

struct parse {
	struct host_parse host; /* first: the child parser's */
	struct audit_options *options;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &parse->host;
		return 0;
	case KEY_COUNTERS:
		parse->options->counters = true;
		return 0;
	case KEY_PROBES:
		if (parse_u64(arg, 0, INT32_MAX, &parse->options->probe_cycles))
			return args_wrong(parse->host.err, "--probe-cycles", arg,
					  "a number of cycles");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &host_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = HOST_ARGS_DOC,
	.doc = doc,
	.children = children,
};

int audit_options_parse(struct audit_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { { &options->host, err }, options };

	*options = (struct audit_options){ 0 };
	host_options_init(&options->host);
	options->host.session.tracer.audit = true;
	if (!args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err))
		return 0;
	audit_options_free(options);
	return -1;
}

void audit_options_free(struct audit_options *options)
{
	host_options_free(&options->host);
}

static int run(int argc, char **argv, struct error *err)
{
	struct audit_options options;
	int ret = audit_options_parse(&options, argc, argv, err);

	if (ret)
		return ret;
	ret = audit_run(&options, err);
	audit_options_free(&options);
	return ret;
}

const struct command audit_command = {
	"audit",
	"Check each number that a patched KVM tells its guests, as it is told",
	run,
};
