// SPDX-License-Identifier: GPL-2.0-only
#include "base/clock.h"
#include "audit/rules.h"

static const struct {
	const char *key, *text;
} causes[NCAUSES] = {
	[CAUSE_NONE] = { "none", "nothing explains it" },
	[CAUSE_IN_FLIGHT] = { "in_flight", "exits in flight" },
	[CAUSE_BEFORE_ATTACH] = { "before_attach", "exits from before the audit began" },
	[CAUSE_LOSSES] = { "losses", "exits that were lost here" },
};

const char *cause_key(enum cause cause)
{
	return causes[cause].key;
}

const char *cause_text(enum cause cause)
{
	return causes[cause].text;
}

/*
 * Our times are differences of a clock that counts whole nanoseconds and is slewed
 * by up to 500 ppm to follow real time, which the TSC is not.
 */
static uint64_t clock_error(const struct rules *rules, uint64_t exits, uint64_t cycles)
{
	return exits * (rules->tsc_khz / 1000000 + 1) + cycles / 2000 + 1;
}

static struct ruling wrong(struct ruling finding, const char *what)
{
	finding.verdict = VERDICT_DISAGREE;
	finding.cause = CAUSE_NONE;
	finding.what = what;
	return finding;
}

static struct ruling explained(struct ruling finding, enum cause cause)
{
	finding.verdict = VERDICT_EXPLAINED;
	finding.cause = cause;
	return finding;
}

/* --- exits ---------------------------------------------------------------------- */

static uint32_t other_vcpus(const struct exitstat_answer *answer)
{
	uint32_t vcpus = answer->created > answer->seen ? answer->created : answer->seen;

	return vcpus ? vcpus - 1 : 0;
}

static bool has_unseen(const struct exitstat_answer *answer)
{
	return answer->seen < answer->created;
}

static bool baseline_is_known(const struct exitstat_answer *answer)
{
	return !answer->unknown && !has_unseen(answer);
}

static bool lost_explain(const struct rules *rules, const struct ruling *finding)
{
	return finding->told > finding->high && finding->told - finding->high <= rules->lost;
}

/* Exits of vCPUs that have no slot: from before, or not counted as there is no room. */
static struct ruling explained_by_unseen(const struct rules *rules, struct ruling finding)
{
	return explained(finding, rules->lost ? CAUSE_LOSSES : CAUSE_BEFORE_ATTACH);
}

/*
 * There are exits that we know nothing of but that their number only grows by what we
 * lost: each answer tells within which bounds it is, and all of them must agree.
 */
static struct ruling judge_growth(const struct rules *rules, const struct exitstat_answer *answer,
				  struct ruling finding, bool at_rest, struct past *past)
{
	const uint64_t ours_low = finding.low, ours_high = finding.high;
	int64_t low = (int64_t)(finding.told - ours_high);
	int64_t high = (int64_t)(finding.told - ours_low);
	uint64_t lost = answer->lost_after - past->lost;

	past->lost = answer->lost_before;
	if (high < 0)
		return wrong(finding, NULL);
	if (low < 0)
		low = 0;
	if (!past->any || past->seen != answer->seen) {
		past->low = low;
		past->high = high;
		return explained_by_unseen(rules, finding);
	}
	past->high += (int64_t)lost;
	finding.low = ours_low + (uint64_t)past->low;
	finding.high = ours_high + (uint64_t)past->high;
	if (low > past->high || high < past->low)
		return wrong(finding, NULL);
	if (low > past->low)
		past->low = low;
	if (high < past->high)
		past->high = high;
	/* As what it may be, show what follows from all answers. */
	finding.low = ours_low + (uint64_t)past->low;
	finding.high = ours_high + (uint64_t)past->high;
	if (lost)
		return explained(finding, CAUSE_LOSSES);
	return at_rest ? finding : explained(finding, CAUSE_IN_FLIGHT);
}

static struct ruling judge_count(const struct rules *rules, const struct exitstat_answer *answer,
				 const struct exitstat_tally *before,
				 const struct exitstat_tally *after, struct ruling finding,
				 struct past *past)
{
	uint64_t low = before->baseline[EXITSTAT_COUNT] + before->count;
	uint64_t high = after->baseline[EXITSTAT_COUNT] + after->count;
	bool at_rest = low == high;

	finding.low = low;
	/* Each other vCPU may have an exit that KVM has counted and we have not yet. */
	finding.high = high + other_vcpus(answer);
	if (at_rest && finding.told == low)
		return finding;
	if (!baseline_is_known(answer))
		return judge_growth(rules, answer, finding, at_rest, past);
	if (finding.told >= finding.low && finding.told <= finding.high)
		return explained(finding, CAUSE_IN_FLIGHT);
	if (lost_explain(rules, &finding))
		return explained(finding, CAUSE_LOSSES);
	return wrong(finding, NULL);
}

