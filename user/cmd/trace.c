// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "base/number.h"
#include "base/printable.h"
#include "cmd/command.h"
#include "cmd/trace_run.h"
#include "model/keys.h"

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
	KEY_ROTATE,
	KEY_HISTOGRAM,
	KEY_SNAPSHOTS,
	KEY_SELF,
	KEY_DETAIL,
	KEY_SPLIT,
	KEY_SORT,
	KEY_COLUMNS,
	KEY_CSV,
	KEY_SLOWEST,
	KEY_GUEST_SYMBOLS,
	KEY_EXPLAIN,
	KEY_REPLAY,
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
	{ "columns", KEY_COLUMNS, "COLUMN,...", 0,
	  "Show these columns, in this order, of whichever table they are", 0 },
	{ "csv", KEY_CSV, NULL, 0,
	  "Write comma-separated values instead of tables: a line for each row of each interval",
	  0 },
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

/* exitstat-bpf record has these two, and of those above what is no table's. */
static const struct argp_option record_rows[] = {
	{ "output", 'o', "FILE", 0, "Write the recording to FILE, which is emptied; - is stdout",
	  0 },
	{ "rotate", KEY_ROTATE, "SIZE,N", 0,
	  "When FILE has about SIZE (as 100M), go on in a new one: the older are FILE.1 to FILE.N, "
	  "each readable alone",
	  0 },
};
static const int keys_of_record[] = {
	'c', 'r', KEY_SELF, KEY_DETAIL, KEY_SPLIT, KEY_SLOWEST, KEY_GUEST_SYMBOLS,
};

#define MIN_ROTATE_BYTES 4096u
#define MAX_ROTATE_BYTES (1ull << 40)
#define MAX_ROTATE_FILES 1000u

/* exitstat-bpf top has this one, and of those above these. */
static const struct argp_option replay_row = {
	"replay", KEY_REPLAY, "FILE", 0, "Show what FILE has, a recording or what --json wrote", 0
};
static const int keys_of_top[] = { 'c',	      'r',	   KEY_DETAIL, KEY_GUEST_SYMBOLS,
				   KEY_SPLIT, KEY_SLOWEST, KEY_SORT };

static const char kinds_wanted[] = "a list of io, msr, mmio, fault, cpuid, hypercall, vector, rip";

struct parse {
	struct host_parse host; /* first: the child parser's */
	struct trace_options *options;
	bool records;
};

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

/* Only columns that this run fills. */
static error_t check_columns(struct parse *parse)
{
	const struct trace_options *options = parse->options;
	const char *column, *option = table_options_need_split(&options->tables, &column);

	/* What a file has is not known yet. */
	if (!option || options->host.session.tracer.split || options->replay)
		return 0;
	fail(parse->host.err, STATUS_USAGE, "%s %s: needs --split", option, column);
	return EINVAL;
}

