// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/args.h"
#include "base/array.h"
#include "base/number.h"
#include "base/outfile.h"
#include "cmd/command.h"
#include "cmd/compare.h"
#include "compare/document.h"
#include "compare/print.h"
#include "doc/import.h"

struct session {
	struct compare_options options;
	struct host_document host;
	struct timeline timeline;
	size_t nguests; /* that were read */
	struct guest_doc *guests;
	struct compared_guest *compared;
	struct findings findings;
};

/* --- options -------------------------------------------------------------------------------- */

static const char doc[] =
	"Check what exitstat-bpf counted against what its guest read of itself: HOST is a file of "
	"'exitstat-bpf --json FILE --snapshots', GUEST one of 'exitstat-guest --json' or the "
	"pasted text of Debian's 'cpuid -r', - being stdin. Needs no root and no KVM."
	"\v"
	"Counters only grow, so a number that was read between two of the host's snapshots lies "
	"between theirs: there is no tolerance. What does not fit is explained, or wrong and "
	"named.\n"
	"\n"
	"Exit status: 0 they agree, 1 they disagree, 2 wrong usage, 3 they cannot be compared, or a "
	"line could not be read.";

static const struct argp_option table[] = {
	{ "vm", 'm', "PID|NAME", 0, "Which VM of HOST, if it has more than one", 0 },
	{ "json", 'j', "FILE", 0, "Write the result to FILE as JSON; - is stdout", 0 },
	{ 0 },
};

struct parse {
	struct compare_options *options;
	struct error *err;
};

static int add_file(struct parse *parse, const char *file)
{
	struct compare_options *options = parse->options;
	const char **last;

	if (!*file)
		return args_wrong(parse->err, "argument", file, "a file's name, or -");
	if (!options->host) {
		options->host = file;
		return 0;
	}
	last = array_append(&options->guests, &options->nguests, sizeof(*last));
	if (!last)
		return ENOMEM;
	*last = file;
	return 0;
}

static int check_files(struct parse *parse)
{
	const struct compare_options *options = parse->options;
	size_t from_stdin = options->host && !strcmp(options->host, "-");

	for (size_t i = 0; i < options->nguests; i++)
		from_stdin += !strcmp(options->guests[i], "-");
	if (options->nguests && from_stdin < 2)
		return 0;
	fail(parse->err, STATUS_USAGE,
	     options->nguests ? "only one file can be stdin, -"
			      : "two files are needed, HOST and GUEST: see compare --help");
	return EINVAL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;

	switch (key) {
	case 'm':
		parse->options->vm = arg;
		return *arg ? 0 : args_wrong(parse->err, "--vm", arg, "a PID or a name");
	case 'j':
		return args_file(parse->err, "--json", arg, &parse->options->json);
	case ARGP_KEY_ARG:
		return add_file(parse, arg);
	case ARGP_KEY_END:
		return check_files(parse);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse_option,
	.args_doc = "HOST GUEST...",
	.doc = doc,
};

int compare_options_parse(struct compare_options *options, int argc, char **argv, struct error *err)
{
	struct parse parse = { .options = options, .err = err };

	*options = (struct compare_options){ 0 };
	if (!args_parse(&argp, "exitstat-bpf", argc, argv, &parse, err))
		return 0;
	compare_options_free(options);
	return -1;
}

void compare_options_free(struct compare_options *options)
{
	free(options->guests);
	options->guests = NULL;
}

/* --- which VM ------------------------------------------------------------------------------ */

static bool is_meant(const struct vm_stat *vm, const char *text)
{
	uint64_t pid;

	return !strcmp(vm->name, text) || (!parse_u64(text, 1, UINT32_MAX, &pid) && pid == vm->pid);
}

static void list_vms(const struct snapshot *snap, char *text, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < snap->nvms && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s (%u)", i ? ", " : "",
					snap->vms[i].name, snap->vms[i].pid);
	if (len >= size)
		memcpy(text + size - 4, "...", 4);
}

static int choose_vm(const struct session *session, const struct vm_stat **chosen,
		     struct error *err)
{
	const struct host_document *host = &session->host;
	const char *wanted = session->options.vm;
	size_t found = 0;
	char list[300];

