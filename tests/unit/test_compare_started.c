// SPDX-License-Identifier: GPL-2.0-only
/* Counters that all went back are another VM's; what goes back alone is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_run.h"
#include "pair_sample.h"
#include "unit.h"

/* Read on the host that the VM came from, where it had run for longer. */
static void read_elsewhere(struct reading *reading)
{
	for (size_t i = 0; i < reading->nreasons; i++) {
		struct sums *sums = &reading->reasons[i].sums;

		if (sums->count)
			*sums = (struct sums){ sums->count + 100000, sums->handled + 1000000000,
					       sums->away + 2000000000 };
	}
	reading->total.count += 400000;
	reading->total.handled += 4000000000;
	reading->total.away += 8000000000;
}

static void started(struct compare_run *run, const char *where)
{
	assert_int_equal(run->ret, -1);
	assert_int_equal(run->err.status, STATUS_CANNOT);
	assert_int_equal(findings_wrong(&run->findings), 0);
	if (!strstr(run->err.text, where))
		fail_msg("'%s' does not name '%s'", run->err.text, where);
	assert_non_null(strstr(run->err.text, "all counters have started again: the VM was m"));
	end_run(run);
}

static void is_wrong(struct compare_run *run, const char *field)
{
	if (run->ret)
		fail_msg("%s", run->err.text);
	if (!names(run, field))
		fail_msg("%s is not named", field);
	end_run(run);
}

/* The first two of four readings are from before it came here. */
static void test_a_vm_that_came(void **state)
{
	(void)state;
	for (int answers = 0; answers < 2; answers++) {
		struct pair *pair = pair_begin();

		pair->takes_answers = answers;
		pair_at_rest();
		read_elsewhere(&pair->readings[0]);
		read_elsewhere(&pair->readings[1]);
		started(finish_pair(), "guest, readings[2]");
	}
}

/* Of a reason that has not happened here, a document has nothing. */
static void test_a_reason_that_has_not_happened_again(void **state)
{
	struct pair *pair = pair_begin();

	(void)state;
	pair_at_rest();
	read_elsewhere(&pair->readings[0]);
	pair->readings[0].reasons[0x21].sums = (struct sums){ 7, 70, 700 };
	started(finish_pair(), "guest, readings[1]");
}

/* KVM itself says so of a VM that the host has seen all along: no migration, but a fault. */
static void test_a_kvm_that_loses_all(void **state)
{
	struct pair *pair = pair_begin();

	(void)state;
	pair->takes_answers = true;
	pair_snapshot();
	pair_work(20);
	pair_reading();
	memset(pair->sums, 0, sizeof(pair->sums));
	pair_snapshot();
	pair_reading();
	pair_snapshot();
	is_wrong(finish_pair(), "readings[1].total.count");
}

/* All but one go back, or one goes back and with it the totals, of which it is a part. */
static void test_not_all(void **state)
{
	struct pair *pair = pair_begin();

	(void)state;
	pair_at_rest();
	read_elsewhere(&pair->readings[0]);
	pair->readings[1].reasons[PAIR_IO].sums.count += 200000;
	is_wrong(finish_pair(), "readings[1].reasons[2].count");

	pair = pair_begin();
	pair_at_rest();
	pair->readings[1].reasons[PAIR_HLT].sums = (struct sums){ 1, 10, 20 };
	pair->readings[1].total = (struct sums){ 1, 10, 20 };
	is_wrong(finish_pair(), "readings[1].reasons[1].count");

	pair = pair_begin();
	pair_at_rest();
	pair->readings[1].total = (struct sums){ 1, 10, 20 };
	is_wrong(finish_pair(), "readings[1].total.count");
}

/* Of -r HLT: one reason and the totals, and nobody can tell. */
static void test_too_few(void **state)
{
	struct pair *pair = pair_begin();

	(void)state;
	pair_at_rest();
	pair->plan.chosen = true;
	for (size_t i = 0; i < pair->nreadings; i++) {
		pair->readings[i].nreasons = 1;
		pair->readings[i].reasons[0] = pair->readings[i].reasons[PAIR_HLT];
	}
	read_elsewhere(&pair->readings[0]);
	is_wrong(finish_pair(), "readings[1].reasons[0].count");
}

/* --- text -------------------------------------------------------------------------------- */

#define LINE(leaf, code, count) \
	leaf " " code ": eax=0x" count " ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n"
#define WHO	     "0x4ffffffb 0x00: eax=0x000107e5 ebx=0x454d564b ecx=0x53746978 edx=0x73746174\n"
#define HLT(count)   LINE("0x4ffffffd", "0x78", count)
#define IO(count)    LINE("0x4ffffffd", "0x7b", count)
#define TOTAL(count) LINE("0x4fffffff", "0x00", count)

static struct compare_run *compare_pasted(const char *text)
{
	struct compare_run *run;
	json_t *host;

	pair_begin();
	pair_at_rest();
	host = pair_host();
	run = compare_text(host, text);
	json_decref(host);
	pair_end();
	return run;
}

static void test_text(void **state)
{
	(void)state;
	started(compare_pasted(WHO HLT("00000070") IO("00000071") TOTAL("00000090") HLT("00000003")
				       IO("00000006") TOTAL("00000015")),
		"text, line 5: leaf 0x4ffffffd, ECX 0x78");
	/* IO goes on, is not read again, or is all there is. */
	is_wrong(compare_pasted(WHO HLT("00000070") IO("00000005") TOTAL("00000090") HLT("00000003")
					IO("00000006") TOTAL("00000015")),
		 "line 5: leaf 0x4ffffffd, ECX 0x78");
	is_wrong(compare_pasted(WHO HLT("00000070") IO("00000071") TOTAL("00000090") HLT("00000003")
					TOTAL("00000015")),
		 "line 5: leaf 0x4ffffffd, ECX 0x78");
	is_wrong(compare_pasted(WHO IO("00000071") IO("00000006")),
		 "line 3: leaf 0x4ffffffd, ECX 0x7b");
}

UNIT_TESTS(compare_started)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_vm_that_came),
		cmocka_unit_test(test_a_reason_that_has_not_happened_again),
		cmocka_unit_test(test_a_kvm_that_loses_all),
		cmocka_unit_test(test_not_all),
		cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_text),
	};

	RUN_GROUP(tally, "compare started", tests);
}
