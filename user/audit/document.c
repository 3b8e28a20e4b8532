// SPDX-License-Identifier: GPL-2.0-only
/* json_pack() fails when one of its members is NULL, and takes the others with it. */
#include "audit/document.h"
#include "audit/outcome.h"
#include "base/jsonwrite.h"
#include "base/version.h"
#include "model/reasons.h"

static json_t *score_object(const struct audit_score *score)
{
	json_t *object = json_object();

	jsonwrite_member(&object, "checked", integer(score->checked));
	for (int verdict = 0; verdict < NVERDICTS; verdict++)
		jsonwrite_member(&object, verdict_outcome(verdict),
				 integer(score->by_verdict[verdict]));
	return object;
}

static json_t *causes_object(const struct audit_tally *tally)
{
	json_t *object = json_object();

	for (int cause = CAUSE_NONE + 1; cause < NCAUSES; cause++)
		jsonwrite_member(
			&object, cause_key(cause),
			integer(tally->answers.by_cause[cause] + tally->counters.by_cause[cause]));
	return object;
}

static json_t *excess_object(const struct audit_tally *tally)
{
	const struct distribution *excess = &tally->excess;

	if (!excess->count)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "checks",
			 integer(excess->count), "min", integer(excess->min), "avg",
			 integer(excess->sum / excess->count), "p50",
			 integer(distribution_percentile(excess, 50)), "p90",
			 integer(distribution_percentile(excess, 90)), "p99",
			 integer(distribution_percentile(excess, 99)), "max", integer(excess->max),
			 "exits", integer(tally->most_exits), "sum",
			 (json_int_t)tally->most_excess);
}

static json_t *vm_object(const void *element, const void *arg)
{
	const struct audited_vm *vm = element;
	const struct audit_report *report = arg;
	const struct vm_stat *seen = snapshot_find_vm(report->snap, vm->serial);

	return json_pack("{s:o, s:s, s:o, s:o, s:b, s:o, s:o}", "pid", integer(vm->pid), "name",
			 vm->name, "vcpus", integer(seen ? seen->nvcpus : 0), "exits",
			 integer(seen ? vm_count(seen) : 0), "counted", !vm->uncounted, "answers",
			 score_object(&vm->answers), "counters", score_object(&vm->counters));
}

/* Not of a total. */
static json_t *reason_value(const struct audit_finding *finding)
{
	if (!finding->ruling.who && finding->ruling.leaf < LEAF_COUNT)
		return json_null();
	return integer(finding->subject.reason);
}

static json_t *command_object(const struct audit_report *report)
{
	if (!report->has_command)
		return json_null();
	return json_pack("{s:i}", "status", report->command_status);
}

static json_t *finding_object(const void *element, const void *arg)
{
	const struct audit_finding *finding = element;
	const struct audit_subject *subject = &finding->subject;
	const struct ruling *ruling = &finding->ruling;
	const struct audit_report *report = arg;

	return json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s}", "pid",
			 integer(report->tally->vms[subject->vm].pid), "vcpu",
			 integer(subject->vcpu), "source", subject->counter ? "counter" : "leaf",
			 "what", ruling->who ? "who" : leaf_key(ruling->leaf), "reason",
			 reason_value(finding), "told", integer(ruling->told), "low",
			 integer(ruling->low), "high", integer(ruling->high), "verdict",
			 verdict_outcome(ruling->verdict), "why", audit_finding_why(finding));
}

static json_t *host_object(const struct host *host)
{
	return json_pack("{s:s, s:s, s:s, s:o}", "kernel", host->kernel, "cpu", host->cpu, "isa",
			 isa_name(host->isa), "tsc_khz", integer(host->tsc_khz));
}

static json_t *clock_object(const struct host *host)
{
	return json_pack("{s:s, s:s, s:s}", "unit", "cycles", "kvm", "TSC", "bpf",
			 host->tsc_measured ? "CLOCK_MONOTONIC, scaled by a measured TSC frequency"
					    : "CLOCK_MONOTONIC, scaled by the kernel's tsc_khz");
}

static json_t *interval_object(const struct audit_report *report)
{
	return json_pack("{s:o, s:o, s:o, s:o*}", "start", timestamp(&report->start), "end",
			 timestamp(&report->end), "ns", integer(report->ns), "clock_set_ns",
			 report->clock_set_ns ? json_integer(report->clock_set_ns) : NULL);
}

static json_t *losses_object(const struct losses *losses)
{
	return json_pack("{s:o, s:o, s:o}", "map_full", integer(losses->map_full), "unpaired",
			 integer(losses->unpaired), "missed", integer(losses->missed));
}

json_t *audit_document(const struct audit_report *report)
{
	const struct audit_tally *tally = report->tally;
	const struct host *host = report->host;

	return json_pack(
		"{s:s, s:{s:s, s:s}, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
		"s:o, s:o*}",
		"schema", EXITSTAT_AUDIT_SCHEMA, "tool", "name", "exitstat-bpf", "version",
		exitstat_version, "host", host_object(host), "layout",
		integer(report->rules->layout), "clock", clock_object(host), "interval",
		interval_object(report), "losses", losses_object(&report->snap->losses), "outcome",
		outcome_key(outcome_of(report)), "command", command_object(report), "answers",
		score_object(&tally->answers), "unseen", integer(report->unseen), "counters",
		score_object(&tally->counters), "explained", causes_object(tally), "excess",
		excess_object(tally), "vms",
		jsonwrite_array(tally->vms, tally->nvms, sizeof(*tally->vms), vm_object, report),
		"disagreements",
		jsonwrite_array(tally->kept, tally->nkept, sizeof(*tally->kept), finding_object,
				report),
		"unseen_ends", report->unseen_ends ? integer(report->unseen_ends) : NULL);
}
