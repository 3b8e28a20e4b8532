// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/command.h"
#include "cmd/compare_options.h"
#include "compare/comparison.h"
#include "doc/import.h"
#include "base/number.h"
#include "base/outfile.h"
#include "compare/self.h"

struct session {
	struct compare_options options;
	struct host_doc host;
	struct timeline timeline;
	size_t nguests; /* that were read */
	struct guest_doc *guests;
	struct compared_guest *compared;
	struct findings findings;
	bool damaged; /* a file is not as it was written */
};

/* --- which VM ------------------------------------------------------------------------------ */

static bool is_meant(const struct host_vm *vm, const char *text)
{
	uint64_t pid;

	return !strcmp(vm->name, text) || (!parse_u64(text, 1, UINT32_MAX, &pid) && pid == vm->pid);
}

static void list_vms(const struct host_doc *host, char *text, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < host->nvms && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s (%u)", i ? ", " : "",
					host->vms[i].name, host->vms[i].pid);
	if (len >= size)
		memcpy(text + size - 4, "...", 4);
}

static int choose_vm(const struct session *session, size_t *vm, struct error *err)
{
	const struct host_doc *host = &session->host;
	const char *wanted = session->options.vm;
	size_t found = 0;
	char list[300];

	for (size_t i = 0; i < host->nvms; i++) {
		if (wanted && !is_meant(&host->vms[i], wanted))
			continue;
		found++;
		*vm = i;
	}
	if (found == 1)
		return 0;
	if (!host->nvms)
		return fail(err, STATUS_CANNOT, "%s: no VM ran: trace while the guest is read",
			    host->file);
	list_vms(host, list, sizeof(list));
	if (wanted)
		return fail(err, STATUS_USAGE, "--vm '%s': expected one of %s", wanted, list);
	return fail(err, STATUS_USAGE, "%s has %zu VMs, choose one with --vm: %s", host->file,
		    host->nvms, list);
}

/* --- files --------------------------------------------------------------------------------- */

static int read_guests(struct session *session, struct error *err)
{
	size_t n = session->options.nguests;
	bool damaged;

	session->guests = calloc(n, sizeof(*session->guests));
	session->compared = calloc(n, sizeof(*session->compared));
	if (!session->guests || !session->compared)
		return fail(err, STATUS_FAILED, "out of memory");
	for (size_t i = 0; i < n; i++) {
		if (import_guest(&session->guests[i], session->options.guests[i],
				 &session->findings, &damaged, err)) {
			session->damaged |= damaged;
			return -1;
		}
		session->nguests++;
		guestcheck(&session->guests[i], &session->findings);
	}
	return 0;
}

static int read_files(struct session *session, struct error *err)
{
	if (import_host(&session->host, session->options.host, &session->findings,
			&session->damaged, err))
		return -1;
	hostcheck(&session->host, &session->findings);
	return read_guests(session, err);
}

/* --- all ------------------------------------------------------------------------------------- */

static int tell(struct session *session, struct error *err)
{
	const struct compare_options *options = &session->options;
	bool to_stderr = options->json && !strcmp(options->json, "-");
	struct comparison comparison = {
		.timeline = &session->timeline,
		.host_file = options->host,
		.nguests = session->nguests,
		.guests = session->compared,
		.findings = &session->findings,
	};
	json_t *doc;
	int ret = 0;

	if (options->json) {
		doc = comparison_document(&comparison);
		if (!doc)
			return fail(err, STATUS_FAILED, "out of memory for the JSON");
		ret = outfile_write(options->json, doc, err);
		json_decref(doc);
	}
	if (comparison_print(to_stderr ? stderr : stdout, &comparison) && !ret)
		ret = fail(err, STATUS_FAILED, "cannot print the comparison");
	if (ret)
		return ret;
	return comparison_verdict(&comparison) == VERDICT_DISAGREE ? STATUS_FAILED : STATUS_OK;
}

static int compare_files(struct session *session, struct error *err)
{
	size_t vm = 0;

	if (session->options.json && outfile_check(session->options.json, err))
		return -1;
	if (read_files(session, err) || choose_vm(session, &vm, err))
		return -1;
	if (timeline_make(&session->timeline, &session->host, vm))
		return fail(err, STATUS_FAILED, "out of memory");
	for (size_t i = 0; i < session->nguests; i++)
		if (compare_guest(&session->compared[i], &session->timeline, &session->guests[i],
				  &session->findings, err))
			return -1;
	return tell(session, err);
}

/*
 * A file that was changed so that it cannot even be read is not a file that cannot
 * be compared: the number is known.
 */
static int tell_damage(const struct session *session, struct error *err)
{
	const struct finding *f = &session->findings.list[0];

	return fail(err, STATUS_FAILED, "%s: %s is %s, expected %s: %s", f->file, f->field,
		    f->value, f->expected, f->why);
}

static void close_session(struct session *session)
{
	for (size_t i = 0; i < session->nguests; i++) {
		compared_free(&session->compared[i]);
		guestdoc_free(&session->guests[i]);
	}
	free(session->compared);
	free(session->guests);
	timeline_free(&session->timeline);
	hostdoc_free(&session->host);
	findings_free(&session->findings);
	compare_options_free(&session->options);
}

static int run(int argc, char **argv, struct error *err)
{
	struct session session = { 0 };
	int ret;

	if (compare_options_parse(&session.options, argc, argv, err))
		return -1;
	ret = compare_files(&session, err);
	if (ret < 0 && err->status == STATUS_CANNOT && session.damaged)
		ret = tell_damage(&session, err);
	close_session(&session);
	return ret;
}

const struct command compare_command = {
	"compare",
	"Check what was counted here against what a guest read, from files",
	run,
};
