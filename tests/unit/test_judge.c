// SPDX-License-Identifier: GPL-2.0-only
#include "unit.h"
#include "base/clock.h"
#include "audit/rules.h"

enum {
	SVM = EXITSTAT_ISA_SVM,
	CPUID = 0x72
};

static const struct rules rules = { .layout = 2021, .tsc_khz = 1000000, .probe_cycles = 100 };

static struct exitstat_tally tally_of(uint64_t baseline, uint64_t count, uint64_t ns)
{
	return (struct exitstat_tally){
		.count = count,
		.timed_ns = ns,
		.baseline = { [EXITSTAT_AWAY] = baseline, [EXITSTAT_COUNT] = baseline },
	};
}

/* The count of CPUID exits in a VM of so many vCPUs, all seen: count before, and after. */
static struct exitstat_answer count_answer(uint32_t vcpus, uint64_t told, uint64_t before,
					   uint64_t after)
{
	return (struct exitstat_answer){
		.function = 0x4ffffffd,
		.index = CPUID,
		.created = vcpus,
		.seen = vcpus,
		.answer = { (uint32_t)told, told >> 32 },
		.reason_before = tally_of(0, before, 0),
		.reason_after = tally_of(0, after, 0),
	};
}

static struct exitstat_answer away_answer(uint32_t vcpus, uint64_t told, uint64_t ns)
{
	return (struct exitstat_answer){
		.function = 0x4ffffffa,
		.index = CPUID,
		.created = vcpus,
		.seen = vcpus,
		.answer = { 0, told >> 32, (uint32_t)told },
		.reason_before = tally_of(0, 10, ns),
		.reason_after = tally_of(0, 10, ns),
	};
}

static enum verdict judged(const struct exitstat_answer *answer)
{
	struct past past = { 0 };

	return judge_answer(&rules, answer, SVM, &past).verdict;
}

static void test_one_vcpu_is_exact(void **state)
{
	struct exitstat_answer answer = count_answer(1, 5000000000, 5000000000, 5000000000);

	(void)state;
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer = count_answer(1, 101, 100, 100);
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	answer = count_answer(1, 99, 100, 100);
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
}

static void test_others_in_flight(void **state)
{
	struct exitstat_answer answer;
	struct past past = { 0 };
	struct ruling finding;

	(void)state;
	/* 3 others: as many may have been counted by KVM alone. */
	for (uint64_t told = 99; told <= 114; told++) {
		answer = count_answer(4, told, 100, 110);
		assert_int_equal(judged(&answer),
				 told >= 100 && told <= 113 ? VERDICT_EXPLAINED : VERDICT_DISAGREE);
	}
	answer = count_answer(4, 105, 100, 110);
	finding = judge_answer(&rules, &answer, SVM, &past);
	assert_int_equal(finding.cause, CAUSE_IN_FLIGHT);
	assert_int_equal(finding.low, 100);
	assert_int_equal(finding.high, 113);
	answer = count_answer(4, 100, 100, 100);
	assert_int_equal(judged(&answer), VERDICT_AGREE);
}

static void test_baseline(void **state)
{
	struct exitstat_answer answer = count_answer(1, 1100, 100, 100);

	(void)state;
	answer.reason_before = tally_of(1000, 100, 0);
	answer.reason_after = answer.reason_before;
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer.answer[0] = 100;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
}

/* A vCPU that has not exited since: its exits from before are some number, always the same. */
static void test_before_attach(void **state)
{
	const struct {
		uint64_t told, count;
		enum verdict verdict;
	} answers[] = {
		{ 1100, 100, VERDICT_EXPLAINED }, /* 999 or 1000, the other may be exiting */
		{ 1200, 200, VERDICT_AGREE },	  { 1299, 300, VERDICT_AGREE }, /* so 999 */
		{ 1400, 400, VERDICT_AGREE },	  { 1501, 500, VERDICT_DISAGREE },
	};
	struct past past = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct exitstat_answer answer =
			count_answer(1, answers[i].told, answers[i].count, answers[i].count);

		answer.created = 2;
		assert_int_equal(judge_answer(&rules, &answer, SVM, &past).verdict,
				 answers[i].verdict);
	}
}

static void test_fewer_than_we_counted(void **state)
{
	struct exitstat_answer answer = count_answer(1, 99, 100, 100);

	(void)state;
	answer.created = 2; /* no exits from before make it fewer */
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
}