/* Rows are all that may be on stdout then. */
static error_t check_csv(struct parse *parse)
{
	const struct trace_options *options = parse->options;
	const char *json = options->host.json;

	if (!options->csv)
		return 0;
	if (options->histograms || options->explain)
		fail(parse->host.err, STATUS_USAGE, "--csv has no place for %s: give one",
		     options->histograms ? "--histogram" : "--explain");
	else if (json && !strcmp(json, "-"))
		fail(parse->host.err, STATUS_USAGE,
		     "--csv and --json - both go to stdout: give --json a file");
	else
		return 0;
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

/* SIZE,N: bytes, or K, M, G of 1024 each; files. */
static int parse_rotate(struct parse *parse, const char *arg)
{
	static const char units[] = "KMG";
	struct record_options *record = &parse->options->record;
	char size[32], *end;
	const char *comma = strchr(arg, ','), *unit;
	uint64_t bytes, files;
	int shift = 0;

	if (!comma || comma == arg || comma - arg >= (ptrdiff_t)sizeof(size))
		goto wrong;
	copy_cut(size, (size_t)(comma - arg) + 1, arg);
	end = size + strlen(size) - 1;
	unit = strchr(units, *end);
	if (unit) {
		*end = '\0';
		shift = 10 * (int)(unit - units + 1);
	}
	if (parse_u64(size, 1, MAX_ROTATE_BYTES >> shift, &bytes) ||
	    parse_u64(comma + 1, 1, MAX_ROTATE_FILES, &files))
		goto wrong;
	record->rotate_bytes = bytes << shift;
	record->rotate_files = (uint32_t)files;
	if (record->rotate_bytes >= MIN_ROTATE_BYTES)
		return 0;
wrong:
	return args_wrong(parse->host.err, "--rotate", arg,
			  "SIZE,N: from 4K to 1024G (K, M, G), and from 1 to 1000 files");
}

static error_t check_record(struct parse *parse)
{
	const struct trace_options *options = parse->options;
	const char *path = options->record.path, *json = options->host.json;
	bool to_stdout = path && !strcmp(path, "-");

	if (!parse->records)
		return 0;
	if (!path)
		fail(parse->host.err, STATUS_USAGE, "record into which file? Give -o FILE");
	else if (to_stdout && options->record.rotate_bytes)
		fail(parse->host.err, STATUS_USAGE,
		     "--rotate renames files, and stdout is none: give -o FILE");
	else if (to_stdout && json && !strcmp(json, "-"))
		fail(parse->host.err, STATUS_USAGE,
		     "the recording and --json cannot both go to stdout: give one of them a FILE");
	else
		return 0;
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

/* A file has what was traced then. */
static error_t check_replay(struct parse *parse)
{
	const struct trace_options *options = parse->options;
	const struct tracer_options *tracer = &options->host.session.tracer;

	if (!options->replay ||
	    !(tracer->npids || tracer->nvcpus || tracer->kinds || tracer->split ||
	      options->host.json || options->host.session.duration_ns ||
	      options->host.session.command))
		return 0;
	fail(parse->host.err, STATUS_USAGE,
	     "--replay shows what the file has: only --interval, --reason and --sort go with it");
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
	case 'o':
		return args_file(parse->host.err, "--output", arg, &options->record.path);
	case KEY_ROTATE:
		return parse_rotate(parse, arg);
	case KEY_BY:
		return table_options_by(&options->tables, arg, parse->host.err);
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
		return table_options_sort(&options->tables, arg, parse->host.err);
	case KEY_CSV:
		options->csv = true;
		return 0;
	case KEY_COLUMNS:
		return table_options_columns(&options->tables, arg, parse->host.err);
	case KEY_EXPLAIN:
		options->explain = true;
		return 0;
	case KEY_DETAIL:
		return parse_kinds(parse, arg, &tracer->kinds);
	case KEY_GUEST_SYMBOLS:
		return add_symbols(parse, arg);
	case KEY_REPLAY:
		return args_file(parse->host.err, "--replay", arg, &options->replay);
	case ARGP_KEY_END:
		tracer->split |= tracer->nslowest > 0;
		if (tracer->nslowest && !tracer->kinds)
			tracer->kinds = KINDS_ALL;
		return check_columns(parse) ?: check_csv(parse) ?: check_snapshots(parse) ?: check_symbols(parse) ?:
		       check_record(parse) ?: check_replay(parse);
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

/* Nothing is asked for that only tables have, or that is to be there at the end. */
static bool wants_no_tables(const struct trace_options *options)
{
	const struct session_options *session = &options->host.session;

	return options->tables.by == BY_VM && !options->tables.ncolumns && !options->csv &&
	       !options->histograms && !options->snapshots && !options->explain &&
	       !options->host.json && !session->tracer.nslowest && !session->tracer.self &&
	       !session->duration_ns && !session->command;
}

static int parse(struct trace_options *options, const struct argp *argp, bool records, int argc,
		 char **argv, struct error *err)
{
	struct parse parse = { { &options->host, err }, options, records };

	*options = (struct trace_options){ 0 };
	host_options_init(&options->host);
	options->host.session.tracer.apicv = true;
	if (!args_parse(argp, "exitstat-bpf", argc, argv, &parse, err))
		return 0;
	trace_options_free(options);
	return -1;
}

int trace_options_parse(struct trace_options *options, int argc, char **argv, struct error *err)
{
	if (parse(options, &argp, false, argc, argv, err))
		return -1;
	options->screen = wants_no_tables(options);
	return 0;
}

int trace_options_parse_top(struct trace_options *options, const char *top_doc, int argc,
			    char **argv, struct error *err)
{
	struct argp_option rows[COUNT_OF(keys_of_top) + 2] = { replay_row };
	struct argp of_top = argp;
	size_t n = 1;

	for (const struct argp_option *row = table; row->name; row++)
		for (size_t i = 0; i < COUNT_OF(keys_of_top); i++)
			if (row->key == keys_of_top[i])
				rows[n++] = *row;
	of_top.options = rows;
	of_top.doc = top_doc;
	if (parse(options, &of_top, false, argc, argv, err))
		return -1;
	options->screen = true;
	options->only_screen = true;
	return 0;
}

void trace_options_free(struct trace_options *options)
{
	free(options->filters);
	options->filters = NULL;
	free(options->symbols);
	options->symbols = NULL;
	table_options_free(&options->tables);
	host_options_free(&options->host);
}

int trace_options_parse_record(struct trace_options *options, const char *record_doc, int argc,
			       char **argv, struct error *err)
{
	struct argp_option rows[COUNT_OF(record_rows) + COUNT_OF(keys_of_record) + 1] = { 0 };
	struct argp of_record = argp;
	size_t n = COUNT_OF(record_rows);

	memcpy(rows, record_rows, sizeof(record_rows));
	for (const struct argp_option *row = table; row->name; row++)
		for (size_t i = 0; i < COUNT_OF(keys_of_record); i++)
			if (row->key == keys_of_record[i])
				rows[n++] = *row;
	of_record.options = rows;
	of_record.doc = record_doc;
	return parse(options, &of_record, true, argc, argv, err);
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
