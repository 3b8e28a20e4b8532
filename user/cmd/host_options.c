// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "base/args.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/number.h"
#include "cmd/host_options.h"

/* What a service has no use for comes first. */
static const struct argp_option table[] = {
	{ "interval", 'i', "SEC", 0, "Show what is new every SEC seconds (default 1)", 0 },
	{ "duration", 'd', "SEC", 0, "Stop after SEC seconds", 0 },
	{ "json", KEY_JSON, "FILE", 0, "Write the outcome to FILE as JSON; - is stdout", 0 },
#define OF_A_RUN 3
	{ "pid", 'p', "PID", 0, "Only the VMs of this process (repeatable)", 0 },
	{ "max-vcpus", KEY_MAX_VCPUS, "N", 0,
	  "Make room for N vCPUs, 36 KiB each, at start (default: for 4096, made as they come); the "
	  "exits of any more are counted as lost",
	  0 },
	{ "verbose", 'v', NULL, 0, "Show what libbpf says", 0 },
	{ 0 },
};

int host_options_add(uint32_t **array, size_t *n, const char *option, const char *arg, uint64_t min,
		     struct error *err)
{
	uint32_t *number;
	uint64_t value;

	if (parse_u64(arg, min, INT32_MAX, &value))
		return args_wrong(err, option, arg, "a whole number");
	number = array_append(array, n, sizeof(*number));
	if (!number)
		return ENOMEM;
	*number = (uint32_t)value;
	return 0;
}

/* Only what stands behind "--" is a command: a typo must not run one. */
static int take_command(struct host_parse *parse, struct argp_state *state)
{
	if (!state->quoted)
		return args_wrong(parse->err, "argument", state->argv[state->next],
				  "an option, or -- before the command");
	parse->options->session.command = state->argv + state->next;
	state->next = state->argc;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct host_parse *parse = state->input;
	struct session_options *session = &parse->options->session;
	uint64_t value;

	switch (key) {
	case 'i':
		return args_time(parse->err, "--interval", arg, &session->interval_ns);
	case 'd':
		return args_time(parse->err, "--duration", arg, &session->duration_ns);
	case 'p':
		return host_options_add(&session->tracer.pids, &session->tracer.npids, "--pid", arg,
					1, parse->err);
	case KEY_JSON:
		return args_file(parse->err, "--json", arg, &parse->options->json);
	case KEY_MAX_VCPUS:
		if (parse_u64(arg, 1, MAX_MAX_VCPUS, &value))
			return args_wrong(parse->err, "--max-vcpus", arg,
					  "a number from 1 to 65536");
		session->tracer.max_vcpus = (uint32_t)value;
		session->tracer.at_once = true;
		return 0;
	case 'v':
		session->tracer.verbose = true;
		return 0;
	case ARGP_KEY_ARGS:
		return take_command(parse, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp host_argp = { .options = table, .parser = parse_option };

static error_t parse_for_service(int key, char *arg, struct argp_state *state)
{
	struct host_parse *parse = state->input;

	if (key != ARGP_KEY_ARGS)
		return parse_option(key, arg, state);
	return args_wrong(parse->err, "argument", state->argv[state->next],
			  "options only, as no command is run");
}

const struct argp host_service_argp = { .options = table + OF_A_RUN, .parser = parse_for_service };

void host_options_init(struct host_options *options)
{
	*options = (struct host_options){
		.session.interval_ns = NS_PER_SEC,
		.session.tracer.max_vcpus = DEFAULT_MAX_VCPUS,
	};
}

void host_options_free(struct host_options *options)
{
	free(options->session.tracer.pids);
	free(options->session.tracer.vcpus);
	*options = (struct host_options){ 0 };
}
