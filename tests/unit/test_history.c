// SPDX-License-Identifier: GPL-2.0-only
/* The last minutes of a run: what was packed comes back, and memory is bounded. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "model/history.h"
#include "shown.h"
#include "synthetic.h"
#include "unit.h"

static void add(struct history *history, struct synthetic *host)
{
	assert_int_equal(synthetic_second(host), 0);
	assert_int_equal(history_add(history, &host->run), 0);
}

/* As a document has it: nothing is missing that is written. */
static void expect_same(const struct run *run, const struct snapshot *snap)
{
	struct run other = *run;
	char *expected = document_text(run), *found;

	other.snap = snap;
	found = document_text(&other);
	assert_string_equal(found, expected);
	free(found);
	free(expected);
}

static void test_roundtrip(void **state)
{
	struct snapshot snap, back;
	struct history history;
	struct run run;

	(void)state;
	sample_snapshot(&snap);
	sample_details(&snap);
	snap.losses.keys = 4;
	snap.vms[0].whole = true;
	snap.vms[0].apicv = (struct apicv){ .known = true, .inhibits = 5, .set = { 7, 0, 9 } };
	snap.vms[0].vcpus[0].reasons[0].part_ns[EXITSTAT_USER] = 123;
	snap.vms[0].vcpus[0].reasons[0].reflected = 5;
	snap.vms[1].vcpus[0].reasons[0].level = EXITSTAT_L2;
	snap.vms[1].vcpus[0].reasons[0].max_ns = UINT64_MAX - 1;
	sample_run(&run, &snap);
	run.kinds = SAMPLE_KINDS;
	run.parts = 1u << EXITSTAT_USER;
	history_init(&history);
	assert_int_equal(history_add(&history, &run), 0);
	assert_int_equal(moment_unpack(&history.moments[0], &back), 0);
	expect_same(&run, &back);
	assert_memory_equal(&back.losses, &snap.losses, sizeof(snap.losses));
	assert_memory_equal(&back.vms[0].apicv, &snap.vms[0].apicv, sizeof(struct apicv));
	assert_int_equal(back.vms[0].vcpus[0].reasons[0].part_ns[EXITSTAT_USER], 123);
	assert_int_equal(back.vms[0].vcpus[0].reasons[0].reflected, 5);
	assert_true(back.vms[1].vcpus[0].reasons[0].max_ns == UINT64_MAX - 1);
	/* No exit that was timed. */
	assert_true(back.vms[1].vcpus[0].reasons[1].min_ns == UINT64_MAX);
	snapshot_free(&back);
	history_free(&history);
	snapshot_free(&snap);
}

/* Between any two moments: as between the snapshots themselves. */
static void test_subtract(void **state)
{
	struct snapshot kept, expected, early, late, growth;
	struct synthetic host;
	struct history history;

	(void)state;
	assert_int_equal(synthetic_init(&host, 3, 2), 0);
	history_init(&history);
	for (int i = 0; i < 5; i++)
		add(&history, &host);
	assert_int_equal(snapshot_copy(&kept, &host.snap), 0);
	for (int i = 0; i < 9; i++)
		add(&history, &host);
	assert_int_equal(snapshot_subtract(&expected, &host.snap, &kept), 0);
	assert_int_equal(moment_unpack(&history.moments[4], &early), 0);
	assert_int_equal(moment_unpack(&history.moments[13], &late), 0);
	assert_int_equal(snapshot_subtract(&growth, &late, &early), 0);
	host.run.snap = &expected;
	expect_same(&host.run, &growth);
	for (struct snapshot *each[] = { &kept, &expected, &early, &late, &growth }, **snap = each;
	     snap < each + COUNT(each); snap++)
		snapshot_free(*snap);
	history_free(&history);
	synthetic_free(&host);
}

/* --- counts without unpacking ------------------------------------------------------------ */

struct sum {
	const struct counted *like;
	enum count_of of;
	uint64_t count;
	size_t calls;
};

static void sum_up(void *arg, const struct counted *counted)
{
	struct sum *sum = arg;

	sum->calls++;
	if (sum->of == COUNT_REASONS
		    ? counted->reason == sum->like->reason
		    : counted->serial == sum->like->serial && counted->vcpu == sum->like->vcpu)
		sum->count += counted->count;
}

static uint64_t count(const struct history *history, enum count_of of,
		      const struct count_scope *scope, const struct counted *like, size_t calls)
{
	struct sum sum = { .like = like, .of = of };

	moment_count(&history->moments[history->n - 1], of, scope, sum_up, &sum);
	assert_int_equal(sum.calls, calls);
	return sum.count;
}

