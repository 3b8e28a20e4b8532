// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "audit/print.h"
#include "cmd/audit_checks.h"

/* Lines about explained differences in one interval: there may be thousands. */
#define MAX_EXPLAINED_LINES 5u
#define MAX_WRONG_LINES	    100u

/* In place of a leaf, in what is kept of the past: KVM's own counters, by vCPU. */
#define COUNTERS 0u

/* --- findings ----------------------------------------------------------------------- */

static int take_finding(struct audit_checks *checks, const struct audit_subject *subject,
			const struct ruling *ruling)
{
	static const unsigned int most[NVERDICTS] = {
		[VERDICT_EXPLAINED] = MAX_EXPLAINED_LINES,
		[VERDICT_DISAGREE] = MAX_WRONG_LINES,
	};
	const struct audit_finding finding = { *subject, *ruling };

	if (ruling->verdict != VERDICT_AGREE) {
		if (checks->lines[ruling->verdict]++ < most[ruling->verdict])
			audit_print_finding(checks->out, &checks->tally, &finding);
		else
			checks->hidden++;
	}
	return audit_tally_add(&checks->tally, &finding);
}

/* Of which sum: a guest may ask for any ECX, of which only so many are remembered. */
static struct past *find_past(struct audit_checks *checks, const struct exitstat_answer *answer,
			      uint32_t isa, struct past *none)
{
	uint32_t counter = exitstat_counter(isa, answer->index);
	enum leaf leaf;

	if (!answer_leaf(answer, checks->rules.layout, &leaf))
		return none;
	if (leaf < LEAF_COUNT)
		counter = 0;
	else if (counter == EXITSTAT_COUNTERS - 1)
		return none;
	return audit_tally_past(&checks->tally, answer->vm_serial, answer->function, counter);
}

/* Its VM is listed from here on, under the name it has as long as its process lives. */
static int subject_of(struct audit_checks *checks, uint32_t slot, struct audit_subject *subject)
{
	const struct maps *maps = tracer_maps(checks->session->tracer);
	const struct vm_stat *vm = reader_vm(checks->session->reader, slot);
	const struct exitstat_audited *kvm = &maps->audited[slot];

	if (!vm)
		return -ENOMEM;
	*subject = (struct audit_subject){
		.vm = audit_tally_vm(&checks->tally, vm->serial, vm->pid, vm->name),
		.isa = maps->vcpus[slot].isa,
		.vcpu = maps->vcpus[slot].vcpu_id,
	};
	if (subject->vm == SIZE_MAX)
		return -ENOMEM;
	checks->tally.vms[subject->vm].uncounted |= kvm->ready && !kvm->known;
	return 0;
}

static int take_answer(void *arg, const struct exitstat_answer *answer)
{
	struct audit_checks *checks = arg;
	const struct maps *maps = tracer_maps(checks->session->tracer);
	struct past *past, none = { 0 };
	struct audit_subject subject;
	struct ruling finding;

	if (!answer->slot || answer->slot >= slots_end(maps))
		return 0;
	if (subject_of(checks, answer->slot, &subject))
		return -ENOMEM;
	past = find_past(checks, answer, subject.isa, &none);
	if (!past)
		return -ENOMEM;
	subject.reason = answer->index;
	subject.waiting = answer->waiting;
	subject.vcpus = answer->seen;
	checks->rules.lost = maps_lost(maps);
	finding = judge_answer(&checks->rules, answer, subject.isa, past);
	return take_finding(checks, &subject, &finding);
}

/* --- KVM's own counters -------------------------------------------------------------- */

/* One vCPU's, against what we had counted before and after they were read. */
static int compare_counters(struct audit_checks *checks, uint32_t slot,
			    const struct exitstat_counters *now, const struct slot_counts *before,
			    const struct slot_counts *after, bool ended)
{
	const struct maps *maps = tracer_maps(checks->session->tracer);
	struct audit_subject subject;
	struct past *past;
	int err = subject_of(checks, slot, &subject);

	subject.counter = true;
	subject.vcpus = 1;
	subject.waiting = after->waiting;
	checks->rules.lost = maps_lost(maps);
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
		past = audit_tally_past(&checks->tally, maps->vcpus[slot].serial, COUNTERS, i);
		if (!past)
			return -ENOMEM;
		finding = judge_counter(&checks->rules, &pair, past);
		subject.reason = counter_reason(i);
		err = take_finding(checks, &subject, &finding);
	}
	return err;
}

static int compare_live(struct audit_checks *checks, uint32_t slot)
{
	const struct maps *maps = tracer_maps(checks->session->tracer);
	const struct exitstat_audited *kvm = &maps->audited[slot];
	const struct exitstat_counters *now;
	struct slot_counts before, after;

	slot_read(maps, slot, SLOT_AT_MOST, &before);
	now = counters_read(tracer_counters(checks->session->tracer), slot);
	slot_read(maps, slot, SLOT_AT_LEAST, &after);
	if (!now || !kvm->ready || !kvm->known)
		return 0;
	return compare_counters(checks, slot, now, &before, &after, false);
}

/* The last part of its life, or all of it, lies behind the last interval's end. */
static int compare_ended(void *arg, uint32_t slot)
{
	struct audit_checks *checks = arg;
	const struct maps *maps = tracer_maps(checks->session->tracer);
	const struct exitstat_audited *kvm = &maps->audited[slot];
	struct audit_subject subject;
	struct slot_counts counts;

	if (subject_of(checks, slot, &subject))
		return -ENOMEM;
	if (!checks->counters || !kvm->known)
		return 0;
	if (!kvm->ended) {
		checks->unseen_ends++;
		return 0;
	}
	slot_read(maps, slot, SLOT_AT_LEAST, &counts);
	return compare_counters(checks, slot, &kvm->last, &counts, &counts, true);
}

int audit_checks_counters(struct audit_checks *checks)
{
	const struct maps *maps = tracer_maps(checks->session->tracer);
	int err = 0;

	if (!checks->counters)
		return 0;
	for (uint32_t slot = 1; !err && slot < slots_end(maps); slot++)
		if (slot_is_live(maps, slot))
			err = compare_live(checks, slot);
	return err;
}

/* --- what is done when --------------------------------------------------------------- */

int audit_checks_answers(struct audit_checks *checks)
{
	return answers_take(tracer_answers(checks->session->tracer), take_answer, checks);
}

/* VMs of which nothing was checked are listed, too. */
int audit_checks_list_all(struct audit_checks *checks)
{
	const struct maps *maps = tracer_maps(checks->session->tracer);
	struct audit_subject subject;
	int err = 0;

	for (uint32_t slot = 1; !err && slot < slots_end(maps); slot++)
		if (slot_is_live(maps, slot))
			err = subject_of(checks, slot, &subject);
	return err;
}

void audit_checks_end_interval(struct audit_checks *checks)
{
	if (checks->hidden)
		fprintf(checks->out, "(and %" PRIu64 " more like these)\n", checks->hidden);
	checks->hidden = 0;
	memset(checks->lines, 0, sizeof(checks->lines));
}

void audit_checks_start(struct audit_checks *checks)
{
	checks->rules.tsc_khz = checks->session->host.tsc_khz;
	reader_on_end(checks->session->reader, compare_ended, checks);
}
