// SPDX-License-Identifier: GPL-2.0-only
/* Runs in which anything may happen at any time: what is right is never called wrong. */
#include <stdlib.h>

#include "compare_run.h"
#include "pair_sample.h"
#include "unit.h"

#define RUNS 300

static uint64_t state;

static uint64_t below(uint64_t n)
{
	return next_random(&state) % n;
}

/* What the host's document has of what KVM answered. */
enum answered {
	NOT_ANSWERED,
	SOME_ANSWERED,
	ALL_ANSWERED,
	NANSWERED,
};

static const uint32_t codes[] = { PAIR_CPUID, PAIR_IO, PAIR_HLT, PAIR_MSR };

static void happen(void)
{
	uint64_t kind = below(8);

	if (kind == 0)
		pair_snapshot();
	else if (kind == 1)
		pair_wait(below(100000000));
	else if (kind == 2)
		pair_exits(PAIR_HLT, below(30000000), 1);
	else
		pair_exits(codes[below(COUNT(codes))], 1000 + below(100000), 1 + below(20));
}

/* Between two questions of a reading. */
static void interrupt(void)
{
	if (!below(30))
		happen();
}

/* Some of KVM's answers are lost, as where there are too many at once. */
static void lose_answers(struct pair *pair)
{
	struct answers *answers = &pair->answers;
	size_t kept = 0, share = 2 + below(40);

	for (size_t i = 0; i < answers->n; i++) {
		if (below(share))
			answers->list[kept++] = answers->list[i];
		else
			answers->dropped++;
	}
	answers->n = kept;
}

static void make_random_pair(bool older, enum answered answered)
{
	static const int64_t clocks[] = { 0, 0, 3000000, -3000000, 40000000, -2000000000 };
	struct pair *pair = pair_begin();
	size_t readings = 1 + below(PAIR_READINGS);

	pair->guest_clock_ns = clocks[below(COUNT(clocks))];
	pair->whole = !older;
	pair->takes_answers = answered != NOT_ANSWERED;
	pair->between = interrupt;
	for (size_t i = 0; older && i < COUNT(codes); i++)
		pair_early_exits(codes[i], 200 + below(5000));
	pair_snapshot();
	for (size_t i = 0; i < readings; i++) {
		for (uint64_t n = below(12); n; n--)
			happen();
		pair_reading();
	}
	for (uint64_t n = below(6); n; n--)
		happen();
	pair_snapshot();
	if (answered == SOME_ANSWERED)
		lose_answers(pair);
}

/*
 * One vCPU: there is nothing to explain but answers that are missing. Readings of an older
 * VM of which no two can be compared are no disagreement.
 */
static bool run_random(uint64_t seed, bool older)
{
	enum answered answered = seed % NANSWERED;
	struct compare_run *run;
	size_t most;
	bool right;

	state = seed;
	make_random_pair(older, answered);
	run = finish_pair();
	most = answered == SOME_ANSWERED ? run->findings.n : 0;
	right = run->ret ? older && run->err.status == STATUS_CANNOT
			 : run->findings.n == most && !findings_wrong(&run->findings);
	for (size_t i = 0; !right && i < run->findings.n; i++)
		if (run->findings.list[i].verdict == VERDICT_DISAGREE)
			print_error("run %d: %s is %s, not %s: %s\n", (int)seed,
				    run->findings.list[i].field, run->findings.list[i].value,
				    run->findings.list[i].expected, run->findings.list[i].why);
	if (!right && run->ret)
		print_error("run %d: %s\n", (int)seed, run->err.text);
	/* Who has all answers places each number. */
	if (!run->ret && answered == ALL_ANSWERED)
		assert_int_equal(run->compared.placed, run->guest.n);
	end_run(run);
	return right;
}

/* EXITSTAT_RUNS in the environment: more of them. */
static void run_all(bool older)
{
	const char *runs = getenv("EXITSTAT_RUNS");
	uint64_t n = runs ? strtoull(runs, NULL, 10) : RUNS;
	int wrong = 0;

	for (uint64_t seed = 1; seed <= n; seed++)
		wrong += !run_random(seed, older);
	assert_int_equal(wrong, 0);
}

static void test_random(void **unused)
{
	(void)unused;
	run_all(false);
}

static void test_random_older_vm(void **unused)
{
	(void)unused;
	run_all(true);
}

UNIT_TESTS(compare_random)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_older_vm),
	};

	RUN_GROUP(tally, "compare, at random", tests);
}
