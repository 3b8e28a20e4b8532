// SPDX-License-Identifier: GPL-2.0-only
/* The host's document against its guest's, and with each number of both changed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "compare_run.h"
#include "doc/import.h"
#include "pair_sample.h"
#include "doc/seal.h"
#include "unit.h"

/* --- nothing changed ------------------------------------------------------------------------ */

static void test_agreement(void **state)
{
	json_t *host, *guest;
	struct compare_run *run;

	(void)state;
	pair_begin();
	pair_at_rest();
	host = pair_host();
	guest = pair_guest();
	run = compare_documents(host, guest);
	expect_agreement(run);
	assert_false(run->compared.growth_only);
	end_run(run);
	json_decref(host);
	json_decref(guest);
	pair_end();
}

/* KVM's counters know no levels: what the guest reads is the sum of both. */
static void test_nested_guests_count_together(void **state)
{
	struct compare_run *run;
	struct pair *pair;

	(void)state;
	pair = pair_begin();
	pair->nested = true;
	pair_at_rest();
	assert_true(pair->now.vms[0].vcpus[0].nreasons > 4);
	run = finish_pair();
	expect_agreement(run);
	end_run(run);
}

/* --- what is explained, and what is not ----------------------------------------------------- */

static void test_the_clocks_need_not_agree(void **state)
{
	struct pair *pair;
	struct compare_run *run;

	(void)state;
	pair = pair_begin();
	pair_at_rest();
	run = finish_pair();
	expect_agreement(run);
	end_run(run);
	pair = pair_begin();
	pair->guest_clock_ns = -700000000;
	pair_at_rest();
	run = finish_pair();
	expect_agreement(run);
	end_run(run);
}

/* Its first exits were before a snapshot, the others after; nothing else happened then. */
static void test_reading_goes_over_a_snapshot(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run *run;

	(void)state;
	pair_snapshot();
	pair_work(1);
	for (int i = 0; i < 2; i++) {
		pair_wait(1000000000);
		pair_snapshot();
	}
	pair->snapshot_in = 6;
	pair_reading();
	pair_wait(1000000);
	pair_snapshot();
	run = finish_pair();
	expect_agreement(run);
	end_run(run);
}

static struct pair *begin_older(void)
{
	struct pair *pair = pair_begin();

	pair->whole = false;
	pair_early_exits(PAIR_IO, 70000);
	pair_early_exits(PAIR_CPUID, 300);
	pair_early_exits(PAIR_HLT, 40);
	pair_early_exits(PAIR_MSR, 9);
	return pair;
}

static void test_older_vm(void **state)
{
	struct compare_run *run;

	(void)state;
	begin_older();
	pair_at_rest();
	run = finish_pair();
	expect_agreement(run);
	assert_true(run->compared.growth_only);
	assert_true(has_note(run, "older than the tracer"));
	end_run(run);
}

/*
 * The counts fit with clocks that agree, the cycles do not: each HLT, the longer the
 * later, ends between a reading and when the guest's clock says that it was.
 */
static void test_older_vm_with_another_clock(void **state)
{
	struct pair *pair = begin_older();
	struct compare_run *run;

	(void)state;
	pair->guest_clock_ns = 8000000;
	pair_snapshot();
	for (uint64_t i = 1; i < 5; i++) {
		pair_wait(20000000);
		pair_reading();
		pair_exits(PAIR_HLT, 1000000 * i, 1);
		pair_snapshot();
		pair_wait(15000000);
		pair_snapshot();
	}
	run = finish_pair();
	expect_agreement(run);
	assert_true(run->compared.growth_only);
	end_run(run);
}

/* One count of an older VM that does not grow as the host's, whatever its clock says. */
static void test_older_vm_disagrees(void **state)
{
	struct pair *pair = begin_older();
	struct compare_run *run;

	(void)state;
	pair_at_rest();
	pair->readings[1].reasons[PAIR_IO].sums.count += 100;
	run = finish_pair();
	assert_int_equal(run->ret, 0);
	assert_true(names(run, "readings[1].reasons[2].count"));
	assert_int_equal(run->compared.wrong, 1);
	end_run(run);
}