static void test_losses(void **state)
{
	struct exitstat_answer answer = count_answer(1, 110, 100, 100);
	struct rules lossy = rules;
	struct past past = { 0 };
	struct ruling finding;

	(void)state;
	lossy.lost = 10;
	finding = judge_answer(&lossy, &answer, SVM, &past);
	assert_int_equal(finding.verdict, VERDICT_EXPLAINED);
	assert_int_equal(finding.cause, CAUSE_LOSSES);
	answer = count_answer(1, 111, 100, 100);
	assert_int_equal(judge_answer(&lossy, &answer, SVM, &past).verdict, VERDICT_DISAGREE);
	answer = count_answer(1, 111, 112, 112); /* what we lost, KVM did not */
	assert_int_equal(judge_answer(&lossy, &answer, SVM, &past).verdict, VERDICT_DISAGREE);
}

/*
 * There is no room for one of two vCPUs: what KVM says in all grows by its exits, and
 * what we say stays a range.
 */
static void test_no_room(void **state)
{
	struct rules lossy = rules;
	struct past past = { 0 };
	struct ruling finding;

	(void)state;
	lossy.lost = 5000; /* when it is judged */
	for (uint64_t i = 1; i < 50; i++) {
		struct exitstat_answer answer = count_answer(1, 1000 + 110 * i, 10 * i, 10 * i + 5);

		answer.created = 2;
		answer.lost_before = 100 * i - 1;
		answer.lost_after = 100 * i;
		finding = judge_answer(&lossy, &answer, SVM, &past);
		assert_int_equal(finding.verdict, VERDICT_EXPLAINED);
		assert_int_equal(finding.cause, CAUSE_LOSSES);
		assert_true(finding.low <= finding.high);
	}
	/* One more than was lost and may be in flight. */
	finding = (struct ruling){ 0 };
	for (uint64_t more = 0; finding.verdict != VERDICT_DISAGREE; more++) {
		struct exitstat_answer answer = count_answer(1, 1000 + 110 * 50 + more, 500, 505);
		struct past copy = past;

		answer.created = 2;
		answer.lost_before = answer.lost_after = 5000;
		finding = judge_answer(&lossy, &answer, SVM, &copy);
		assert_true(finding.low <= finding.high);
		assert_true(finding.verdict != VERDICT_DISAGREE ||
			    finding.told == finding.high + 1);
		assert_true(more < 1000);
	}
}

static void test_never_back(void **state)
{
	struct exitstat_answer answer = count_answer(2, 105, 100, 110);
	struct past past = { 0 };
	struct ruling finding;

	(void)state;
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).verdict, VERDICT_EXPLAINED);
	answer = count_answer(2, 104, 100, 110);
	finding = judge_answer(&rules, &answer, SVM, &past);
	assert_int_equal(finding.verdict, VERDICT_DISAGREE);
	assert_string_equal(finding.what, "less than the last time");
}

static void test_away(void **state)
{
	/* At 1 GHz a ns is a cycle; 10 exits are 20 ns uncertain, and 1/2000. */
	const uint64_t ns = 1000000000, error = 10 * 2 + ns / 2000 + 1;
	struct exitstat_answer answer = away_answer(1, ns + 1000, ns);
	struct past past = { 0 };
	struct ruling finding = judge_answer(&rules, &answer, SVM, &past);

	(void)state;
	assert_int_equal(finding.verdict, VERDICT_AGREE);
	assert_true(finding.has_excess);
	assert_int_equal(finding.excess, 1000);
	assert_int_equal(finding.excess_exits, 10);
	answer = away_answer(1, ns - error, ns);
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer = away_answer(1, ns - error - 1, ns);
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	answer = away_answer(1, 2 * ns, ns);
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	answer = away_answer(2, ns / 2, ns); /* another vCPU's windows are about to end */
	assert_int_equal(judged(&answer), VERDICT_EXPLAINED);
}

static void test_away_catches_up(void **state)
{
	struct exitstat_answer answer = away_answer(2, 1000000, 1000000);
	struct past past = { 0 };

	(void)state;
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).verdict, VERDICT_AGREE);
	answer = away_answer(2, 1000001, 900000000);
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).verdict, VERDICT_EXPLAINED);
	answer = away_answer(2, 1000002, 900000000);
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).verdict, VERDICT_DISAGREE);
}

