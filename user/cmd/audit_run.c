// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document.h"
#include "audit/print.h"
#include "cmd/audit_run.h"
#include "base/clock.h"
#include "base/number.h"
#include "base/outfile.h"
#include "trace/session.h"

/* Lines about explained differences in one interval: there may be thousands. */
#define MAX_EXPLAINED_LINES 5u
#define MAX_WRONG_LINES	    100u

/* In place of a leaf, in what is kept of the past: KVM's own counters, by vCPU. */
#define COUNTERS 0u

struct auditing {
	struct session session; /* first: the loop's handlers get both */
	const struct audit_options *options;
	FILE *out; /* for people */
	struct rules rules;
	struct audit_tally tally;
	unsigned int lines[NVERDICTS]; /* printed in this interval */
	uint64_t hidden;	       /* and not printed */
	uint64_t printed;	       /* how many had been checked when the total was */
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

static void begin(struct auditing *auditing)
{
	const struct session *session = &auditing->session;

	auditing->rules.tsc_khz = session->host.tsc_khz;
	auditing->rules.probe_cycles = auditing->options->probe_cycles;
}

/* --- findings ----------------------------------------------------------------------- */

static int take_finding(struct auditing *auditing, const struct audit_subject *subject,
			const struct ruling *ruling)
{
	static const unsigned int most[NVERDICTS] = {
		[VERDICT_EXPLAINED] = MAX_EXPLAINED_LINES,
		[VERDICT_DISAGREE] = MAX_WRONG_LINES,
	};
	const struct audit_finding finding = { *subject, *ruling };

	if (ruling->verdict != VERDICT_AGREE) {
		if (auditing->lines[ruling->verdict]++ < most[ruling->verdict])
			audit_print_finding(auditing->out, &auditing->tally, &finding);
		else
			auditing->hidden++;
	}
	return audit_tally_add(&auditing->tally, &finding);
}

/* Of which sum: a guest may ask for any ECX, of which only so many are remembered. */
static struct past *find_past(struct auditing *auditing, const struct exitstat_answer *answer,
			      uint32_t isa, struct past *none)
{
	uint32_t counter = exitstat_counter(isa, answer->index);
	enum leaf leaf;

	if (!answer_leaf(answer, auditing->rules.layout, &leaf))
		return none;
	if (leaf < LEAF_COUNT)
		counter = 0;
	else if (counter == EXITSTAT_COUNTERS - 1)
		return none;
	return audit_tally_past(&auditing->tally, answer->vm_serial, answer->function, counter);
}

static struct audit_subject subject_of(const struct auditing *auditing, uint32_t slot)
{
	const struct exitstat_vcpu *vcpu = &tracer_maps(auditing->session.tracer)->vcpus[slot];