	for_each_vm(vm, &host->snap) {
		if (wanted && !is_meant(vm, wanted))
			continue;
		found++;
		*chosen = vm;
	}
	if (found == 1)
		return 0;
	if (!host->snap.nvms)
		return fail(err, STATUS_CANNOT, "%s: no VM ran: trace while the guest is read",
			    host->file);
	list_vms(&host->snap, list, sizeof(list));
	if (wanted)
		return fail(err, STATUS_USAGE, "--vm '%s': expected one of %s", wanted, list);
	return fail(err, STATUS_USAGE, "%s has %zu VMs, choose one with --vm: %s", host->file,
		    host->snap.nvms, list);
}

/* --- all ------------------------------------------------------------------------------------- */

static int read_files(struct session *session, struct error *err)
{
	const struct compare_options *options = &session->options;

	session->guests = calloc(options->nguests, sizeof(*session->guests));
	session->compared = calloc(options->nguests, sizeof(*session->compared));
	if (!session->guests || !session->compared)
		return fail(err, STATUS_FAILED, "out of memory");
	if (import_host(&session->host, options->host, &session->findings, err))
		return -1;
	for (; session->nguests < options->nguests; session->nguests++)
		if (import_guest(&session->guests[session->nguests],
				 options->guests[session->nguests], &session->findings, err))
			return -1;
	return 0;
}

static int tell(struct session *session, struct error *err)
{
	const struct compare_options *options = &session->options;
	struct comparison comparison = {
		.timeline = &session->timeline,
		.nguests = session->nguests,
		.guests = session->compared,
		.findings = &session->findings,
	};
	int ret = 0, printed;
	json_t *doc;

	if (session->findings.no_memory)
		return fail(err, STATUS_FAILED, "out of memory");
	if (options->json) {
		doc = comparison_document(&comparison);
		if (!doc)
			return fail(err, STATUS_FAILED, "out of memory for the JSON");
		ret = outfile_write(options->json, doc, err);
		json_decref(doc);
	}
	printed = comparison_print(outfile_beside(options->json), &comparison);
	if (printed && !ret)
		ret = fail(err, STATUS_FAILED, "cannot print the comparison: %s",
			   strerror(-printed));
	if (ret)
		return ret;
	if (comparison_verdict(&comparison) == VERDICT_DISAGREE)
		return STATUS_FAILED;
	if (!session->findings.unread)
		return STATUS_OK;
	return fail(err, STATUS_CANNOT,
		    "%zu line%s could not be read, the rest agrees: paste %s again",
		    session->findings.unread, session->findings.unread == 1 ? "" : "s",
		    session->findings.unread == 1 ? "it" : "them");
}

static int compare_files(struct session *session, struct error *err)
{
	const struct vm_stat *vm = NULL;

	if (session->options.json && outfile_check(session->options.json, err))
		return -1;
	if (read_files(session, err) || choose_vm(session, &vm, err))
		return -1;
	session->timeline = timeline_of(&session->host, vm);
	for (size_t i = 0; i < session->nguests; i++)
		if (compare_guest(&session->compared[i], &session->timeline, &session->guests[i],
				  &session->findings, err))
			return -1;
	return tell(session, err);
}

/*
 * A file that was changed so that it cannot even be read is not a file that cannot
 * be compared: what is wrong in it is known.
 */
static int tell_damage(const struct findings *findings, struct error *err)
{
	const struct finding *f = findings->list;

	while (f->verdict != VERDICT_DISAGREE)
		f++;
	return fail(err, STATUS_FAILED, "%s: %s is %s, expected %s: %s", f->file, f->field,
		    *f->value ? f->value : "not as it was", *f->expected ? f->expected : "another",
		    f->why);
}

static void close_session(struct session *session)
{
	for (size_t i = 0; i < session->nguests; i++) {
		compared_free(&session->compared[i]);
		guest_doc_free(&session->guests[i]);
	}
	free(session->compared);
	free(session->guests);
	host_document_free(&session->host);
	findings_free(&session->findings);
	compare_options_free(&session->options);
}

static int run(int argc, char **argv, struct error *err)
{
	struct session session = { 0 };
	int ret;

	ret = compare_options_parse(&session.options, argc, argv, err);
	if (!ret)
		ret = compare_files(&session, err);
	if (ret < 0 && err->status == STATUS_CANNOT && findings_wrong(&session.findings) &&
	    session.findings.n)
		ret = tell_damage(&session.findings, err);
	close_session(&session);
	return ret;
}

const struct command compare_command = {
	"compare",
	"Check what was counted here against what a guest read, from files",
	run,
};