static const char too_long[] = "longer than from kvm_exit to kvm_entry and the probes";

/* --- cycles ---------------------------------------------------------------------- */

/*
 * The most KVM's window may have, where ours has so many cycles of so many exits.
 * Interrupts are on between a hook and its probe, at least on SVM: now and then another
 * thread runs there for as long as it pleases, so that by itself there is no bound.
 */
static uint64_t most_cycles(const struct rules *rules, uint64_t exits, uint64_t cycles)
{
	if (!rules->probe_cycles)
		return UINT64_MAX;
	return cycles + exits * rules->probe_cycles + cycles / 4 + rules->tsc_khz * 100ull;
}

/* More cycles than can be: is there a reason? */
static struct ruling judge_too_many(const struct rules *rules, const struct exitstat_answer *answer,
				    struct ruling finding, const char *what)
{
	if (has_unseen(answer))
		return explained_by_unseen(rules, finding);
	return rules->lost ? explained(finding, CAUSE_LOSSES) : wrong(finding, what);
}

/*
 * Our window lies within KVM's. But KVM ends its own after we have ended ours, so of
 * other vCPUs only those have surely ended that had when we were asked the last time.
 */
static struct ruling judge_away(const struct rules *rules, const struct exitstat_answer *answer,
				const struct exitstat_tally *before,
				const struct exitstat_tally *after, struct ruling finding,
				struct past *past)
{
	uint64_t ours =
		before->baseline[EXITSTAT_AWAY] + ns_to_cycles(before->timed_ns, rules->tsc_khz);
	uint64_t most =
		after->baseline[EXITSTAT_AWAY] + ns_to_cycles(after->timed_ns, rules->tsc_khz);
	uint64_t error = clock_error(rules, after->count, most);
	uint64_t surely = other_vcpus(answer) ? past->closed : ours;

	past->closed = ours;
	finding.low = ours > error ? ours - error : 0;
	finding.high = most_cycles(rules, after->count + 1, most + error);
	if (finding.told + error < surely)
		return wrong(finding, "less than the time from kvm_exit to kvm_entry");
	if (finding.told < finding.low)
		return explained(finding, CAUSE_IN_FLIGHT);
	if (finding.told <= finding.high) {
		finding.has_excess = before->count == after->count && after->count &&
				     !has_unseen(answer);
		finding.excess = (int64_t)(finding.told - most);
		finding.excess_exits = after->count;
		return finding;
	}
	return judge_too_many(rules, answer, finding, too_long);
}

/* A handler has returned before the next entry, and with one vCPU all others have ended. */
static struct ruling judge_handled(const struct rules *rules, const struct exitstat_answer *answer,
				   const struct exitstat_tally *after, struct ruling finding)
{
	uint64_t away = ns_to_cycles(after->timed_ns, rules->tsc_khz);

	finding.low = after->baseline[EXITSTAT_HANDLED];
	away += clock_error(rules, after->count, away);
	finding.high = most_cycles(rules, after->count + 1, finding.low + away);
	if (other_vcpus(answer) || finding.told <= finding.high)
		return finding;
	return judge_too_many(rules, answer, finding, "more cycles handled than away");
}

static struct ruling judge_sum(const struct rules *rules, const struct exitstat_answer *answer,
			       struct ruling finding, struct past *past)
{
	bool all = finding.leaf <= LEAF_AWAY_ALL;
	const struct exitstat_tally *before = all ? &answer->total_before : &answer->reason_before;
	const struct exitstat_tally *after = all ? &answer->total_after : &answer->reason_after;

	if (finding.leaf == LEAF_COUNT || finding.leaf == LEAF_COUNT_ALL)
		return judge_count(rules, answer, before, after, finding, past);
	if (answer->unknown)
		return past->any ? finding : explained(finding, CAUSE_BEFORE_ATTACH);
	if (finding.leaf == LEAF_AWAY || finding.leaf == LEAF_AWAY_ALL)
		return judge_away(rules, answer, before, after, finding, past);
	return judge_handled(rules, answer, after, finding);
}

/* --- answers --------------------------------------------------------------------- */

bool answer_leaf(const struct exitstat_answer *answer, uint32_t layout, enum leaf *leaf)
{
	for (*leaf = LEAF_COUNT_ALL; *leaf <= LEAF_AWAY; (*leaf)++)
		if (leaf_number(layout, *leaf) == answer->function)
			return true;
	return false;
}