/* More than can be, of which there may have been more before we came, or lost. */
static void test_too_many_cycles(void **state)
{
	const struct rules lossy = { 2021, .tsc_khz = 1000000, .lost = 1, .probe_cycles = 100 };
	const struct rules boundless = { 2021, .tsc_khz = 1000000 };
	struct exitstat_answer answer = away_answer(2, 5000000000, 1000000000);
	struct past past = { 0 };

	(void)state;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	assert_int_equal(judge_answer(&lossy, &answer, SVM, &past).cause, CAUSE_LOSSES);
	assert_int_equal(judge_answer(&boundless, &answer, SVM, &past).verdict, VERDICT_AGREE);
	answer.seen = 1;
	past = (struct past){ 0 };
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).cause, CAUSE_BEFORE_ATTACH);
}

static void test_handled(void **state)
{
	struct exitstat_answer answer = away_answer(1, 900000000, 1000000000);

	(void)state;
	answer.function = 0x4ffffffc;
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer = away_answer(1, 2000000000, 1000000000);
	answer.function = 0x4ffffffc;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	/* Another vCPU can be handling one that has not ended here. */
	answer.created = answer.seen = 2;
	assert_int_equal(judged(&answer), VERDICT_AGREE);
}

/* What KVM had before is not known, so that only what follows can be judged. */
static void test_cycles_from_before(void **state)
{
	struct exitstat_answer answer = away_answer(1, 5000000000, 1000);
	struct past past = { 0 };

	(void)state;
	answer.unknown = 1;
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).cause, CAUSE_BEFORE_ATTACH);
	answer = away_answer(1, 5000000001, 1000);
	answer.unknown = 1;
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).verdict, VERDICT_AGREE);
	answer = away_answer(1, 4999999999, 1000);
	answer.unknown = 1;
	assert_int_equal(judge_answer(&rules, &answer, SVM, &past).verdict, VERDICT_DISAGREE);
}

static void test_form(void **state)
{
	struct exitstat_answer answer = count_answer(1, 100, 100, 100);

	(void)state;
	answer.answer[2] = 1;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	answer = away_answer(1, 0, 0);
	answer.answer[0] = 1;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
}

static void test_undefined(void **state)
{
	struct exitstat_answer answer = {
		.function = 0x4ffffffd, .index = 0xb0, .created = 1, .seen = 1
	};

	(void)state;
	answer.answer[3] = UINT32_MAX;
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer.reason_after.count = 1;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
}

static void test_who(void **state)
{
	struct exitstat_answer answer = {
		.function = 0x4ffffffb,
		.answer = { 1u << 16 | 2021, 0x454d564b, 0x53746978, 0x73746174 },
	};

	(void)state;
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer.answer[0]++;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	answer = (struct exitstat_answer){ .function = 0x4ffffffb, .index = 1 };
	answer.answer[0] = SVM;
	answer.answer[1] = 171;
	answer.answer[2] = 1000000;
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer.answer[0] = EXITSTAT_ISA_VMX;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
	answer = (struct exitstat_answer){ .function = 0x4ffffffb, .index = 2 };
	assert_int_equal(judged(&answer), VERDICT_AGREE);
	answer.answer[1] = 1;
	assert_int_equal(judged(&answer), VERDICT_DISAGREE);
}

static void test_layout(void **state)
{
	struct exitstat_answer answer = { .function = 0x4ffffffe };
	enum leaf leaf;

	(void)state;
	assert_true(answer_leaf(&answer, 2021, &leaf));
	assert_int_equal(leaf, LEAF_HANDLED_ALL);
	assert_true(answer_leaf(&answer, 2022, &leaf));
	assert_int_equal(leaf, LEAF_COUNT);
	answer.function = 0x4ffffffb;
	assert_false(answer_leaf(&answer, 2021, &leaf));
}

static struct ruling judged_pair(uint64_t now, uint64_t before, uint64_t after)
{
	const __u64 counter[EXITSTAT_SUMS] = { [EXITSTAT_COUNT] = now };
	const __u64 none[EXITSTAT_SUMS] = { 0 };
	const struct counter_pair pair = {
		.before = before, .after = after, .now = counter, .baseline = none
	};

	struct past past = { 0 };

	return judge_counter(&rules, &pair, &past);
}

static enum verdict judged_away(struct past *past, uint64_t away, uint64_t exits, uint64_t ns)
{
	const __u64 counter[EXITSTAT_SUMS] = { [EXITSTAT_COUNT] = exits, [EXITSTAT_AWAY] = away };
	const __u64 none[EXITSTAT_SUMS] = { 0 };
	const struct counter_pair pair = {
		.before = exits,
		.after = exits,
		.before_ns = ns,
		.after_ns = ns,
		.now = counter,
		.baseline = none,
	};

	return judge_counter(&rules, &pair, past).verdict;
}

