// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "audit/print.h"
#include "base/clock.h"
#include "base/figures.h"
#include "model/reasons.h"

/* --- one finding ------------------------------------------------------------------ */

static void print_sum(FILE *out, const struct audit_finding *finding)
{
	const struct audit_subject *subject = &finding->subject;
	char name[REASON_NAME_LEN];

	if (finding->ruling.who) {
		fprintf(out, "who answers, ECX %" PRIu32, subject->reason);
		return;
	}
	fputs(leaf_text(finding->ruling.leaf), out);
	if (finding->ruling.leaf < LEAF_COUNT)
		return;
	reason_name(name, subject->isa, subject->reason);
	fprintf(out, " %s", name);
}

static void print_numbers(FILE *out, const struct ruling *ruling)
{
	fprintf(out, ": KVM says %" PRIu64 ", ", ruling->told);
	if (ruling->high == UINT64_MAX)
		fprintf(out, "we say %" PRIu64 " or more", ruling->low);
	else if (ruling->low == ruling->high)
		fprintf(out, "we say %" PRIu64, ruling->low);
	else
		fprintf(out, "we say %" PRIu64 " to %" PRIu64, ruling->low, ruling->high);
}

void audit_print_finding(FILE *out, const struct audit_tally *tally,
			 const struct audit_finding *finding)
{
	const struct audit_subject *subject = &finding->subject;
	const struct ruling *ruling = &finding->ruling;
	const struct audited_vm *vm = &tally->vms[subject->vm];

	fprintf(out, "%s: VM %" PRIu32 " %s, ", verdict_outcome(ruling->verdict), vm->pid,
		vm->name);
	if (subject->counter)
		fprintf(out, "vCPU %" PRIu32 "'s counter, ", subject->vcpu);
	print_sum(out, finding);
	if (!ruling->who)
		print_numbers(out, ruling);
	fprintf(out, ": %s", audit_finding_why(finding));
	if (subject->vcpus > 1)
		fprintf(out, " (%" PRIu32 " of %" PRIu32 " vCPUs were not in the guest)",
			subject->waiting, subject->vcpus);
	fputc('\n', out);
}

/* --- all of them ------------------------------------------------------------------ */

static void print_score(FILE *out, const char *what, const struct audit_score *score)
{
	fprintf(out, "%s %" PRIu64 " checked:", what, score->checked);
	for (int verdict = 0; verdict < NVERDICTS; verdict++)
		fprintf(out, "%s %" PRIu64 " %s", verdict ? "," : "", score->by_verdict[verdict],
			verdict_outcome(verdict));
}

void audit_print_line(FILE *out, const struct audit_tally *tally)
{
	print_score(out, "answers", &tally->answers);
	if (tally->counters.checked)
		print_score(out, "; counters", &tally->counters);
	fputc('\n', out);
}

static void print_causes(FILE *out, const struct audit_tally *tally)
{
	for (int cause = CAUSE_NONE + 1; cause < NCAUSES; cause++) {
		uint64_t n = tally->answers.by_cause[cause] + tally->counters.by_cause[cause];

		if (n)
			fprintf(out, "explained by %s: %" PRIu64 "\n", cause_text(cause), n);
	}
}

static void print_excess(FILE *out, const struct audit_tally *tally)
{
	const struct distribution *excess = &tally->excess;

	if (!excess->count)
		return;
	fprintf(out,
		"cycles away: KVM's window is longer than ours by, per exit: min %" PRIu64
		", avg %" PRIu64 ", p50 %" PRIu64 ", p99 %" PRIu64 ", max %" PRIu64 " (%" PRIu64
		" checks)\n",
		excess->min, excess->sum / excess->count, distribution_percentile(excess, 50),
		distribution_percentile(excess, 99), excess->max, excess->count);
	fprintf(out, "cycles away: in sum %" PRId64 " longer over %" PRIu64 " exits\n",
		tally->most_excess, tally->most_exits);
}

static void print_vm(FILE *out, const struct audit_report *report, const struct audited_vm *vm)
{
	const struct vm_stat *seen = snapshot_find_vm(report->snap, vm->serial);
	size_t vcpus = seen ? seen->nvcpus : 0;

	fprintf(out, "VM %" PRIu32 " %s: %zu vCPU%s, %" PRIu64 " exits; ", vm->pid, vm->name, vcpus,
		vcpus == 1 ? "" : "s", seen ? vm_count(seen) : 0);
	if (vm->uncounted) {
		fputs("KVM does not count it\n", out);
		return;
	}
	print_score(out, "answers", &vm->answers);
	if (vm->counters.checked)
		print_score(out, "; counters", &vm->counters);
	fputc('\n', out);
}

void audit_print_summary(FILE *out, const struct audit_report *report)
{
	const struct losses *losses = &report->snap->losses;
	const struct audit_tally *tally = report->tally;
	char time[16];

	duration(time, sizeof(time), report->ns);
	fprintf(out, "\naudited for %s\n", time);
	for (size_t i = 0; i < tally->nvms; i++)
		print_vm(out, report, &tally->vms[i]);
	print_causes(out, tally);
	print_excess(out, tally);
	if (report->clock_set_ns)
		fprintf(out,
			"clock: the time of day was set meanwhile, by %+.3f s; no time above is of "
			"that clock\n",
			(double)report->clock_set_ns / (double)NS_PER_SEC);
	audit_print_line(out, tally);
	fprintf(out, "not checked: %" PRIu64 " answers\n", report->unseen);
	if (report->unseen_ends)
		fprintf(out, "not checked: the last counters of %" PRIu64 " vCPUs\n",
			report->unseen_ends);
	fprintf(out, "losses: %" PRIu64 " map_full, %" PRIu64 " unpaired, %" PRIu64 " missed\n",
		losses->map_full, losses->unpaired, losses->missed);
}