static void test_older_vm_with_one_reading(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run *run;

	(void)state;
	pair->whole = false;
	pair_early_exits(PAIR_CPUID, 3000);
	pair_early_exits(PAIR_IO, 3000);
	pair_snapshot();
	pair_wait(1000000);
	pair_reading();
	pair_wait(1000000);
	pair_snapshot();
	run = finish_pair();
	assert_int_equal(run->ret, -1);
	assert_int_equal(run->err.status, STATUS_CANNOT);
	assert_non_null(strstr(run->err.text, "two readings"));
	end_run(run);
}

/* Exits that the tracer lost are in the guest's counts only. */
static void test_losses(void **state)
{
	for (uint64_t lost = 0; lost < 6; lost += 5) {
		struct pair *pair = pair_begin();
		struct compare_run *run;

		(void)state;
		pair_snapshot();
		pair_exits(PAIR_IO, 3000, 40);
		pair_early_exits(PAIR_IO, 5);
		pair->losses.map_full = lost;
		pair_snapshot();
		pair_reading();
		pair_wait(1000);
		pair_snapshot();
		run = finish_pair();
		assert_int_equal(run->ret, 0);
		if (lost) {
			assert_int_equal(findings_wrong(&run->findings), 0);
			assert_int_equal(run->compared.explained, 2);
			assert_non_null(strstr(run->findings.list[0].why, "losses were 5"));
		} else {
			assert_true(names(run, "readings[0].reasons[1].count"));
		}
		end_run(run);
	}
}

static void test_a_reason_that_is_not_there(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run *run;

	(void)state;
	pair_at_rest();
	for (size_t i = 0; i < pair->nreadings; i++)
		pair->readings[i].reasons[PAIR_HLT].sums.count = 0;
	run = finish_pair();
	assert_int_equal(run->ret, 0);
	assert_true(names(run, "readings[3].reasons"));
	end_run(run);
}

/* Handled is added before away: with other vCPUs it may be ahead. */
static void test_handled_is_ahead(void **state)
{
	for (uint32_t vcpus = 1; vcpus < 3; vcpus++) {
		struct pair *pair = pair_begin();
		struct compare_run *run;

		(void)state;
		pair_at_rest();
		if (vcpus > 1)
			sample_vcpu(&pair->now.vms[0], 1);
		snapshot_free(&pair->series.points[--pair->series.npoints].snap);
		pair_snapshot();
		for (size_t i = 0; i < pair->nreadings; i++) {
			struct sums *io = &pair->readings[i].reasons[PAIR_IO].sums;

			io->handled = io->away + 1;
			pair->readings[i].total.handled += io->away;
			pair->readings[i].total.away += 2 * io->away;
		}
		run = finish_pair();
		assert_int_equal(run->ret, 0);
		assert_int_equal(findings_wrong(&run->findings), vcpus > 1 ? 0 : 4);
		assert_int_equal(run->compared.explained, vcpus > 1 ? 4 : 0);
		end_run(run);
	}
}

static void test_another_host(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run *run;

	(void)state;
	pair_at_rest();
	pair->plan.who.tsc_khz++;
	run = finish_pair();
	assert_true(names(run, "guest.tsc_khz"));
	end_run(run);
}

static void test_no_snapshots(void **state)
{
	json_t *host, *guest;
	struct compare_run *run;

	(void)state;
	pair_begin();
	pair_at_rest();
	host = pair_host();
	guest = pair_guest();
	json_object_del(host, "snapshots");
	run = compare_documents(host, guest);
	expect_agreement(run);
	assert_true(has_note(run, "--snapshots"));
	end_run(run);
	json_decref(host);
	json_decref(guest);
	pair_end();
}

UNIT_TESTS(compare)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_nested_guests_count_together),
		cmocka_unit_test(test_the_clocks_need_not_agree),
		cmocka_unit_test(test_reading_goes_over_a_snapshot),
		cmocka_unit_test(test_older_vm),
		cmocka_unit_test(test_older_vm_with_another_clock),
		cmocka_unit_test(test_older_vm_disagrees),
		cmocka_unit_test(test_older_vm_with_one_reading),
		cmocka_unit_test(test_losses),
		cmocka_unit_test(test_a_reason_that_is_not_there),
		cmocka_unit_test(test_handled_is_ahead),
		cmocka_unit_test(test_another_host),
		cmocka_unit_test(test_no_snapshots),
	};

	RUN_GROUP(tally, "compare", tests);
}
