// SPDX-License-Identifier: GPL-2.0-only
/* Runs in which anything may happen at any time: what is right is never called wrong. */

#include "compare_run.h"
#include "pair_sample.h"
#include "unit.h"

#define RUNS 300

static uint64_t state;

static uint64_t below(uint64_t n)
{
	return next_random(&state) % n;
}

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

static void make_random_pair(bool older)
{
	static const int64_t clocks[] = { 0, 0, 3000000, -3000000, 40000000, -2000000000 };
	struct pair *pair = pair_begin();
	size_t readings = 1 + below(PAIR_READINGS);

	pair->guest_clock_ns = clocks[below(COUNT(clocks))];
	pair->whole = !older;
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
}

/*
 * One vCPU: there is nothing to explain. Readings of an older VM that were all taken where
 * no two can be compared are no disagreement.
 */
static bool run_random(uint64_t seed, bool older)
{
	struct compare_run run;
	bool right;

	state = seed;
	make_random_pair(older);
	run = finish_pair();
	right = run.ret ? older && run.err.status == STATUS_CANNOT : !run.findings.n;
	if (!right && run.findings.n)
		print_error("run %d: %s is %s, not %s: %s\n", (int)seed, run.findings.list[0].field,
			    run.findings.list[0].value, run.findings.list[0].expected,
			    run.findings.list[0].why);
	else if (!right)
		print_error("run %d: %s\n", (int)seed, run.err.text);
	end_run(&run);
	return right;
}

static void run_all(bool older)
{
	int wrong = 0;

	for (uint64_t seed = 1; seed <= RUNS; seed++)
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

void run_compare_random_tests(struct tally *tally)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_random_older_vm),
	};

	RUN_GROUP(tally, "compare, at random", tests);
}
