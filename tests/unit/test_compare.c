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
#include "compare/self.h"
#include "unit.h"

/* --- nothing changed ------------------------------------------------------------------------ */

static void test_agreement(void **state)
{
	json_t *host, *guest;
	struct compare_run run;

	(void)state;
	pair_begin();
	pair_at_rest();
	host = pair_host();
	guest = pair_guest();
	run = compare_documents(host, guest);
	expect_agreement(&run);
	assert_false(run.compared.growth_only);
	end_run(&run);
	json_decref(host);
	json_decref(guest);
	pair_end();
}

/* --- each number changed ------------------------------------------------------------------- */

#define MAX_KINDS 64

struct mutation {
	json_t *host, *guest;
	size_t changed, found;
	size_t nkinds;
	char kinds[MAX_KINDS][96]; /* of what was not found */
	size_t missed[MAX_KINDS];
};

/* vms[0].vcpus[1].id -> vms.vcpus.id */
static void kind_of(char *kind, const char *path)
{
	for (; *path; path++) {
		if (*path == '[')
			path = strchr(path, ']');
		else
			*kind++ = *path;
	}
	*kind = '\0';
}

static void note_missed(struct mutation *mutation, const char *document, const char *path)
{
	char kind[256], named[300];
	size_t i = 0;

	kind_of(kind, path);
	snprintf(named, sizeof(named), "%s: %.80s", document, kind);
	named[95] = '\0';
	while (i < mutation->nkinds && strcmp(mutation->kinds[i], named))
		i++;
	assert_true(i < MAX_KINDS);
	if (i == mutation->nkinds)
		strcpy(mutation->kinds[mutation->nkinds++], named);
	mutation->missed[i]++;
}

/* The seals find each and name it; what the numbers themselves find is counted. */
static void mutate_number(struct mutation *mutation, json_t *number, const char *document,
			  const char *path)
{
	const json_t *changed = strcmp(document, "host") ? mutation->guest : mutation->host;
	json_int_t value = json_integer_value(number);

	for (int delta = -1; delta <= 1; delta += 2) {
		struct seal_fault fault;
		struct compare_run run;
		bool found;

		json_integer_set(number, value + delta);
		assert_int_equal(seal_check(changed, &fault), SEAL_ONE);
		assert_string_equal(fault.path, path);
		assert_int_equal(fault.written, value);
		run = compare_documents(mutation->host, mutation->guest);
		/* Refused for what it is names it as well. */
		found = names(&run, path) || (run.ret && strstr(run.err.text, path));
		mutation->changed++;
		mutation->found += found;
		if (!found)
			note_missed(mutation, document, path);
		end_run(&run);
	}
	json_integer_set(number, value);
}

static void mutate_all(struct mutation *mutation, json_t *value, const char *document,
		       const char *path)
{
	char below[256];
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member) {
		if (!strcmp(key, "seal"))
			continue;
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
		mutate_all(mutation, member, document, below);
	}
	json_array_foreach(value, i, member) {
		snprintf(below, sizeof(below), "%s[%zu]", path, i);
		mutate_all(mutation, member, document, below);
	}
	if (json_is_integer(value))
		mutate_number(mutation, value, document, path);
}

/*
 * What other numbers do not say to the last unit, and so only the seal tells. Here
 * 3 totals and 1 count of 20 are among them, for exits between the snapshots that
 * nothing else was read of; and 4 buckets, for the one exit that can be in flight.
 */
static const char *const unchecked[] = {
	"host: interval.ns",
	"host: vms.vcpus.reasons.histogram.count",
	"host: snapshots.monotonic_ns",
	"host: snapshots.took_ns",
	"guest: guest.layout",
	"guest: readings.monotonic_ns",
	"guest: readings.took_ns",
	"guest: readings.total.count",
	"guest: readings.total.handled",
	"guest: readings.total.away",
	"guest: readings.reasons.count",
	"guest: readings.reasons.handled",
	"guest: readings.reasons.away",
};

static void test_each_number_changed_by_one(void **state)
{
	struct mutation mutation = { 0 };

	(void)state;
	pair_begin();
	pair_at_rest();
	mutation.host = pair_host();
	mutation.guest = pair_guest();
	mutate_all(&mutation, mutation.host, "host", "");
	mutate_all(&mutation, mutation.guest, "guest", "");
	print_message("%zu changes, %zu found without the seals\n", mutation.changed,
		      mutation.found);
	assert_true(mutation.changed >= 778);
	assert_true(mutation.found >= 631);
	assert_int_equal(mutation.nkinds, COUNT(unchecked));
	for (size_t i = 0; i < COUNT(unchecked); i++)
		assert_string_equal(mutation.kinds[i], unchecked[i]);
	assert_true(mutation.missed[7] <= 3);
	assert_true(mutation.missed[10] <= 1);
	json_decref(mutation.host);
	json_decref(mutation.guest);
	pair_end();
}

