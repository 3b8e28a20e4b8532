// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document.h"
#include "audit/outcome.h"
#include "audit/print.h"
#include "cmd/audit_checks.h"
#include "cmd/audit_run.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/outfile.h"

struct auditing {
	struct session session; /* first: the loop's handlers get both */
	const struct audit_options *options;
	struct audit_checks checks;
	uint64_t printed; /* how many had been checked when the total was */
	bool interrupted; /* before the command had ended by itself */
};

/* --- set up ---------------------------------------------------------------------- */

/* 0: this KVM has no such parameter, so it is not patched. */
static uint32_t loaded_layout(void)
{
	FILE *file = fopen("/sys/module/kvm/parameters/exitstat_layout", "re");
	uint64_t layout = 0;
	char line[32];

	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (parse_u64(line, 1, UINT16_MAX, &layout))
			layout = 0;
	}
	fclose(file);
	return (uint32_t)layout;
}

/* --- while it runs ---------------------------------------------------------------------- */

/* Answers first: they name slots, which vCPUs that ended give back. */
static int take_events(void *arg)
{
	struct auditing *auditing = arg;
	int err = audit_checks_answers(&auditing->checks);

	return err ?: session_take_vcpus(&auditing->session);
}

static int tick(void *arg)
{
	struct auditing *auditing = arg;
	struct audit_checks *checks = &auditing->checks;
	FILE *out = checks->out;
	uint64_t checked;
	int err;

	err = audit_checks_answers(checks);
	err = err ?: audit_checks_counters(checks);
	audit_checks_end_interval(checks);
	checked = checks->tally.answers.checked + checks->tally.counters.checked;
	if (checked != auditing->printed)
		audit_print_line(out, &checks->tally);
	auditing->printed = checked;
	return err ?: (fflush(out) ? -errno : 0);
}

/* --- at the end ------------------------------------------------------------------------ */

static int write_report(struct auditing *auditing, const struct audit_report *report,
			struct error *err)
{
	const char *json_file = auditing->options->host.json;
	int ret = 0;

	if (json_file) {
		json_t *doc = audit_document(report);

		ret = doc ? outfile_write(json_file, doc, err)
			  : fail(err, STATUS_FAILED, "out of memory for the JSON");
		json_decref(doc);
	}
	audit_print_summary(auditing->checks.out, report);
	if (fflush(auditing->checks.out) && !ret)
		ret = fail(err, STATUS_FAILED, "cannot print the summary: %s", strerror(errno));
	return ret;
}

/* The exit status, or -1; either with err if it is not 0. */
static int finish(struct auditing *auditing, struct error *err)
{
	struct session *session = &auditing->session;
	struct audit_checks *checks = &auditing->checks;
	struct audit_report report = {
		.host = &session->host,
		.start = session->start,
		.ns = monotonic_ns() - session->start_ns,
		.rules = &checks->rules,
		.tally = &checks->tally,
		.has_command = session->options->command,
		.command_status = session->loop.child.status,
		.interrupted = auditing->interrupted,
	};
	struct snapshot snap;
	int ret;

	if (audit_checks_answers(checks) || reader_take(session->reader, &snap))
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	if (audit_checks_list_all(checks)) {
		snapshot_free(&snap);
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	}
	audit_checks_end_interval(checks);
	report.unseen = tracer_answers_dropped(session->tracer);
	report.unseen_ends = checks->unseen_ends;
	clock_gettime(CLOCK_REALTIME, &report.end);
	report.clock_set_ns = clock_was_set(&report.start, report.ns, &report.end);
	report.snap = &snap;
	ret = write_report(auditing, &report, err) ?: outcome_status(&report, err);
	snapshot_free(&snap);
	return ret;
}

static int audit(struct auditing *auditing, struct error *err)
{
	struct session *session = &auditing->session;
	const char *json_file = auditing->options->host.json;
	const struct loop_handlers handlers = { tick, take_events, auditing };
	int ret, status;

	if (session_init(session, &auditing->options->host.session, err) ||
	    (json_file && outfile_check(json_file, err)) || session_open(session, err))
		return -1;
	audit_checks_start(&auditing->checks);
	if (session_start_command(session, err))
		return -1;
	ret = loop_run(&session->loop, &handlers);
	auditing->interrupted = session->loop.signal || !session->loop.child.ended;
	session_end_command(session);
	if (!ret)
		ret = tick(auditing);
	tracer_stop(session->tracer);
	status = finish(auditing, err);
	if (status >= 0 && ret && ret != -EPIPE)
		return fail(err, STATUS_FAILED, "stopped early: %s", strerror(-ret));
	return status > 0 ? -1 : status;
}

int audit_run(const struct audit_options *options, struct error *err)
{
	struct auditing auditing = {
		.options = options,
		.checks = {
			.session = &auditing.session,
			.out = outfile_beside(options->host.json),
			.counters = options->counters,
			.rules.layout = loaded_layout(),
			.rules.probe_cycles = options->probe_cycles,
		},
	};
	int ret = audit(&auditing, err);

	audit_tally_free(&auditing.checks.tally);
	session_close(&auditing.session);
	return ret;
}
