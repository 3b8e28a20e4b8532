// SPDX-License-Identifier: GPL-2.0-only
/* What was read in a guest against what the host saw KVM answer. */
#include <stdio.h>
#include <string.h>

#include "compare_run.h"
#include "pair_sample.h"
#include "unit.h"

static struct pair *begin(void)
{
	struct pair *pair = pair_begin();

	pair->takes_answers = true;
	return pair;
}

static bool is_explained(const struct compare_run *run, const char *why)
{
	for (size_t i = 0; i < run->findings.n; i++)
		if (run->findings.list[i].verdict == VERDICT_EXPLAINED &&
		    strstr(run->findings.list[i].why, why))
			return true;
	return false;
}

static void test_all_are_answers(void **state)
{
	struct compare_run *run;
	char all[80];
	size_t n = 0;

	(void)state;
	begin();
	pair_at_rest();
	run = finish_pair();
	expect_agreement(run);
	n = run->guest.n;
	snprintf(all, sizeof(all), "%zu of %zu numbers are answers", n, n);
	assert_true(has_note(run, all));
	end_run(run);
}

/* A number of the readings up or down by one, which no seal tells of: is it named? */
static void change(json_t *host, json_t *guest, json_t *number, const char *where)
{
	json_int_t value = json_integer_value(number);

	for (int delta = -1; delta <= 1; delta += 2) {
		struct compare_run *run;

		json_integer_set(number, value + delta);
		run = compare_documents(host, guest);
		if (!names(run, where) && !run->ret)
			fail_msg("%s: %+d is not found", where, delta);
		end_run(run);
	}
	json_integer_set(number, value);
}

static void change_sums(json_t *host, json_t *guest, json_t *sums, const char *where)
{
	static const char *const keys[] = { "count", "handled", "away" };

	for (size_t i = 0; i < COUNT(keys); i++) {
		json_t *number = json_object_get(sums, keys[i]);
		char path[96];

		snprintf(path, sizeof(path), "%s.%s", where, keys[i]);
		if (json_integer_value(number))
			change(host, guest, number, path);
	}
}

static void test_each_number_is_named(void **state)
{
	json_t *host, *guest, *reading, *reason;
	size_t r, i;

	(void)state;
	begin();
	pair_at_rest();
	host = pair_host();
	guest = pair_guest();
	json_array_foreach(json_object_get(guest, "readings"), r, reading) {
		char where[64];

		json_array_foreach(json_object_get(reading, "reasons"), i, reason) {
			snprintf(where, sizeof(where), "readings[%zu].reasons[%zu]", r, i);
			change_sums(host, guest, reason, where);
		}
		snprintf(where, sizeof(where), "readings[%zu].total", r);
		change_sums(host, guest, json_object_get(reading, "total"), where);
	}
	json_decref(host);
	json_decref(guest);
	pair_end();
}

#define LOST 200 /* answers: more than a reading asks for */

static void forget(struct pair *pair, size_t first, size_t n)
{
	struct answers *answers = &pair->answers;

	memmove(answers->list + first, answers->list + first + n,
		(answers->n - first - n) * sizeof(*answers->list));
	answers->n -= n;
}

/* The tracer came when readings had been taken already. */
static void test_older_vm(void **state)
{
	struct pair *pair = begin();
	struct compare_run *run;

	(void)state;
	pair->whole = false;
	pair_early_exits(PAIR_IO, 70000);
	pair_at_rest();
	forget(pair, 0, pair->answers.n - 2 * LOST);
	run = finish_pair();
	assert_int_equal(run->ret, 0);
	assert_int_equal(findings_wrong(&run->findings), 0);
	assert_true(is_explained(run, "before its run"));
	end_run(run);
}

/* The tracer went before the last reading: what it did not see is no lie. */
static void test_after_the_run(void **state)
{
	struct pair *pair = begin();
	struct compare_run *run;

	(void)state;
	pair_at_rest();
	pair->answers.n -= 20;
	run = finish_pair();
	assert_int_equal(findings_wrong(&run->findings), 0);
	assert_true(is_explained(run, "after its run"));
	end_run(run);
}

static void test_dropped_answers(void **state)
{
	struct pair *pair = begin();
	struct compare_run *run;

	(void)state;
	pair_at_rest();
	forget(pair, pair->answers.n - 2 * LOST, LOST);
	pair->answers.dropped = LOST;
	run = finish_pair();
	assert_int_equal(findings_wrong(&run->findings), 0);
	assert_true(is_explained(run, "has not kept all"));
	end_run(run);
}

/* The same, but the document says that nothing was dropped: these were made up. */
static void test_made_up_numbers(void **state)
{
	struct pair *pair = begin();
	struct compare_run *run;

	(void)state;
	pair_at_rest();
	forget(pair, pair->answers.n - 2 * LOST, LOST);
	run = finish_pair();
	assert_true(findings_wrong(&run->findings) > 0);
	end_run(run);
}

static void test_another_vms_answers(void **state)
{
	struct pair *pair = begin();
	struct compare_run *run;

	(void)state;
	pair_at_rest();
	for (size_t i = 0; i < pair->answers.n; i++)
		pair->answers.list[i].vm_serial++;
	run = finish_pair();
	assert_int_equal(run->ret, -1);
	assert_int_equal(run->err.status, STATUS_CANNOT);
	assert_non_null(strstr(run->err.text, "no number that can be checked"));
	end_run(run);
}

/* A guest can ask without end; what is kept is bounded. */
static void test_most_answers(void **state)
{
	struct exitstat_answer answer = { .function = 0x4fffffff };
	struct answers answers = { 0 };

	(void)state;
	for (uint32_t i = 0; i < ANSWERS_MAX + 7; i++)
		assert_int_equal(answers_add(&answers, &answer), 0);
	assert_int_equal(answers.n, ANSWERS_MAX);
	assert_int_equal(answers.dropped, 7);
	answers_free(&answers);
}

UNIT_TESTS(answercheck)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_answers),
		cmocka_unit_test(test_each_number_is_named),
		cmocka_unit_test(test_older_vm),
		cmocka_unit_test(test_after_the_run),
		cmocka_unit_test(test_dropped_answers),
		cmocka_unit_test(test_made_up_numbers),
		cmocka_unit_test(test_another_vms_answers),
		cmocka_unit_test(test_most_answers),
	};

	RUN_GROUP(tally, "answercheck", tests);
}
