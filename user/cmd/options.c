// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/number.h"
#include "cmd/options.h"
#include "base/version.h"

static const char doc[] =
	"Count and time the exits of KVM guests, per VM, vCPU and reason, until Ctrl-C or the "
	"end of CMD; then print a summary of the whole run."
	"\v"
	"'exitstat-bpf compare HOST GUEST...' checks the counts against what the guest read; see "
	"'exitstat-bpf compare --help'.\n"
	"\n"
	"Times are from the VM exit to the next VM entry, user space and blocking included.\n"
	"\n"
	"Exit status: 0 ok (with CMD: its status), 1 failed, 2 wrong usage, 3 this host cannot "
	"(no root, no KVM, no BTF); each with one line that says what to do.";

enum {
	KEY_BY = 256,
	KEY_JSON,
	KEY_HISTOGRAM,
	KEY_SNAPSHOTS,
	KEY_SELF,
	KEY_MAX_VCPUS,
	KEY_COUNTERS,
	KEY_PROBES,
};

static const struct argp_option table[] = {
	{ "interval", 'i', "SEC", 0, "Refresh every SEC seconds (default 1)", 0 },
	{ "duration", 'd', "SEC", 0, "Stop after SEC seconds", 0 },
	{ "pid", 'p', "PID", 0, "Only the VMs of this process (repeatable)", 0 },
	{ "vcpu", 'c', "VCPU", 0, "Only vCPUs with this number (repeatable)", 0 },
	{ "reason", 'r', "REASON", 0, "Show only this reason, a name or number (repeatable)", 0 },
	{ "by", KEY_BY, "WHAT", 0, "Group by vm (default), vcpu or reason", 0 },
	{ "histogram", KEY_HISTOGRAM, NULL, 0, "Draw each reason's distribution in the summary",
	  0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the run to FILE as JSON; - is stdout", 0 },
	{ "snapshots", KEY_SNAPSHOTS, NULL, 0,
	  "With --json: write the counts at each interval, too, and what a patched KVM tells its "
	  "guests, for 'exitstat-bpf compare'",
	  0 },
	{ "self", KEY_SELF, NULL, 0,
	  "Say at the end what the tracing itself cost: the time of its BPF programs and of its "
	  "process",
	  0 },
	{ "max-vcpus", KEY_MAX_VCPUS, "N", 0,
	  "Make room for N vCPUs, 96 KiB each (default 256); the exits of any more are counted "
	  "as lost",
	  0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf says", 0 },
	{ 0 },
};

static const char audit_doc[] =
	"Check what a KVM with the patches of kernel-patch/ tells its guests through CPUID "
	"against what was counted here at that very moment, until Ctrl-C or the end of CMD."
	"\v"
	"Each number agrees; or it cannot, and it is said why, e.g. exits of other vCPUs in flight; "
	"or it is wrong.\n"
	"\n"
	"Exit status: 0 none is wrong (with CMD: its status), 1 failed or some are wrong, 2 wrong "
	"usage, 3 this host cannot (no root, KVM not patched); each with one line that says what "
	"to do.";

static const struct argp_option audit_table[] = {
	{ "interval", 'i', "SEC", 0, "Print the running total every SEC seconds (default 1)", 0 },
	{ "duration", 'd', "SEC", 0, "Stop after SEC seconds", 0 },
	{ "pid", 'p', "PID", 0, "Only the VMs of this process (repeatable)", 0 },
	{ "counters", KEY_COUNTERS, NULL, 0,
	  "Compare KVM's own counters of each vCPU as well, at each interval, whether or not the "
	  "guest asks",
	  0 },
	{ "probe-cycles", KEY_PROBES, "N", 0,
	  "KVM's time away is wrong where it is longer than ours by more than N cycles an exit on "
	  "average, a quarter and 100 ms (default: no bound, as interrupts may come between)",
	  0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the outcome to FILE as JSON; - is stdout", 0 },
	{ "max-vcpus", KEY_MAX_VCPUS, "N", 0, "Make room for N vCPUs, 104 KiB each (default 256)",
	  0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf says", 0 },
	{ 0 },
};

struct parse {
	struct options *options;
	struct error *err;
};

static int add_number(struct parse *parse, const char *option, const char *arg, uint32_t **array,
		      size_t *n, uint64_t min)
{
	uint32_t *number;
	uint64_t value;

	if (parse_u64(arg, min, INT32_MAX, &value))
		return args_wrong(parse->err, option, arg, "a whole number");
	number = array_append(array, n, sizeof(*number));
	if (!number)
		return ENOMEM;
	*number = (uint32_t)value;
	return 0;
}

static int parse_by(struct parse *parse, const char *arg)
{
	static const char *const names[] = { "vm", "vcpu", "reason" };

	for (size_t i = 0; i < 3; i++) {
		if (!strcmp(arg, names[i])) {
			parse->options->by = (enum group_by)i;
			return 0;
		}
	}
	return args_wrong(parse->err, "--by", arg, "vm, vcpu or reason");
}

/* A guest's counts are of all its vCPUs and reasons: with fewer nothing could be compared. */
static error_t check_snapshots(struct parse *parse)
{
	const struct options *options = parse->options;

	if (!options->snapshots || (options->json && !options->nvcpus && !options->nfilters))
		return 0;
	fail(parse->err, STATUS_USAGE,
	     "--snapshots goes into the file of --json, with all vCPUs and reasons: %s",
	     options->json ? "without --vcpu and --reason" : "give --json FILE");
	return EINVAL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct options *options = parse->options;
	uint64_t value;

	switch (key) {
	case 'i':
		return args_time(parse->err, "--interval", arg, &options->interval_ns);
	case 'd':
		return args_time(parse->err, "--duration", arg, &options->duration_ns);
	case 'p':
		return add_number(parse, "--pid", arg, &options->pids, &options->npids, 1);
	case 'c':
		return add_number(parse, "--vcpu", arg, &options->vcpus, &options->nvcpus, 0);
	case 'r':
		return filters_add(&options->filters, &options->nfilters, arg, parse->err);
	case 'v':
		options->verbose = true;
		return 0;
	case KEY_BY:
		return parse_by(parse, arg);
	case KEY_HISTOGRAM:
		options->histograms = true;
		return 0;
	case KEY_JSON:
		return args_file(parse->err, "--json", arg, &options->json);
	case KEY_COUNTERS:
		options->counters = true;
		return 0;
	case KEY_PROBES:
		if (parse_u64(arg, 0, INT32_MAX, &options->probe_cycles))
			return args_wrong(parse->err, "--probe-cycles", arg, "a number of cycles");
		return 0;
	case KEY_SNAPSHOTS:
		options->snapshots = true;
		return 0;
	case KEY_SELF:
		options->self = true;
		return 0;
	case KEY_MAX_VCPUS:
		if (parse_u64(arg, 1, MAX_MAX_VCPUS, &value))
			return args_wrong(parse->err, "--max-vcpus", arg,
					  "a number from 1 to 65536");
		options->max_vcpus = (uint32_t)value;
		return 0;
	case ARGP_KEY_ARGS:
		/* Only what stands behind "--" is a command: a typo must not run one. */
		if (!state->quoted)
			return args_wrong(parse->err, "argument", state->argv[state->next],
					  "an option, or -- before the command");
		options->command = state->argv + state->next;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_END:
		return check_snapshots(parse);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "[-- CMD [ARG...]]",
	.doc = doc,
};

static const struct argp audit_argp = {
	.options = audit_table,
	.parser = parse_option,
	.args_doc = "[-- CMD [ARG...]]",
	.doc = audit_doc,
};

static int parse_with(const struct argp *argp, struct options *options, int argc, char **argv,
		      struct error *err)
{
	struct parse parse = { .options = options, .err = err };

	options->interval_ns = NS_PER_SEC;
	options->max_vcpus = DEFAULT_MAX_VCPUS;
	if (!args_parse(argp, "exitstat-bpf " EXITSTAT_VERSION, argc, argv, &parse, err))
		return 0;
	options_free(options);
	return -1;
}

int options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	memset(options, 0, sizeof(*options));
	return parse_with(&argp, options, argc, argv, err);
}

int options_parse_audit(struct options *options, int argc, char **argv, struct error *err)
{
	memset(options, 0, sizeof(*options));
	options->audit = true;
	return parse_with(&audit_argp, options, argc, argv, err);
}

void options_free(struct options *options)
{
	free(options->pids);
	free(options->vcpus);
	free(options->filters);
	memset(options, 0, sizeof(*options));
}
