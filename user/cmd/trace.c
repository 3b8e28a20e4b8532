// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/trace_run.h"
#include "model/keys.h"
#include "view/columns.h"

static const char doc[] =
	"Count and time the exits of KVM guests, per VM, vCPU and reason, until Ctrl-C or the "
	"end of CMD; then print a summary of the whole run."
	"\v"
	"'exitstat-bpf help' lists what else there is: checks of these counts against what KVM and "
	"the guest say.\n"
	"\n"
	"Times are from the VM exit to the next VM entry, user space and blocking included.\n"
	"\n"
	"Exit status: 0 ok (with CMD: its status), 1 failed, 2 wrong usage, 3 this host cannot "
	"(no root, no KVM, no BTF); each with one line that says what to do.";

enum {
	KEY_BY = KEY_COMMANDS_OWN,
	KEY_HISTOGRAM,
	KEY_SNAPSHOTS,
	KEY_SELF,
	KEY_DETAIL,
	KEY_SPLIT,
	KEY_SORT,
	KEY_SLOWEST,
	KEY_GUEST_SYMBOLS,
	KEY_EXPLAIN,
};

static const struct argp_option table[] = {
	{ "vcpu", 'c', "VCPU", 0, "Only vCPUs with this number (repeatable)", 0 },
	{ "reason", 'r', "REASON", 0, "Show only this reason, a name or number (repeatable)", 0 },
	{ "by", KEY_BY, "WHAT", 0, "Group by vm (default), vcpu, reason or level", 0 },
	{ "histogram", KEY_HISTOGRAM, NULL, 0, "Draw each reason's distribution in the summary",
	  0 },
	{ "snapshots", KEY_SNAPSHOTS, NULL, 0,
	  "With --json: write the counts at each interval, too, and what a patched KVM tells its "
	  "guests, for 'exitstat-bpf compare'",
	  0 },
	{ "detail", KEY_DETAIL, "KIND,...", OPTION_ARG_OPTIONAL,
	  "Tell what exits were about: io, msr, mmio, fault, cpuid, hypercall, vector (default: "
	  "all of these); rip: of exits about nothing else, where the guest was",
	  0 },
	{ "guest-symbols", KEY_GUEST_SYMBOLS, "VM=FILE", 0,
	  "With --detail=rip: name the functions of VM, a name or pid, from FILE, a copy of its "
	  "/proc/kallsyms or its vmlinux (repeatable)",
	  0 },
	{ "split", KEY_SPLIT, NULL, 0,
	  "Tell where the time of exits went: KVM, the VMM, polling for a wakeup, asleep, waiting "
	  "for a CPU",
	  0 },
	{ "slowest", KEY_SLOWEST, "N", 0,
	  "Show the N longest exits of each VM, at most 32: when, what they were about, where their "
	  "time went; with --split and --detail",
	  0 },
	{ "sort", KEY_SORT, "COLUMN", 0, "Sort tables by this column (default: time)", 0 },
	{ "explain", KEY_EXPLAIN, NULL, 0,
	  "Say at the end what the exits are consistent with, and what people change then; with "
	  "--detail and --split it knows more",
	  0 },
	{ "self", KEY_SELF, NULL, 0,
	  "Say at the end what the tracing itself cost: the time of its BPF programs and of its "
	  "process",
	  0 },
	{ 0 },
};

/* All but the RIP. */
#define KINDS_ALL ((1u << EXITSTAT_RIP) - 1)

static const char kinds_wanted[] = "a list of io, msr, mmio, fault, cpuid, hypercall, vector, rip";

struct parse {
	struct host_parse host; /* first: the child parser's */
	struct trace_options *options;
};

static int parse_by(struct parse *parse, const char *arg)
{
	static const char *const names[] = { "vm", "vcpu", "reason", "level" };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		if (!strcmp(arg, names[i])) {
			parse->options->by = (enum group_by)i;
			return 0;
		}
	}
	return args_wrong(parse->host.err, "--by", arg, "vm, vcpu, reason or level");
}

/* Without a list it is all that is cheap. */
static int parse_kinds(struct parse *parse, const char *arg, uint32_t *kinds)
{
	char list[128], *rest = list, *word;
	uint8_t kind;

	*kinds = arg ? 0 : KINDS_ALL;
	if (!arg)
		return 0;
	if (snprintf(list, sizeof(list), "%s", arg) >= (int)sizeof(list))
		return args_wrong(parse->host.err, "--detail", arg, kinds_wanted);
	while ((word = strsep(&rest, ","))) {
		if (!kind_find(word, &kind))
			return args_wrong(parse->host.err, "--detail", arg, kinds_wanted);
		*kinds |= 1u << kind;
	}
	return 0;
}

