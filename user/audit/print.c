// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "audit/report.h"
#include "base/array.h"
#include "view/histogram.h"
#include "base/jsonwrite.h"
#include "model/reasons.h"
#include "base/version.h"

static const char *const cause_keys[NCAUSES] = {
	[CAUSE_IN_FLIGHT] = "in_flight",
	[CAUSE_BEFORE_ATTACH] = "before_attach",
	[CAUSE_LOSSES] = "losses",
};

/* --- for people ------------------------------------------------------------------------ */

static void print_score(FILE *out, const char *what, const struct score *score)
{
	fprintf(out,
		"%s %" PRIu64 " checked: %" PRIu64 " agreed, %" PRIu64 " explained, %" PRIu64
		" wrong",
		what, score->checked, score->by_verdict[VERDICT_AGREE],
		score->by_verdict[VERDICT_EXPLAINED], score->by_verdict[VERDICT_DISAGREE]);
}

void audit_print_line(FILE *out, const struct ledger *ledger)
{
	print_score(out, "answers", &ledger->answers);
	if (ledger->counters.checked)
		print_score(out, "; counters", &ledger->counters);
	fputc('\n', out);
}

static void print_causes(FILE *out, const struct ledger *ledger)
{
	for (int cause = CAUSE_NONE + 1; cause < NCAUSES; cause++) {
		uint64_t n = ledger->answers.by_cause[cause] + ledger->counters.by_cause[cause];

		if (n)
			fprintf(out, "explained by %s: %" PRIu64 "\n", cause_text(cause), n);
	}
}

static void print_excess(FILE *out, const struct ledger *ledger)
{
	const struct reason_stat *excess = &ledger->excess;

	if (!excess->timed)
		return;
	fprintf(out,
		"cycles away: KVM's window is longer than ours by, per exit: min %" PRIu64
		", avg %" PRIu64 ", p50 %" PRIu64 ", p99 %" PRIu64 ", max %" PRIu64 " (%" PRIu64
		" checks)\n",
		excess->min_ns, excess->sum_ns / excess->timed, ledger_excess(ledger, 50),
		ledger_excess(ledger, 99), excess->max_ns, excess->timed);
	fprintf(out, "cycles away: in sum %" PRId64 " longer over %" PRIu64 " exits\n",
		ledger->most_excess, ledger->most_exits);
}

static uint64_t exits_of(const struct snapshot *snap, uint64_t serial)
{
	const struct vm_stat *vm = snapshot_find_vm(snap, serial);

	return vm ? vm_count(vm) : 0;
}

void audit_print_summary(FILE *out, const struct audit_report *report)
{
	const struct ledger *ledger = report->ledger;
	char time[16];

	duration(time, sizeof(time), report->ns);
	fprintf(out, "\naudited for %s\n", time);
	for (size_t i = 0; i < ledger->nvms; i++) {
		const struct audited_vm *vm = &ledger->vms[i];

		fprintf(out, "VM %" PRIu32 " %s: %" PRIu64 " exits; ", vm->pid, vm->name,
			exits_of(report->snap, vm->serial));
		print_score(out, "answers", &vm->answers);
		fputc('\n', out);
	}
	if (!ledger->nvms)
		fputs("no guest has asked\n", out);
	print_causes(out, ledger);
	print_excess(out, ledger);
	audit_print_line(out, ledger);
	if (report->unseen)
		fprintf(out, "%" PRIu64 " answers could not be checked\n", report->unseen);
	fprintf(out, "losses: %" PRIu64 " map_full, %" PRIu64 " unpaired, %" PRIu64 " missed\n",
		report->snap->losses.map_full, report->snap->losses.unpaired,
		report->snap->losses.missed);
}

/* --- JSON --------------------------------------------------------------------------------- */

static json_t *export_score(const struct score *score)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "checked", integer(score->checked), "agreed",
			 integer(score->by_verdict[VERDICT_AGREE]), "explained",
			 integer(score->by_verdict[VERDICT_EXPLAINED]), "wrong",
			 integer(score->by_verdict[VERDICT_DISAGREE]));
}

