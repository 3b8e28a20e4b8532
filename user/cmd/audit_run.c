// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/document.h"
#include "audit/outcome.h"
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
	bool interrupted;	       /* before the command had ended by itself */
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

/* Its VM is listed from here on, under the name it has as long as its process lives. */
static int subject_of(struct auditing *auditing, uint32_t slot, struct audit_subject *subject)
{
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	const struct vm_stat *vm = reader_vm(auditing->session.reader, slot);
	const struct exitstat_audited *kvm = &maps->audited[slot];

	if (!vm)
		return -ENOMEM;
	*subject = (struct audit_subject){
		.vm = audit_tally_vm(&auditing->tally, vm->serial, vm->pid, vm->name),
		.isa = maps->vcpus[slot].isa,
		.vcpu = maps->vcpus[slot].vcpu_id,
	};
	if (subject->vm == SIZE_MAX)
		return -ENOMEM;
	auditing->tally.vms[subject->vm].uncounted |= kvm->ready && !kvm->known;
	return 0;
}

static int take_answer(void *arg, const struct exitstat_answer *answer)
{
	struct auditing *auditing = arg;
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	struct past *past, none = { 0 };
	struct audit_subject subject;
	struct ruling finding;

	if (!answer->slot || answer->slot > maps->max_vcpus)
		return 0;
	if (subject_of(auditing, answer->slot, &subject))
		return -ENOMEM;
	past = find_past(auditing, answer, subject.isa, &none);
	if (!past)
		return -ENOMEM;
	subject.reason = answer->index;
	subject.waiting = answer->waiting;
	subject.vcpus = answer->seen;
	auditing->rules.lost = maps_lost(maps);
	finding = judge_answer(&auditing->rules, answer, subject.isa, past);
	return take_finding(auditing, &subject, &finding);
}

/* --- KVM's own counters -------------------------------------------------------------- */

/* One vCPU's, against what we had counted before and after they were read. */
static int compare_counters(struct auditing *auditing, uint32_t slot,
			    const struct exitstat_counters *now, const struct slot_counts *before,
			    const struct slot_counts *after, bool ended)
{
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	struct audit_subject subject;
	struct past *past;
	int err = subject_of(auditing, slot, &subject);

	subject.counter = true;
	subject.vcpus = 1;
	subject.waiting = after->waiting;
	auditing->rules.lost = maps_lost(maps);
	for (uint32_t i = 0; !err && i < EXITSTAT_COUNTERS; i++) {
		const struct counter_pair pair = {
			.before = before->count[i],
			.after = after->count[i],
			.before_ns = before->ns[i],
			.after_ns = after->ns[i],
			.waiting = before->waiting || after->waiting,
			.ended = ended,
			.now = now->sum[i],
			.baseline = maps->audited[slot].first.sum[i],
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

static int compare_live(struct auditing *auditing, uint32_t slot)
{
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	const struct exitstat_audited *kvm = &maps->audited[slot];
	const struct exitstat_counters *now;
	struct slot_counts before, after;

	slot_read(maps, slot, &before);
	now = counters_read(tracer_counters(auditing->session.tracer), slot);
	slot_read(maps, slot, &after);
	if (!now || !kvm->ready || !kvm->known)
		return 0;
	return compare_counters(auditing, slot, now, &before, &after, false);
}

/* The last part of its life, or all of it, lies behind the last interval's end. */
static int compare_ended(void *arg, uint32_t slot)
{
	struct auditing *auditing = arg;
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	const struct exitstat_audited *kvm = &maps->audited[slot];
	struct audit_subject subject;
	struct slot_counts counts;

	if (subject_of(auditing, slot, &subject))
		return -ENOMEM;
	if (!auditing->options->counters || !kvm->ended)
		return 0;
	slot_read(maps, slot, &counts);
	return compare_counters(auditing, slot, &kvm->last, &counts, &counts, true);
}

static int compare_all_counters(struct auditing *auditing)
{
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	int err = 0;

	if (!auditing->options->counters)
		return 0;
	for (uint32_t slot = 1; !err && slot <= maps->max_vcpus; slot++)
		if (slot_is_live(maps, slot))
			err = compare_live(auditing, slot);
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

static void print_hidden(struct auditing *auditing)
{
	if (auditing->hidden)
		fprintf(auditing->out, "(and %" PRIu64 " more like these)\n", auditing->hidden);
	auditing->hidden = 0;
	memset(auditing->lines, 0, sizeof(auditing->lines));
}

static int tick(void *arg)
{
	struct auditing *auditing = arg;
	FILE *out = auditing->out;
	uint64_t checked;
	int err;

	err = take_answers(auditing);
	err = err ?: compare_all_counters(auditing);
	print_hidden(auditing);
	checked = auditing->tally.answers.checked + auditing->tally.counters.checked;
	if (checked != auditing->printed)
		audit_print_line(out, &auditing->tally);
	auditing->printed = checked;
	return err ?: (fflush(out) ? -errno : 0);
}

/* --- at the end ------------------------------------------------------------------------ */

/* VMs of which nothing was checked are listed, too. */
static int list_all(struct auditing *auditing)
{
	const struct maps *maps = tracer_maps(auditing->session.tracer);
	struct audit_subject subject;
	int err = 0;

	for (uint32_t slot = 1; !err && slot <= maps->max_vcpus; slot++)
		if (slot_is_live(maps, slot))
			err = subject_of(auditing, slot, &subject);
	return err;
}

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
	audit_print_summary(auditing->out, report);
	if (fflush(auditing->out) && !ret)
		ret = fail(err, STATUS_FAILED, "cannot print the summary: %s", strerror(errno));
	return ret;
}

/* The exit status, or -1; either with err if it is not 0. */
static int finish(struct auditing *auditing, struct error *err)
{
	struct session *session = &auditing->session;
	struct audit_report report = {
		.host = &session->host,
		.start = session->start,
		.ns = monotonic_ns() - session->start_ns,
		.rules = &auditing->rules,
		.tally = &auditing->tally,
		.has_command = session->options->command,
		.command_status = session->loop.child.status,
		.interrupted = auditing->interrupted,
	};
	struct snapshot snap;
	int ret;

	if (take_answers(auditing) || reader_take(session->reader, &snap))
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	if (list_all(auditing)) {
		snapshot_free(&snap);
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	}
	print_hidden(auditing);
	report.unseen = tracer_answers_dropped(session->tracer);
	clock_gettime(CLOCK_REALTIME, &report.end);
	report.snap = &snap;
	ret = write_report(auditing, &report, err) ?: outcome_status(&report, err);
	snapshot_free(&snap);
	return ret;
}

static void begin(struct auditing *auditing)
{
	const struct session *session = &auditing->session;

	auditing->rules.tsc_khz = session->host.tsc_khz;
	auditing->rules.probe_cycles = auditing->options->probe_cycles;
	reader_on_end(session->reader, compare_ended, auditing);
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
	begin(auditing);
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
		.out = outfile_beside(options->host.json),
		.rules.layout = loaded_layout(),
	};
	int ret = audit(&auditing, err);

	audit_tally_free(&auditing.tally);
	session_close(&auditing.session);
	return ret;
}
