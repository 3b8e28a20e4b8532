// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "base/args.h"
#include "base/clock.h"
#include "base/number.h"
#include "cmd/command.h"
#include "cmd/serve_run.h"
#include "metrics/exposure.h"

static const char doc[] =
	"Tell Prometheus, or whoever reads OpenMetrics, what the KVM guests of this host exit for: "
	"counters for each VM and reason, and how long exits took, until SIGTERM or Ctrl-C."
	"\v"
	"When the BPF programs are attached all capabilities are given up; VMs that start later are "
	"counted and named all the same. systemd can hand the socket over.\n"
	"\n"
	"Exit status: 0 ended by a signal, 1 failed, 2 wrong usage, 3 this host cannot (no root, no "
	"KVM, no BTF); each with one line that says what to do.";

enum {
	KEY_LISTEN = KEY_COMMANDS_OWN,
	KEY_TEXTFILE,
	KEY_KEEP,
	KEY_MAX_SERIES,
	KEY_HISTOGRAMS,
	KEY_SPLIT,
	KEY_DETAIL,
	KEY_SELF,
	KEY_USER,
};

static const struct argp_option table[] = {
	{ "listen", KEY_LISTEN, "ADDR:PORT", 0,
	  "Listen there (default " SERVE_LISTEN "); ADDR is a number, as 127.0.0.1 or [::1]", 0 },
	{ "textfile", KEY_TEXTFILE, "FILE", 0,
	  "Write FILE again and again instead, for node_exporter's textfile collector", 0 },
	{ "interval", 'i', "SEC", 0, "With --textfile: write it every SEC seconds (default 15)",
	  0 },
	{ "keep", KEY_KEEP, "SEC", 0,
	  "Expose a VM for SEC seconds after its end (default 300), from 0", 0 },
	{ "max-series", KEY_MAX_SERIES, "N", 0,
	  "Expose N series at most (default 10000); groups that have no room are left out as a "
	  "whole, and exitstat_dropped_series tells",
	  0 },
	{ "per-vm-histograms", KEY_HISTOGRAMS, NULL, 0,
	  "Expose how long exits took for each VM, too: 30 series a VM and reason", 0 },
	{ "split", KEY_SPLIT, NULL, 0,
	  "Expose where the time of exits went, too: 4 series a VM and reason", 0 },
	{ "detail", KEY_DETAIL, NULL, 0,
	  "Expose what exits were about, too, key by key: 2 series for each port, MSR, page, leaf and "
	  "so on that a VM has used",
	  0 },
	{ "self", KEY_SELF, NULL, 0,
	  "Expose what the BPF programs take of CPUs; each exit pays for that", 0 },
	{ "user", KEY_USER, "USER", 0,
	  "Become USER, a name or a number of /etc/passwd, when all is attached", 0 },
	{ 0 },
};

struct parse {
	struct host_parse host; /* first: the child parser's */
	struct serve_options *options;
};

static error_t parse_listen(struct parse *parse, const char *arg)
{
	struct serve_options *options = parse->options;

	if (listen_parse(arg, &options->address))
		return args_wrong(parse->host.err, "--listen", arg,
				  "an address and a port, as 127.0.0.1:9877 or [::1]:9877");
	options->listen = arg;
	return 0;
}

static error_t parse_textfile(struct parse *parse, const char *arg)
{
	error_t ret = args_file(parse->host.err, "--textfile", arg, &parse->options->textfile);

	if (!ret && !strcmp(arg, "-"))
		return args_wrong(parse->host.err, "--textfile", arg, "a file's name");
	return ret;
}

static error_t parse_keep(struct parse *parse, const char *arg)
{
	if (parse_seconds(arg, 0, 1000000 * NS_PER_SEC, &parse->options->keep_ns))
		return args_wrong(parse->host.err, "--keep", arg, "seconds, from 0 to 1000000");
	return 0;
}

static error_t parse_max_series(struct parse *parse, const char *arg)
{
	if (parse_u64(arg, EXPOSURE_MIN_SERIES, SERVE_MOST_SERIES, &parse->options->max_series))
		return args_wrong(parse->host.err, "--max-series", arg,
				  "a number from 100 to 1000000");
	return 0;
}

static error_t check(struct parse *parse)
{
	if (!parse->options->write_ns || parse->options->textfile)
		return 0;
	fail(parse->host.err, STATUS_USAGE,
	     "--interval says how often --textfile is written: give both");
	return EINVAL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	struct serve_options *options = parse->options;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &parse->host;
		return 0;
	case KEY_LISTEN:
		return parse_listen(parse, arg);
	case KEY_TEXTFILE:
		return parse_textfile(parse, arg);
	case 'i':
		return args_time(parse->host.err, "--interval", arg, &options->write_ns);
	case KEY_KEEP:
		return parse_keep(parse, arg);
	case KEY_MAX_SERIES:
		return parse_max_series(parse, arg);
	case KEY_HISTOGRAMS:
		options->vm_histograms = true;
		return 0;
	case KEY_SPLIT:
		options->host.session.tracer.split = true;
		return 0;
	case KEY_DETAIL:
		options->host.session.tracer.kinds = KINDS_ALL;
		return 0;
	case KEY_SELF:
		options->host.session.tracer.self = true;
		return 0;
	case KEY_USER:
		return user_find(arg, &options->user, parse->host.err) ? EINVAL : 0;
	case ARGP_KEY_END:
		return check(parse);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &host_service_argp, 0, NULL, 0 }, { 0 } };

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.doc = doc,
	.children = children,
};

int serve_options_parse(struct serve_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { { &options->host, err }, options };

	*options = (struct serve_options){ .keep_ns = 300 * NS_PER_SEC,
					   .max_series = SERVE_MAX_SERIES };
	host_options_init(&options->host);
	options->host.session.tracer.apicv = true;
	listen_parse(SERVE_LISTEN, &options->address);
	if (args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err)) {
		serve_options_free(options);
		return -1;
	}
	options->write_ns = options->write_ns ?: 15 * NS_PER_SEC;
	return 0;
}

void serve_options_free(struct serve_options *options)
{
	host_options_free(&options->host);
}

static int run(int argc, char **argv, struct error *err)
{
	struct serve_options options;
	int ret = serve_options_parse(&options, argc, argv, err);

	if (ret)
		return ret;
	ret = serve_run(&options, err);
	serve_options_free(&options);
	return ret;
}

const struct command serve_command = {
	"serve",
	"Tell Prometheus about exits, as a service",
	run,
};