/* The last window has ended here, and KVM is about to end it; then it had to. */
static void test_counter_of_an_open_window(void **state)
{
	uint64_t window = 1000000, cycles = ns_to_cycles(window, rules.tsc_khz);
	struct past past = { 0 };

	(void)state;
	assert_int_equal(judged_away(&past, 5 * cycles, 5, 5 * window), VERDICT_AGREE);
	assert_int_equal(judged_away(&past, 5 * cycles, 6, 6 * window), VERDICT_EXPLAINED);
	assert_int_equal(judged_away(&past, 6 * cycles, 6, 6 * window), VERDICT_AGREE);
	assert_int_equal(judged_away(&past, 6 * cycles, 7, 7 * window), VERDICT_EXPLAINED);
	assert_int_equal(judged_away(&past, 6 * cycles, 8, 8 * window), VERDICT_DISAGREE);
}

static void test_counters(void **state)
{
	(void)state;
	assert_int_equal(judged_pair(100, 100, 100).verdict, VERDICT_AGREE);
	assert_int_equal(judged_pair(101, 100, 100).verdict, VERDICT_EXPLAINED);
	assert_int_equal(judged_pair(102, 100, 100).verdict, VERDICT_DISAGREE);
	assert_int_equal(judged_pair(99, 100, 100).verdict, VERDICT_DISAGREE);
	assert_int_equal(judged_pair(105, 100, 105).verdict, VERDICT_EXPLAINED);
}

static struct ruling judged_cycles(const struct rules *with, uint64_t away, uint64_t handled,
				   bool waiting)
{
	const __u64 counter[EXITSTAT_SUMS] = {
		[EXITSTAT_COUNT] = 5, [EXITSTAT_AWAY] = away, [EXITSTAT_HANDLED] = handled
	};
	const __u64 none[EXITSTAT_SUMS] = { 0 };
	const struct counter_pair pair = {
		.before = 5,
		.after = 5,
		.before_ns = 5000000,
		.after_ns = 5000000,
		.waiting = waiting,
		.now = counter,
		.baseline = none,
	};
	struct past past = { 0 };

	return judge_counter(with, &pair, &past);
}

static void test_counted_cycles(void **state)
{
	const struct rules lossy = { 2021, .tsc_khz = 1000000, .lost = 1, .probe_cycles = 100 };

	(void)state;
	assert_int_equal(judged_cycles(&rules, 5000100, 5000000, false).verdict, VERDICT_AGREE);
	assert_int_equal(judged_cycles(&rules, 5000100, 5000000, false).excess, 100);
	assert_int_equal(judged_cycles(&rules, 5000100, 5000101, false).verdict, VERDICT_DISAGREE);
	assert_int_equal(judged_cycles(&rules, 5000100, 5000101, true).verdict, VERDICT_AGREE);
	assert_int_equal(judged_cycles(&rules, 900000000, 0, false).verdict, VERDICT_DISAGREE);
	assert_int_equal(judged_cycles(&lossy, 900000000, 0, false).cause, CAUSE_LOSSES);
}

/* As kernel-patch/ has it, arch/x86/kvm/exitstat.h. */
static void test_counter_of_a_reason(void **state)
{
	(void)state;
	assert_int_equal(exitstat_counter(SVM, 0xff), 0xff);
	assert_int_equal(exitstat_counter(SVM, 0x100), EXITSTAT_COUNTERS - 1);
	assert_int_equal(exitstat_counter(SVM, 0x40f), 0x10f);
	assert_int_equal(exitstat_counter(SVM, 0x410), EXITSTAT_COUNTERS - 1);
	assert_int_equal(exitstat_counter(SVM, 0xfffffffe), 0x110);
	assert_int_equal(exitstat_counter(SVM, 0xffffffff), 0x111);
	assert_int_equal(exitstat_counter(EXITSTAT_ISA_VMX, 0x80000021), 33);
}

UNIT_TESTS(judge)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_vcpu_is_exact),
		cmocka_unit_test(test_others_in_flight),
		cmocka_unit_test(test_baseline),
		cmocka_unit_test(test_before_attach),
		cmocka_unit_test(test_fewer_than_we_counted),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_never_back),
		cmocka_unit_test(test_away),
		cmocka_unit_test(test_away_catches_up),
		cmocka_unit_test(test_too_many_cycles),
		cmocka_unit_test(test_handled),
		cmocka_unit_test(test_cycles_from_before),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_undefined),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_counter_of_an_open_window),
		cmocka_unit_test(test_counted_cycles),
		cmocka_unit_test(test_counter_of_a_reason),
	};

	RUN_GROUP(tally, "judge", tests);
}