	return (struct audit_subject){ .isa = vcpu->isa, .vcpu = vcpu->vcpu_id };
}

static int take_answer(void *arg, const struct exitstat_answer *answer)
{
	struct auditing *auditing = arg;
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	const struct exitstat_vcpu *vcpu;
	struct past *past, none = { 0 };
	struct audit_subject subject;
	struct ruling finding;

	if (!answer->slot || answer->slot > maps->max_vcpus)
		return 0;
	vcpu = &maps->vcpus[answer->slot];
	subject = subject_of(auditing, answer->slot);
	subject.vm = audit_tally_vm(&auditing->tally, answer->vm_serial, vcpu->pid, vcpu->comm);
	past = find_past(auditing, answer, subject.isa, &none);
	if (subject.vm == SIZE_MAX || !past)
		return -ENOMEM;
	subject.reason = answer->index;
	subject.waiting = answer->waiting;
	subject.vcpus = answer->seen;
	if (auditing->tally.vms[subject.vm].vcpus < answer->seen)
		auditing->tally.vms[subject.vm].vcpus = answer->seen;
	auditing->rules.lost = maps_lost(maps);
	finding = judge_answer(&auditing->rules, answer, subject.isa, past);
	return take_finding(auditing, &subject, &finding);
}

/* --- KVM's own counters -------------------------------------------------------------- */

static int compare_counters(struct auditing *auditing, uint32_t slot)
{
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	const struct exitstat_audited *baseline = &maps->audited[slot];
	struct audit_subject subject = subject_of(auditing, slot);
	const struct exitstat_counters *now;
	struct slot_counts before, after;
	struct past *past;
	int err = 0;

	slot_read(maps, slot, &before);
	now = counters_read(tracer_counters(auditing->session.tracer), slot);
	slot_read(maps, slot, &after);
	if (!now || !baseline->ready || !baseline->known)
		return 0;
	subject.vm = audit_tally_vm(&auditing->tally, maps->vcpus[slot].vm_serial,
				    maps->vcpus[slot].pid, maps->vcpus[slot].comm);
	if (subject.vm == SIZE_MAX)
		return -ENOMEM;
	subject.counter = true;
	subject.vcpus = 1;
	subject.waiting = after.waiting;
	auditing->rules.lost = maps_lost(maps);
	for (uint32_t i = 0; !err && i < EXITSTAT_COUNTERS; i++) {
		const struct counter_pair pair = {
			.before = before.count[i],
			.after = after.count[i],
			.before_ns = before.ns[i],
			.after_ns = after.ns[i],
			.waiting = before.waiting || after.waiting,
			.now = now->sum[i],
			.baseline = baseline->first.sum[i],
		};
		struct ruling finding;

		if (!pair.after && !pair.now[EXITSTAT_COUNT])
			continue;
		past = audit_tally_past(&auditing->tally, maps->vcpus[slot].serial, COUNTERS, i);
		if (!past)
			return -ENOMEM;
		finding = judge_counter(&auditing->rules, &pair, past);
		subject.reason = counter_reason(i);
		err = take_finding(auditing, &subject, &finding);
	}
	return err;
}

static int compare_all_counters(struct auditing *auditing)
{
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	int err = 0;

	if (!auditing->options->counters)
		return 0;
	for (uint32_t slot = 1; !err && slot <= maps->max_vcpus; slot++)
		if (slot_is_live(maps, slot))
			err = compare_counters(auditing, slot);
	return err;
}

/* --- while it runs ---------------------------------------------------------------------- */

static int take_answers(struct auditing *auditing)
{
	return answers_take(tracer_answers(auditing->session.tracer), take_answer, auditing);
}

/* Answers first: they name slots, which vCPUs that ended give back. */
static int take_events(void *arg)
{
	struct auditing *auditing = arg;
	int err = take_answers(auditing);

	return err ?: session_take_vcpus(&auditing->session);
}

static int tick(void *arg)
{
	struct auditing *auditing = arg;
	FILE *out = auditing->out;
	uint64_t checked;
	int err;

	err = take_answers(auditing);
	err = err ?: compare_all_counters(auditing);
	if (auditing->hidden)
		fprintf(out, "(and %" PRIu64 " more like these)\n", auditing->hidden);
	auditing->hidden = 0;
	memset(auditing->lines, 0, sizeof(auditing->lines));
	checked = auditing->tally.answers.checked + auditing->tally.counters.checked;
	if (checked != auditing->printed)
		audit_print_line(out, &auditing->tally);
	auditing->printed = checked;
	return err ?: (fflush(out) ? -errno : 0);
}

/* --- at the end ------------------------------------------------------------------------ */

static int finish(struct auditing *auditing, struct error *err)
{
	struct session *session = &auditing->session;
	const char *json_file = auditing->options->host.json;
	struct audit_report report = {
		.host = &session->host,
		.start = session->start,
		.ns = monotonic_ns() - session->start_ns,
		.rules = &auditing->rules,
		.tally = &auditing->tally,
		.unseen = tracer_answers_dropped(session->tracer),
	};
	struct snapshot snap;
	json_t *doc;
	int ret = 0;

	if (reader_take(session->reader, &snap))
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	clock_gettime(CLOCK_REALTIME, &report.end);
	report.snap = &snap;
	if (json_file) {
		doc = audit_document(&report);
		ret = doc ? outfile_write(json_file, doc, err)
			  : fail(err, STATUS_FAILED, "out of memory for the JSON");
		json_decref(doc);
	}
	audit_print_summary(auditing->out, &report);
	if (fflush(auditing->out) && !ret)
		ret = fail(err, STATUS_FAILED, "cannot print the summary: %s", strerror(errno));
	snapshot_free(&snap);
	return ret;
}

static int status_of(const struct auditing *auditing)
{
	const struct audit_tally *tally = &auditing->tally;

	if (tally->answers.by_verdict[VERDICT_DISAGREE] ||
	    tally->counters.by_verdict[VERDICT_DISAGREE])
		return STATUS_FAILED;
	return auditing->session.options->command ? auditing->session.loop.child.status : STATUS_OK;
}

static int audit(struct auditing *auditing, struct error *err)
{
	struct session *session = &auditing->session;
	const char *json_file = auditing->options->host.json;
	const struct loop_handlers handlers = { tick, take_events, auditing };
	int ret;

	if (session_init(session, &auditing->options->host.session, err) ||
	    (json_file && outfile_check(json_file, err)) || session_open(session, err))
		return -1;
	begin(auditing);
	if (session_start_command(session, err))
		return -1;
	ret = loop_run(&session->loop, &handlers);
	session_end_command(session);
	if (!ret)
		ret = tick(auditing);
	tracer_stop(session->tracer);
	if (finish(auditing, err))
		return -1;
	if (ret && ret != -EPIPE)
		return fail(err, STATUS_FAILED, "stopped early: %s", strerror(-ret));
	return status_of(auditing);
}

int audit_run(const struct audit_options *options, struct error *err)
{
	struct auditing auditing = {
		.options = options,
		.out = outfile_beside(options->host.json),
		.rules.layout = loaded_layout(),
	};
	int ret = audit(&auditing, err);

	audit_tally_free(&auditing.tally);
	session_close(&auditing.session);
	return ret;
}
