// SPDX-License-Identifier: GPL-2.0-only
/* What is written, read and written again is the same, byte by byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "doc/host_read.h"
#include "doc/host_write.h"
#include "doc/scale.h"
#include "pair_sample.h"
#include "model/split.h"
#include "shown.h"
#include "unit.h"

/* Below 1 GHz buckets are joined, below 500 MHz also such as are wider than a ns. */
static const uint32_t frequencies[] = { 2600000, 1000000, 999999, 700000,  560000, 500000,
					468000,	 185000,  100000, 2599998, 1,	   UINT32_MAX };

static void check_text(const char *text)
{
	json_t *doc = json_loads(text, 0, NULL);
	struct host_document read;
	struct error err;
	struct run run;
	char *again;

	if (host_read(&read, "document", doc, &err))
		fail_msg("%s", err.text);
	run = host_document_run(&read);
	again = document_text(&run);
	assert_string_equal(again, text);
	free(again);
	json_decref(doc);
	host_document_free(&read);
}

static void check_run(const struct run *run)
{
	char *text = document_text(run);

	check_text(text);
	free(text);
}

static void check_snapshot(const struct snapshot *snap)
{
	for (size_t i = 0; i < COUNT(frequencies); i++) {
		struct host host = sample_host;
		struct run run;

		host.tsc_khz = frequencies[i];
		host.tsc_measured = i % 2;
		sample_run(&run, snap);
		run.host = &host;
		check_run(&run);
	}
}

static void test_samples(void **state)
{
	const struct self self = { 2, { { "typed_exit", 5, 700 }, { "typed_entry", 4, 600 } }, 9 };
	const struct exitstat_answer answer = { 2, .ns = 7, .function = 0x4ffffffd,
						.index = UINT32_MAX,
						.answer = { UINT32_MAX, 0, 1, 2 } };
	struct series series = { 0 };
	struct answers answers = { .dropped = 3 };
	struct snapshot snap;
	struct run run;

	(void)state;
	sample_snapshot(&snap);
	check_snapshot(&snap);
	sample_run(&run, &snap);
	run.self = &self;
	check_run(&run);
	sample_details(&snap);
	snap.losses.keys = 5;
	run.kinds = SAMPLE_KINDS;
	check_run(&run);
	run.kinds = 1 << EXITSTAT_MSR; /* fewer than there are */
	check_run(&run);
	run.kinds = SAMPLE_KINDS;
	snap.vms[0].vcpus[0].reasons[0].part_ns[EXITSTAT_USER] = 777;
	snap.vms[0].vcpus[0].reasons[1].part_ns[EXITSTAT_BLOCKED] = 77777;
	run.parts = PARTS_ALL;
	check_run(&run);
	run.parts &= ~(1u << EXITSTAT_POLLED);
	check_run(&run);
	run.clock_set_ns = -3600000000001;
	check_run(&run);
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(series_add(&series,
					    &(struct point){ .start_ns = 9 * i, .took_ns = 7 },
					    &snap, true),
				 0);
	run.series = &series;
	check_run(&run);
	assert_int_equal(answers_add(&answers, &answer), 0);
	answers.list[0].vm_serial = 77; /* a VM that is not shown */
	assert_int_equal(answers_add(&answers, &answer), 0);
	run.answers = &answers;
	check_run(&run);
	series_free(&series);
	answers_free(&answers);
	snapshot_free(&snap);
}

/* Of ISAs that are not the host's, and of the greatest numbers there are. */
static void test_extremes(void **state)
{
	struct snapshot snap = { .losses = { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX } };
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, UINT32_MAX, ""), UINT32_MAX);
	static const uint64_t times[] = { 0, UINT32_MAX, 1ull << 32, INT64_MAX, UINT64_MAX };

	(void)state;
	sample_exits(sample_reason(vcpu, 77, UINT32_MAX), INT64_MAX, 1);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, UINT32_MAX), 0, 1);
	sample_exits(sample_reason(vcpu, EXITSTAT_ISA_SVM, UINT32_MAX), UINT64_MAX, 1);
	vcpu->reasons[0].count = INT64_MAX;
	sample_vm(&snap, 2, 1, "g\xc3\xa4st \"quoted\" \\ </script>");
	for (size_t i = 0; i < COUNT(times); i++)
		sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, (uint32_t)i), times[i], 1);
	check_snapshot(&snap);
	snapshot_free(&snap);
}