static uint64_t count_of(const struct vcpu_stat *vcpu, uint32_t reason)
{
	for_each_reason(r, vcpu)
		if (r->reason == reason)
			return r->count;
	return 0;
}

static void test_counts(void **state)
{
	const struct count_scope all = { 0 }, vm = { .one_vm = true, .serial = 2 },
				 vcpu = { true, true, 2, 1 };
	const struct counted like = { .serial = 2, .vcpu = 1, .reason = 30 };
	const struct counted like_vm = { .serial = 2 };
	struct synthetic host;
	struct history history;
	uint64_t of_all = 0;

	(void)state;
	assert_int_equal(synthetic_init(&host, 3, 2), 0);
	history_init(&history);
	for (int i = 0; i < 3; i++)
		add(&history, &host);
	assert_int_equal(count(&history, COUNT_VMS, &all, &like_vm, 3),
			 vm_count(&host.snap.vms[1]));
	assert_int_equal(count(&history, COUNT_VMS, &vm, &like_vm, 1), vm_count(&host.snap.vms[1]));
	assert_int_equal(count(&history, COUNT_VCPUS, &all, &like, 6),
			 vm_count(&host.snap.vms[1]) / 2);
	assert_int_equal(count(&history, COUNT_VCPUS, &vm, &like, 2),
			 vm_count(&host.snap.vms[1]) / 2);
	assert_int_equal(count(&history, COUNT_REASONS, &vcpu, &like, 8),
			 count_of(&host.snap.vms[1].vcpus[1], 30));
	assert_int_equal(count(&history, COUNT_REASONS, &vm, &like, 16),
			 2 * count_of(&host.snap.vms[1].vcpus[1], 30));
	for_each_vm(each, &host.snap)
		of_all += 2 * count_of(&each->vcpus[0], 30);
	assert_int_equal(count(&history, COUNT_REASONS, &all, &like, 8), of_all);
	history_free(&history);
	synthetic_free(&host);
}

/* --- bounds -------------------------------------------------------------------------------- */

static void test_ten_minutes(void **state)
{
	struct synthetic host;
	struct history history;

	(void)state;
	assert_int_equal(synthetic_init(&host, 1, 1), 0);
	history_init(&history);
	for (int i = 0; i < 601; i++)
		add(&history, &host);
	assert_int_equal(history.n, 601);
	assert_true(history_is_whole(&history));
	add(&history, &host);
	/* 600 s, and the moment before them. */
	assert_int_equal(history.n, 602);
	add(&history, &host);
	assert_int_equal(history.n, 602);
	assert_false(history_is_whole(&history));
	assert_int_equal(history.moments[0].number, 2);
	assert_int_equal(history_find(&history, 1), 0);
	assert_int_equal(history_find(&history, 2), 0);
	assert_int_equal(history_find(&history, 603), 601);
	assert_int_equal(history_find(&history, UINT64_MAX), 601);
	history_free(&history);
	synthetic_free(&host);
}

static size_t bytes_of(const struct history *history)
{
	size_t bytes = 0;

	for_each_element(moment, history->moments, history->n)
		bytes += moment->size + sizeof(*moment);
	return bytes;
}

static void test_bytes(void **state)
{
	struct synthetic host;
	struct history history;

	(void)state;
	assert_int_equal(synthetic_init(&host, 2, 2), 0);
	history_init(&history);
	history.max_bytes = 250000;
	for (int i = 0; i < 400; i++) {
		add(&history, &host);
		assert_true(history.bytes <= history.max_bytes);
		assert_int_equal(history.bytes, bytes_of(&history));
	}
	assert_true(history.thinned > 100);
	/* The last minute is there, second by second; before that less and less. */
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(history.moments[history.n - 1 - i].number, 400 - i);
	assert_true(history.moments[1].number - history.moments[0].number > 1);
	assert_true(history.moments[history.n - 1].ns - history.moments[0].ns > NS_OF(300));
	/* Not even for that: the oldest goes. */
	history.max_bytes = 20000;
	add(&history, &host);
	assert_true(history.bytes <= history.max_bytes);
	assert_int_equal(history.moments[history.n - 1].number, 401);
	history.max_bytes = 1;
	add(&history, &host);
	assert_int_equal(history.n, 2);
	history_free(&history);
	synthetic_free(&host);
}

UNIT_TESTS(history)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundtrip), cmocka_unit_test(test_subtract),
		cmocka_unit_test(test_counts),	  cmocka_unit_test(test_ten_minutes),
		cmocka_unit_test(test_bytes),
	};

	RUN_GROUP(tally, "history", tests);
}