/* --- what is explained, and what is not ----------------------------------------------------- */

static void test_the_clocks_need_not_agree(void **state)
{
	struct pair *pair;
	struct compare_run run;

	(void)state;
	pair = pair_begin();
	pair_at_rest();
	run = finish_pair();
	expect_agreement(&run);
	assert_true(has_note(&run, "clocks agree"));
	end_run(&run);
	pair = pair_begin();
	pair->guest_clock_ns = -700000000;
	pair_at_rest();
	run = finish_pair();
	expect_agreement(&run);
	assert_true(has_note(&run, "behind the host's"));
	end_run(&run);
}

/* Its first exits were before a snapshot, the others after; nothing else happened then. */
static void test_reading_goes_over_a_snapshot(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run run;

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
	expect_agreement(&run);
	end_run(&run);
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
	struct compare_run run;

	(void)state;
	begin_older();
	pair_at_rest();
	run = finish_pair();
	expect_agreement(&run);
	assert_true(run.compared.growth_only);
	assert_true(has_note(&run, "older than the tracer"));
	end_run(&run);
}

/*
 * The counts fit with clocks that agree, the cycles do not: each HLT, the longer the
 * later, ends between a reading and when the guest's clock says that it was.
 */
static void test_older_vm_with_another_clock(void **state)
{
	struct pair *pair = begin_older();
	struct compare_run run;

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
	expect_agreement(&run);
	assert_true(run.compared.growth_only);
	assert_true(has_note(&run, "clocks differ"));
	end_run(&run);
}

/* One count of an older VM that does not grow as the host's, whatever its clock says. */
static void test_older_vm_disagrees(void **state)
{
	struct pair *pair = begin_older();
	struct compare_run run;

	(void)state;
	pair_at_rest();
	pair->readings[1].reasons[PAIR_IO].sums.count += 100;
	run = finish_pair();
	assert_int_equal(run.ret, 0);
	assert_true(names(&run, "readings[1].reasons[2].count"));
	assert_int_equal(run.compared.wrong, 1);
	end_run(&run);
}

static void test_older_vm_with_one_reading(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run run;

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
	assert_int_equal(run.ret, -1);
	assert_int_equal(run.err.status, STATUS_CANNOT);
	assert_non_null(strstr(run.err.text, "two readings"));
	end_run(&run);
}

/* Exits that the tracer lost are in the guest's counts only. */
static void test_losses(void **state)
{
	for (uint64_t lost = 0; lost < 6; lost += 5) {
		struct pair *pair = pair_begin();
		struct compare_run run;

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
		assert_int_equal(run.ret, 0);
		if (lost) {
			assert_int_equal(findings_wrong(&run.findings), 0);
			assert_int_equal(run.compared.explained, 2);
			assert_non_null(strstr(run.findings.list[0].why, "losses were 5"));
		} else {
			assert_true(names(&run, "readings[0].reasons[1].count"));
		}
		end_run(&run);
	}
}

static void test_a_reason_that_is_not_there(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run run;

	(void)state;
	pair_at_rest();
	for (size_t i = 0; i < pair->nreadings; i++)
		pair->readings[i].reasons[PAIR_HLT].sums.count = 0;
	run = finish_pair();
	assert_int_equal(run.ret, 0);
	assert_true(names(&run, "readings[3].reasons"));
	end_run(&run);
}

/* Handled is added before away: with other vCPUs it may be ahead. */
static void test_handled_is_ahead(void **state)
{
	for (uint32_t vcpus = 1; vcpus < 3; vcpus++) {
		struct pair *pair = pair_begin();
		struct compare_run run;

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
		assert_int_equal(run.ret, 0);
		assert_int_equal(findings_wrong(&run.findings), vcpus > 1 ? 0 : 4);
		assert_int_equal(run.compared.explained, vcpus > 1 ? 4 : 0);
		end_run(&run);
	}
}

static void test_another_host(void **state)
{
	struct pair *pair = pair_begin();
	struct compare_run run;

	(void)state;
	pair_at_rest();
	pair->plan.who.tsc_khz++;
	run = finish_pair();
	assert_true(names(&run, "guest.tsc_khz"));
	end_run(&run);
}

static void test_no_snapshots(void **state)
{
	json_t *host, *guest;
	struct compare_run run;

	(void)state;
	pair_begin();
	pair_at_rest();
	host = pair_host();
	guest = pair_guest();
	json_object_del(host, "snapshots");
	run = compare_documents(host, guest);
	expect_agreement(&run);
	assert_true(has_note(&run, "--snapshots"));
	end_run(&run);
	json_decref(host);
	json_decref(guest);
	pair_end();
}

void run_compare_tests(struct tally *tally)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agreement),
		cmocka_unit_test(test_each_number_changed_by_one),
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