static void test_random_times(void **state)
{
	uint64_t random = 3;

	(void)state;
	for (int round = 0; round < 40; round++) {
		struct snapshot snap = { 0 };
		struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0);
		struct reason_stat *r = sample_reason(vcpu, EXITSTAT_ISA_VMX, 1);

		for (uint64_t i = 1 + next_random(&random) % 50; i; i--)
			sample_exits(r, next_random(&random) >> (20 + next_random(&random) % 44),
				     1 + next_random(&random) % 9);
		check_snapshot(&snap);
		snapshot_free(&snap);
	}
}

/* Small times, where the buckets are joined: each pair of buckets. */
static void test_joined_buckets(void **state)
{
	(void)state;
	for (uint32_t first = 0; first < 40; first++) {
		for (uint32_t second = first; second < 40; second++) {
			struct snapshot snap = { 0 };
			struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0);
			struct reason_stat *r = sample_reason(vcpu, EXITSTAT_ISA_VMX, 1);

			sample_exits(r, exitstat_bucket_low(first), 2);
			sample_exits(r, exitstat_bucket_low(second + 1) - 1, 3);
			check_snapshot(&snap);
			snapshot_free(&snap);
		}
	}
}

static void test_pair(void **state)
{
	json_t *doc;
	char *text;

	(void)state;
	pair_begin()->takes_answers = true;
	pair_at_rest();
	doc = pair_host();
	text = json_dumps(doc, 0);
	check_text(text);
	free(text);
	json_decref(doc);
	pair_end();
}

/* Any number at an edge: taken, and then the same, or refused by name; never an overflow. */
static void change_all(json_t *doc, json_t *value, size_t *refused)
{
	static const json_int_t edges[] = { 0, 1, INT32_MAX, UINT32_MAX, INT64_MAX - 1, INT64_MAX };
	struct host_document read;
	struct error err;
	json_int_t number;
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member)
		change_all(doc, member, refused);
	json_array_foreach(value, i, member)
		change_all(doc, member, refused);
	if (!json_is_integer(value))
		return;
	number = json_integer_value(value);
	for (i = 0; i < COUNT(edges); i++) {
		json_t *again;
		struct run run;

		json_integer_set(value, edges[i]);
		if (host_read(&read, "document", doc, &err)) {
			assert_int_equal(err.status, STATUS_CANNOT);
			++*refused;
			continue;
		}
		run = host_document_run(&read);
		again = export_json(&run);
		json_object_del(again, "seal");
		assert_true(json_equal(again, doc));
		json_decref(again);
		host_document_free(&read);
	}
	json_integer_set(value, number);
}

static void test_edges(void **state)
{
	struct series series = { 0 };
	struct snapshot snap;
	struct run run;
	size_t refused = 0;
	json_t *doc;

	(void)state;
	sample_snapshot(&snap);
	sample_details(&snap);
	sample_run(&run, &snap);
	run.kinds = SAMPLE_KINDS;
	run.parts = PARTS_ALL;
	run.series = &series;
	assert_int_equal(series_add(&series, &(struct point){ .start_ns = 5, .took_ns = 7 }, &snap,
				    true),
			 0);
	doc = export_json(&run);
	json_object_del(doc, "seal");
	change_all(doc, doc, &refused);
	assert_true(refused > 100);
	json_decref(doc);
	series_free(&series);
	snapshot_free(&snap);
}

UNIT_TESTS(roundtrip)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),	     cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_random_times), cmocka_unit_test(test_joined_buckets),
		cmocka_unit_test(test_pair),	     cmocka_unit_test(test_edges),
	};

	RUN_GROUP(tally, "write, read, write again", tests);
}