/* By a column that a table of this run has. */
static error_t check_sort(struct parse *parse)
{
	struct trace_options *options = parse->options;

	if (!options->sort_name)
		return 0;
	if (!columns_find(options->sort_name, &options->sort))
		return args_wrong(parse->host.err, "--sort", options->sort_name,
				  "a column, as tables name it: count, time, busy, p99 and so on");
	if (options->host.session.tracer.split || !columns_need_split(options->sort))
		return 0;
	fail(parse->host.err, STATUS_USAGE, "--sort %s: needs --split", options->sort_name);
	return EINVAL;
}

/* A guest's counts are of all its vCPUs and reasons: with fewer nothing could be compared. */
static error_t check_snapshots(struct parse *parse)
{
	const struct trace_options *options = parse->options;
	bool whole = !options->host.session.tracer.nvcpus && !options->nfilters;

	if (!options->snapshots || (options->host.json && whole))
		return 0;
	fail(parse->host.err, STATUS_USAGE,
	     "--snapshots goes into the file of --json, with all vCPUs and reasons: %s",
	     options->host.json ? "without --vcpu and --reason" : "give --json FILE");
	return EINVAL;
}

static int add_symbols(struct parse *parse, char *arg)
{
	struct trace_options *options = parse->options;
	const char *path = strchr(arg, '=');
	char **place;

	if (!path || path == arg || !path[1])
		return args_wrong(parse->host.err, "--guest-symbols", arg,
				  "VM=FILE, VM the name or the pid of a VM");
	place = array_append(&options->symbols, &options->nsymbols, sizeof(*place));
	if (!place)
		return ENOMEM;
	*place = arg;
	return 0;
}

static error_t check_symbols(struct parse *parse)
{
	const struct trace_options *options = parse->options;

	if (!options->nsymbols || options->host.session.tracer.kinds & 1u << EXITSTAT_RIP)
		return 0;
	fail(parse->host.err, STATUS_USAGE,
	     "--guest-symbols names what --detail=rip tells: give both");
	return EINVAL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct trace_options *options = parse->options;
	struct tracer_options *tracer = &options->host.session.tracer;
	uint64_t value;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &parse->host;
		return 0;
	case 'c':
		return host_options_add(&tracer->vcpus, &tracer->nvcpus, "--vcpu", arg, 0,
					parse->host.err);
	case 'r':
		return filters_add(&options->filters, &options->nfilters, arg, parse->host.err);
	case KEY_BY:
		return parse_by(parse, arg);
	case KEY_HISTOGRAM:
		options->histograms = true;
		return 0;
	case KEY_SNAPSHOTS:
		options->snapshots = true;
		tracer->answers = true;
		return 0;
	case KEY_SELF:
		tracer->self = true;
		return 0;
	case KEY_SPLIT:
		tracer->split = true;
		return 0;
	case KEY_SLOWEST:
		if (parse_u64(arg, 1, EXITSTAT_MAX_SLOWEST, &value))
			return args_wrong(parse->host.err, "--slowest", arg,
					  "a number from 1 to 32");
		tracer->nslowest = (uint32_t)value;
		return 0;
	case KEY_SORT:
		options->sort_name = arg;
		return 0;
	case KEY_EXPLAIN:
		options->explain = true;
		return 0;
	case KEY_DETAIL:
		return parse_kinds(parse, arg, &tracer->kinds);
	case KEY_GUEST_SYMBOLS:
		return add_symbols(parse, arg);
	case ARGP_KEY_END:
		tracer->split |= tracer->nslowest > 0;
		if (tracer->nslowest && !tracer->kinds)
			tracer->kinds = KINDS_ALL;
		return check_sort(parse) ?: check_snapshots(parse) ?: check_symbols(parse);
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

int trace_options_parse(struct trace_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { { &options->host, err }, options };

	*options = (struct trace_options){ 0 };
	host_options_init(&options->host);
	options->host.session.tracer.apicv = true;
	if (!args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err))
		return 0;
	trace_options_free(options);
	return -1;
}

void trace_options_free(struct trace_options *options)
{
	free(options->filters);
	options->filters = NULL;
	free(options->symbols);
	options->symbols = NULL;
	host_options_free(&options->host);
}

static int run(int argc, char **argv, struct error *err)
{
	struct trace_options options;
	int ret = trace_options_parse(&options, argc, argv, err);

	if (ret)
		return ret;
	ret = trace_run(&options, err);
	trace_options_free(&options);
	return ret;
}

const struct command trace_command = {
	"trace",
	"Count and time exits, live, and sum them up",
	run,
};
