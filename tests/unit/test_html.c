// SPDX-License-Identifier: GPL-2.0-only
/* A page of a run: its numbers are the run's. What it says: test_html_text.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../html/hour.h"
#include "allocations.h"
#include "model/split.h"
#include "page_sample.h"
#include "unit.h"

static uint64_t number_in(const json_t *object, const char *key)
{
	assert_true(json_is_integer(json_object_get(object, key)));
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

static uint64_t sum_in(const json_t *object, const char *key)
{
	const json_t *list = json_object_get(object, key), *number;
	uint64_t sum = 0;
	size_t i;

	json_array_foreach(list, i, number)
		sum += (uint64_t)json_integer_value(number);
	return sum;
}

/* --- what is drawn is what was counted ----------------------------------------------------------
 */

static struct reason_stat sum_up(const struct run *run, uint64_t code)
{
	struct reason_stat sum;

	reason_init(&sum, EXITSTAT_ISA_VMX, (uint32_t)code);
	for_each_vm(vm, run->snap)
		for_each_vcpu(vcpu, vm)
			for_each_reason(r, vcpu)
				if (r->reason == code)
					assert_int_equal(reason_accumulate(&sum, r), 0);
	return sum;
}

static void check_histogram(const json_t *histogram, const struct reason_stat *sum)
{
	assert_int_equal(json_array_size(histogram), sum->nbuckets);
	for (size_t i = 0; i < sum->nbuckets; i++) {
		const json_t *bucket = json_array_get(histogram, i);

		assert_int_equal(json_integer_value(json_array_get(bucket, 0)),
				 exitstat_bucket_low(sum->buckets[i].index));
		assert_int_equal(json_integer_value(json_array_get(bucket, 1)),
				 exitstat_bucket_low(sum->buckets[i].index + 1));
		assert_int_equal(json_integer_value(json_array_get(bucket, 2)),
				 sum->buckets[i].count);
	}
}

/* All bins of the line, which is of the reason at this place. */
static void check_line(const json_t *line, json_int_t place, const struct reason_stat *sum)
{
	uint64_t banded = 0;
	const json_t *cell;
	size_t i;

	assert_int_equal(json_integer_value(json_object_get(line, "reason")), place);
	assert_int_equal(sum_in(line, "count"), sum->count);
	assert_int_equal(sum_in(line, "sum_ns"), sum->sum_ns);
	json_array_foreach(json_object_get(line, "bands"), i, cell)
		for (size_t j = 1; j < json_array_size(cell); j++)
			banded += (uint64_t)json_integer_value(json_array_get(cell, j));
	assert_int_equal(banded, sum->timed);
}

static void check_reason(const json_t *reason, const json_t *line, json_int_t place,
			 const struct run *run)
{
	struct reason_stat sum = sum_up(run, number_in(reason, "code"));

	assert_int_equal(number_in(reason, "count"), sum.count);
	assert_int_equal(number_in(reason, "timed"), sum.timed);
	assert_int_equal(number_in(reason, "sum_ns"), sum.sum_ns);
	assert_int_equal(number_in(reason, "max_ns"), sum.max_ns);
	assert_int_equal(number_in(reason, "p99_ns"), reason_percentile(&sum, 99));
	assert_int_equal(number_in(at(reason, "split_ns", NULL), "user"),
			 reason_part(&sum, EXITSTAT_USER));
	assert_int_equal(number_in(at(reason, "split_ns", NULL), "kvm"),
			 reason_part(&sum, PART_KVM));
	check_histogram(json_object_get(reason, "histogram"), &sum);
	check_line(line, place, &sum);
	reason_free(&sum);
}

static void check_vms(const json_t *doc, const struct run *run)
{
	const json_t *vms = json_object_get(doc, "vms"), *vm;
	uint64_t before = UINT64_MAX, all = 0;
	size_t i;

	json_array_foreach(vms, i, vm) {
		const json_t *line = json_array_get(at(doc, "time", "vms"), i);

		assert_int_equal(json_integer_value(json_object_get(line, "vm")), i);
		assert_int_equal(sum_in(line, "count"), number_in(vm, "count"));
		assert_int_equal(sum_in(line, "sum_ns"), number_in(vm, "sum_ns"));
		assert_true(number_in(vm, "count") <= before);
		before = number_in(vm, "count");
		all += before;
	}
	assert_int_equal(json_array_size(vms), run->snap->nvms);
	assert_int_equal(all, snapshot_count(run->snap));
}

static void test_numbers(void **state)
{
	const json_t *reasons, *reason;
	struct hour hour;
	struct page page;
	json_t *doc;
	size_t i;
	char *text;

	(void)state;
	hour_begin(&hour, 3, 2);
	for (int second = 0; second < 2 * (int)COURSE_BINS + 9; second++) {
		hour_second(&hour);
		assert_int_equal(course_add(&course, &hour.run), 0);
	}
	page = page_of(&hour.run);
	text = page_text(&page);
	doc = data_of(text);
	reasons = json_object_get(doc, "reasons");
	assert_true(json_array_size(reasons) > 10);
	json_array_foreach(reasons, i, reason)
		check_reason(reason, json_array_get(at(doc, "time", "reasons"), i), (json_int_t)i,
			     &hour.run);
	assert_int_equal(json_array_size(at(doc, "time", "reasons")), i);
	check_vms(doc, &hour.run);
	assert_int_equal(number_in(at(doc, "time", NULL), "moments"), 2 * COURSE_BINS + 9);
	json_decref(doc);
	free(text);
	course_free(&course);
	hour_end(&hour);
}