static struct cpuid_regs answer_regs(const struct exitstat_answer *answer)
{
	const __u32 *regs = answer->answer;

	return (struct cpuid_regs){ regs[0], regs[1], regs[2], regs[3] };
}

static struct ruling judge_who(const struct rules *rules, const struct exitstat_answer *answer,
			       uint32_t isa)
{
	struct cpuid_regs regs = answer_regs(answer);
	struct ruling finding = { .who = true };

	if (answer->index == 0 &&
	    (!who_is_signed(&regs) || regs.eax != (LEAVES_ABI << 16 | rules->layout)))
		return wrong(finding, "not who answers here");
	/* The kernel's own number; ours may be measured. */
	if (answer->index == 1 &&
	    (regs.eax != isa || !leaves_have_total(isa, regs.ebx) || !regs.ecx || regs.edx))
		return wrong(finding, "not what answers here");
	if (answer->index > 1 && (regs.eax | regs.ebx | regs.ecx | regs.edx))
		return wrong(finding, "no such subleaf");
	return finding;
}

struct ruling judge_answer(const struct rules *rules, const struct exitstat_answer *answer,
			   uint32_t isa, struct past *past)
{
	struct cpuid_regs regs = answer_regs(answer);
	struct ruling finding = { 0 };

	if (!answer_leaf(answer, rules->layout, &finding.leaf))
		return judge_who(rules, answer, isa);
	switch (leaf_decode(finding.leaf, &regs, &finding.told)) {
	case ANSWER_NONSENSE:
		return wrong(finding, "not what the ABI allows");
	case ANSWER_UNDEFINED:
		return answer->reason_after.count
			       ? wrong(finding, "called undefined, but it happens")
			       : finding;
	default:
		break;
	}
	if (past->any && finding.told < past->told) {
		finding.low = past->told;
		finding.high = UINT64_MAX;
		finding = wrong(finding, "less than the last time");
	} else {
		finding = judge_sum(rules, answer, finding, past);
	}
	past->any = true;
	past->told = finding.told;
	past->seen = answer->seen;
	return finding;
}

/* --- counters -------------------------------------------------------------------- */

/*
 * KVM ends a window after we have ended ours, so that the last one may not be in its
 * counter yet; but those that we had ended at the check before are.
 */
struct ruling judge_counter(const struct rules *rules, const struct counter_pair *pair,
			    struct past *past)
{
	uint64_t surely = past->closed;
	uint64_t base = pair->baseline[EXITSTAT_COUNT];
	uint64_t ours = ns_to_cycles(pair->before_ns, rules->tsc_khz);
	uint64_t away = pair->now[EXITSTAT_AWAY] - pair->baseline[EXITSTAT_AWAY];
	uint64_t handled = pair->now[EXITSTAT_HANDLED] - pair->baseline[EXITSTAT_HANDLED];
	uint64_t error = clock_error(rules, pair->after, ours);
	bool at_rest = pair->before == pair->after && pair->before_ns == pair->after_ns;
	struct ruling finding = {
		.leaf = LEAF_COUNT,
		.told = pair->now[EXITSTAT_COUNT],
		.low = base + pair->before,
		.high = base + pair->after + !pair->ended,
	};

	if (finding.told < finding.low || finding.told > finding.high)
		return lost_explain(rules, &finding) ? explained(finding, CAUSE_LOSSES)
						     : wrong(finding, NULL);
	if (finding.told != finding.low)
		return explained(finding, CAUSE_IN_FLIGHT);
	if (!at_rest)
		return finding;
	finding.leaf = LEAF_AWAY;
	finding.told = pair->now[EXITSTAT_AWAY];
	finding.low = pair->baseline[EXITSTAT_AWAY] + (ours > error ? ours - error : 0);
	finding.high =
		most_cycles(rules, pair->after + 1, pair->baseline[EXITSTAT_AWAY] + ours + error);
	past->closed = finding.low;
	if (finding.told < surely)
		return wrong(finding, "less than the time from kvm_exit to kvm_entry");
	if (finding.told < finding.low)
		return explained(finding, CAUSE_IN_FLIGHT);
	if (finding.told > finding.high)
		return rules->lost ? explained(finding, CAUSE_LOSSES) : wrong(finding, too_long);
	/* A vCPU in user space has its handled cycles added, but not yet those away. */
	if (!pair->waiting && handled > away)
		return wrong(finding, "more cycles handled than away");
	finding.has_excess = pair->after;
	finding.excess = (int64_t)(away - ours);
	finding.excess_exits = pair->after;
	return finding;
}
