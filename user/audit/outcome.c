// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "audit/outcome.h"

static uint64_t checked(const struct audit_report *report)
{
	return report->tally->answers.checked + report->tally->counters.checked;
}

static uint64_t wrong(const struct audit_report *report)
{
	return report->tally->answers.by_verdict[VERDICT_DISAGREE] +
	       report->tally->counters.by_verdict[VERDICT_DISAGREE];
}

enum outcome outcome_of(const struct audit_report *report)
{
	if (wrong(report))
		return OUTCOME_WRONG;
	if (report->unseen || report->unseen_ends)
		return OUTCOME_UNSEEN;
	if (report->has_command && report->command_status && !report->interrupted)
		return OUTCOME_COMMAND_FAILED;
	return checked(report) ? OUTCOME_AGREED : OUTCOME_NOTHING;
}

const char *outcome_key(enum outcome outcome)
{
	static const char *const keys[NOUTCOMES] = {
		[OUTCOME_WRONG] = "wrong",
		[OUTCOME_UNSEEN] = "unseen",
		[OUTCOME_COMMAND_FAILED] = "command_failed",
		[OUTCOME_NOTHING] = "nothing_checked",
		[OUTCOME_AGREED] = "agreed",
	};

	return keys[outcome];
}

/* Why, and what would be. */
static const char *why_nothing(const struct audit_tally *tally)
{
	size_t uncounted = 0;

	for (size_t i = 0; i < tally->nvms; i++)
		uncounted += tally->vms[i].uncounted;
	if (!tally->nvms)
		return "no VM has run";
	if (uncounted == tally->nvms)
		return "KVM counts none of these VMs: load it with exitstat=1, or have the VMM ask for it";
	return "no guest has asked: have one run exitstat-guest, or use --counters";
}

int outcome_status(const struct audit_report *report, struct error *err)
{
	switch (outcome_of(report)) {
	case OUTCOME_WRONG:
		fail(err, STATUS_FAILED,
		     "%" PRIu64 " of %" PRIu64
		     " numbers are wrong: KVM's and ours are printed above",
		     wrong(report), checked(report));
		return STATUS_FAILED;
	case OUTCOME_UNSEEN:
		if (!report->unseen) {
			fail(err, STATUS_CANNOT,
			     "the last counters of %" PRIu64
			     " vCPUs could not be checked: their ends "
			     "were not seen",
			     report->unseen_ends);
			return STATUS_CANNOT;
		}
		fail(err, STATUS_CANNOT,
		     "%" PRIu64 " answers could not be checked: use a larger --max-vcpus, and let "
		     "guests ask less often",
		     report->unseen);
		return STATUS_CANNOT;
	case OUTCOME_COMMAND_FAILED:
		fail(err, STATUS_COMMAND_FAILED, "the command ended with status %d",
		     report->command_status);
		return STATUS_COMMAND_FAILED;
	case OUTCOME_NOTHING:
		fail(err, STATUS_CANNOT, "nothing was checked: %s", why_nothing(report->tally));
		return STATUS_CANNOT;
	default:
		return STATUS_OK;
	}
}
