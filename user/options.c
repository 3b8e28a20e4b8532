// SPDX-License-Identifier: GPL-2.0-only
#include <argp.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "number.h"
#include "options.h"
#include "version.h"

const char *argp_program_version = "exitstat-bpf " EXITSTAT_VERSION;

static const char doc[] =
	"Count and time the exits of KVM guests, per VM, vCPU and reason, until Ctrl-C or the "
	"end of CMD; then print a summary of the whole run."
	"\v"
	"Times are from the VM exit to the next VM entry, user space and blocking included.\n"
	"\n"
	"Exit status: 0 ok (with CMD: its status), 1 failed, 2 wrong usage, 3 this host cannot "
	"(no root, no KVM, no BTF); each with one line that says what to do.";

enum {
	KEY_BY = 256,
	KEY_JSON,
	KEY_HISTOGRAM,
	KEY_MAX_VCPUS,
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
	{ "max-vcpus", KEY_MAX_VCPUS, "N", 0,
	  "Make room for N vCPUs, 96 KiB each (default 256); the exits of any more are counted "
	  "as lost",
	  0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf says", 0 },
	{ 0 },
};

struct parse {
	struct options *options;
	struct error *err;
	int at; /* the argument to be looked at next */
};

/* Grow *array by one element of that size, and return the new one. */
static void *append(void *array, size_t *n, size_t size)
{
	void **where = array;
	char *grown = reallocarray(*where, *n + 1, size);

	if (!grown)
		return NULL;
	*where = grown;
	return grown + (*n)++ * size;
}

static int wrong(struct parse *parse, const char *option, const char *arg, const char *expected)
{
	fail(parse->err, STATUS_USAGE, "%s '%s': expected %s", option, arg, expected);
	return EINVAL;
}

static int add_number(struct parse *parse, const char *option, const char *arg, uint32_t **array,
		      size_t *n, uint64_t min)
{
	uint32_t *number;
	uint64_t value;

	if (parse_u64(arg, min, INT32_MAX, &value))
		return wrong(parse, option, arg, "a whole number");
	number = append(array, n, sizeof(*number));
	if (!number)
		return ENOMEM;
	*number = (uint32_t)value;
	return 0;
}

static int add_reason(struct parse *parse, const char *arg)
{
	struct options *options = parse->options;
	struct reason_filter filter;
	struct reason_filter *last;

	if (reason_filter_parse(&filter, arg))
		return wrong(parse, "--reason", arg,
			     "a number, or a name such as CPUID, NPF or EPT_VIOLATION");
	last = append(&options->filters, &options->nfilters, sizeof(*last));
	if (!last)
		return ENOMEM;
	*last = filter;
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
	return wrong(parse, "--by", arg, "vm, vcpu or reason");
}

static int parse_time(struct parse *parse, const char *option, const char *arg, uint64_t *ns)
{
	if (parse_seconds(arg, NS_PER_SEC / 100, 1000000 * NS_PER_SEC, ns))
		return wrong(parse, option, arg, "seconds, from 0.01 to 1000000");
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct options *options = parse->options;
	uint64_t value;

	if (key > 0 && key < ARGP_KEY_END)
		parse->at = state->next;
	switch (key) {
	case 'i':
		return parse_time(parse, "--interval", arg, &options->interval_ns);
	case 'd':
		return parse_time(parse, "--duration", arg, &options->duration_ns);
	case 'p':
		return add_number(parse, "--pid", arg, &options->pids, &options->npids, 1);
	case 'c':
		return add_number(parse, "--vcpu", arg, &options->vcpus, &options->nvcpus, 0);
	case 'r':
		return add_reason(parse, arg);
	case 'v':
		options->verbose = true;
		return 0;
	case KEY_BY:
		return parse_by(parse, arg);
	case KEY_HISTOGRAM:
		options->histograms = true;
		return 0;
	case KEY_JSON:
		if (!*arg)
			return wrong(parse, "--json", arg, "a file's name, or -");
		options->json = arg;
		return 0;
	case KEY_MAX_VCPUS:
		if (parse_u64(arg, 1, MAX_MAX_VCPUS, &value))
			return wrong(parse, "--max-vcpus", arg, "a number from 1 to 65536");
		options->max_vcpus = (uint32_t)value;
		return 0;
	case ARGP_KEY_ARGS:
		/* Only what stands behind "--" is a command: a typo must not run one. */
		if (!state->quoted)
			return wrong(parse, "argument", state->argv[state->next],
				     "an option, or -- before the command");
		options->command = state->argv + state->next;
		state->next = state->argc;
		return 0;
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

/*
 * argp and getopt print two lines for a wrong option; ours is one line, so argp
 * is silenced, and --help and --version are seen to by a second pass.
 */
int options_parse(struct options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { .options = options, .err = err, .at = 1 };
	int ret;

	memset(options, 0, sizeof(*options));
	options->interval_ns = NS_PER_SEC;
	options->max_vcpus = DEFAULT_MAX_VCPUS;
	err->text[0] = '\0';

	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-?") ||
		    !strcmp(argv[i], "--usage") || !strcmp(argv[i], "--version") ||
		    !strcmp(argv[i], "-V"))
			argp_parse(&argp, 2, (char *[]){ argv[0], argv[i], NULL }, 0, NULL, &parse);

	ret = argp_parse(&argp, argc, argv,
			 ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT | ARGP_IN_ORDER, NULL, &parse);
	if (!ret)
		return 0;
	options_free(options);
	if (err->text[0])
		return -1;
	if (ret == ENOMEM)
		return fail(err, STATUS_FAILED, "out of memory");
	return fail(err, STATUS_USAGE, "option '%s' is not known or lacks its value: see --help",
		    parse.at < argc ? argv[parse.at] : "");
}

void options_free(struct options *options)
{
	free(options->pids);
	free(options->vcpus);
	free(options->filters);
	memset(options, 0, sizeof(*options));
}