/* More reasons and VMs than are drawn by themselves: the others are one line. */
static void test_others(void **state)
{
	struct snapshot snap = { 0 };
	uint64_t drawn = 0;
	const json_t *line;
	struct run run;
	json_t *doc;
	size_t i;
	char *text;

	(void)state;
	for (uint32_t n = 0; n < 60; n++) {
		struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, n + 1, n + 1, "vm"), 0);

		sample_exits(sample_reason(vcpu, EXITSTAT_ISA_VMX, n), 1000 + n, 5);
	}
	sample_run(&run, &snap);
	text = simple_page(&run, NULL);
	doc = data_of(text);
	json_array_foreach(at(doc, "time", "reasons"), i, line)
		drawn += sum_in(line, "count");
	assert_int_equal(i, 25);
	assert_true(json_is_null(
		json_object_get(json_array_get(at(doc, "time", "reasons"), 24), "reason")));
	assert_int_equal(drawn, 300);
	drawn = 0;
	json_array_foreach(at(doc, "time", "vms"), i, line)
		drawn += sum_in(line, "count");
	assert_int_equal(i, 17);
	assert_int_equal(drawn, 300);
	assert_non_null(strstr(text, "36 more VMs are only in the table above"));
	json_decref(doc);
	free(text);
	snapshot_free(&snap);
}

/* --- its size, its schema
 * ----------------------------------------------------------------- */

/* 64 busy vCPUs: ten minutes here, as it is slow with sanitizers; tests/system/page.py has an hour.
 */
static void test_size(void **state)
{
	struct hour hour;
	struct page page;
	char *text;

	(void)state;
	hour_begin(&hour, 16, 4);
	for (int second = 0; second < 600; second++) {
		hour_second(&hour);
		assert_int_equal(course_add(&course, &hour.run), 0);
	}
	page = page_of(&hour.run);
	text = page_text(&page);
	assert_non_null(text);
	print_message("a page of 64 vCPUs: %zu bytes, %zu bins\n", strlen(text), course.nbins);
	assert_true(strlen(text) < PAGE_MOST_BYTES);
	assert_true(course.nbins > COURSE_BINS / 2);
	free(text);
	course_free(&course);
	hour_end(&hour);
}

static void test_schema(void **state)
{
	const char *path = "/tmp/exitstat-html-unit.json";
	struct snapshot snap;
	struct run run;
	FILE *file;
	json_t *doc;
	char *text;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	run.parts = PARTS_ALL;
	text = simple_page(&run, NULL);
	doc = data_of(text);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(json_dumpf(doc, file, 0), 0);
	fclose(file);
	assert_int_equal(system("/usr/bin/python3 tests/unit/validate_schema.py good "
				"user/doc/exitstat-html.schema.json "
				"/tmp/exitstat-html-unit.json >/dev/null"),
			 0);
	unlink(path);
	json_decref(doc);
	free(text);
	snapshot_free(&snap);
}

/* --- the file
 * ------------------------------------------------------------------------------------------- */

static void test_file(void **state)
{
	const char *path = "/tmp/exitstat-html-unit.html";
	struct snapshot snap;
	struct error err;
	struct page page;
	struct run run;
	struct stat st;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	page = page_of(&run);
	assert_int_equal(course_add(&course, &run), 0);
	assert_int_equal(page_write(path, &page, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 20000);
	unlink(path);
	assert_int_equal(page_write("/nowhere/a.html", &page, &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	assert_non_null(strstr(err.text, "/nowhere/a.html"));
	course_free(&course);
	snapshot_free(&snap);
}

/* Whole or not at all. */
static void test_no_memory(void **state)
{
	size_t wishes, i = 1, made = 0;
	struct snapshot snap;
	struct page page;
	struct run run;
	char *whole, *text;

	(void)state;
	sample_snapshot(&snap);
	sample_details(&snap);
	sample_run(&run, &snap);
	run.kinds = SAMPLE_KINDS;
	page = page_of(&run);
	assert_int_equal(course_add(&course, &run), 0);
	whole = page_text(&page);
	do {
		allocations_fail(i, false);
		text = page_text(&page);
		wishes = allocations_end();
		if (text && strcmp(text, whole))
			fail_msg("allocation %zu fails, and the page is not whole", i);
		made += !!text;
		free(text);
		/* Each of the first, then some. */
		i += i < 400 ? 1 : 97;
	} while (wishes >= i);
	assert_true(made < 20);
	free(whole);
	course_free(&course);
	snapshot_free(&snap);
}

UNIT_TESTS(html)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_others),
		cmocka_unit_test(test_size),	cmocka_unit_test(test_schema),
		cmocka_unit_test(test_file),	cmocka_unit_test(test_no_memory),
	};

	RUN_GROUP(tally, "a run as a page", tests);
}