static json_t *export_causes(const struct ledger *ledger)
{
	json_t *causes = json_object();

	for (int cause = CAUSE_NONE + 1; causes && cause < NCAUSES; cause++)
		json_object_set_new(causes, cause_keys[cause],
				    integer(ledger->answers.by_cause[cause] +
					    ledger->counters.by_cause[cause]));
	return causes;
}

static json_t *export_excess(const struct ledger *ledger)
{
	const struct reason_stat *excess = &ledger->excess;

	if (!excess->timed)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "checks",
			 integer(excess->timed), "min", integer(excess->min_ns), "avg",
			 integer(excess->sum_ns / excess->timed), "p50",
			 integer(ledger_excess(ledger, 50)), "p90",
			 integer(ledger_excess(ledger, 90)), "p99",
			 integer(ledger_excess(ledger, 99)), "max", integer(excess->max_ns),
			 "exits", integer(ledger->most_exits), "sum",
			 (json_int_t)ledger->most_excess);
}

static json_t *export_vms(const struct audit_report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < report->ledger->nvms; i++) {
		const struct audited_vm *vm = &report->ledger->vms[i];

		json_array_append_new(array, json_pack("{s:o, s:s, s:o, s:o, s:o}", "pid",
						       integer(vm->pid), "name", vm->name, "vcpus",
						       integer(vm->vcpus), "exits",
						       integer(exits_of(report->snap, vm->serial)),
						       "answers", export_score(&vm->answers)));
	}
	return array;
}

static json_t *export_disagreement(const struct ledger *ledger,
				   const struct disagreement *disagreement)
{
	static const char *const sums[] = {
		[LEAF_COUNT_ALL] = "total_count", [LEAF_HANDLED_ALL] = "total_handled",
		[LEAF_AWAY_ALL] = "total_away",	  [LEAF_COUNT] = "count",
		[LEAF_HANDLED] = "handled",	  [LEAF_AWAY] = "away",
	};
	const struct subject *subject = &disagreement->subject;
	const struct ruling *finding = &disagreement->finding;

	return json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:s}", "pid",
			 integer(ledger->vms[subject->vm].pid), "vcpu", integer(subject->vcpu),
			 "source", subject->counter ? "counter" : "leaf", "what",
			 finding->who ? "who" : sums[finding->leaf], "reason",
			 integer(subject->reason), "told", integer(finding->told), "low",
			 integer(finding->low), "high", integer(finding->high), "verdict",
			 ruling_name(finding->verdict), "why",
			 finding->what ?: cause_text(finding->cause));
}

static json_t *export_disagreements(const struct ledger *ledger)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < ledger->nkept; i++)
		json_array_append_new(array, export_disagreement(ledger, &ledger->kept[i]));
	return array;
}

json_t *audit_export(const struct audit_report *report)
{
	const struct host *host = report->host;
	const struct losses *losses = &report->snap->losses;

	return json_pack(
		"{s:s, s:{s:s, s:s}, s:{s:s, s:s, s:s, s:o}, s:o, s:{s:s, s:s, s:s},"
		" s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o}, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
		"schema", EXITSTAT_AUDIT_SCHEMA, "tool", "name", "exitstat-bpf", "version",
		EXITSTAT_VERSION, "host", "kernel", host->kernel, "cpu", host->cpu, "isa",
		isa_name(host->isa), "tsc_khz", integer(host->tsc_khz), "layout",
		integer(report->rules->layout), "clock", "unit", "cycles", "kvm", "TSC", "bpf",
		host->tsc_measured ? "CLOCK_MONOTONIC, scaled by a measured TSC frequency"
				   : "CLOCK_MONOTONIC, scaled by the kernel's tsc_khz",
		"interval", "start", timestamp(&report->start), "end", timestamp(&report->end),
		"ns", integer(report->ns), "losses", "map_full", integer(losses->map_full),
		"unpaired", integer(losses->unpaired), "missed", integer(losses->missed), "answers",
		export_score(&report->ledger->answers), "unseen", integer(report->unseen),
		"counters", export_score(&report->ledger->counters), "explained",
		export_causes(report->ledger), "excess", export_excess(report->ledger), "vms",
		export_vms(report), "disagreements", export_disagreements(report->ledger));
}
