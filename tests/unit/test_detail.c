// SPDX-License-Identifier: GPL-2.0-only
/* Keys: added, subtracted, shown, and in documents refused where they do not add up. */
#include <stdlib.h>
#include <string.h>

#include "doc/host_read.h"
#include "doc/host_write.h"
#include "model/keys.h"
#include "shown.h"
#include "unit.h"
#include "view/tables.h"

static const struct detail io = { EXITSTAT_IO, EXITSTAT_READ, 0x70, 5, 7, 100, NULL };
static const struct detail out = { EXITSTAT_IO, EXITSTAT_WRITE, 0x70, 1, 1, 10, NULL };
static const struct detail msr = { EXITSTAT_MSR, EXITSTAT_WRITE, 0x6e0, 2, 2, 20, NULL };

static struct details list_of(const struct detail *const *detail)
{
	struct details list = { 0 };

	for (; *detail; detail++)
		assert_non_null(details_add(&list, *detail));
	details_sort(&list);
	return list;
}

#define LIST(...) list_of((const struct detail *const[]){ __VA_ARGS__, NULL })

static void same(const struct details *list, const struct detail *detail, uint64_t times)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct detail *found = &list->list[i];

		if (details_compare(found, detail))
			continue;
		assert_int_equal(found->count, detail->count * times);
		assert_int_equal(found->accesses, detail->accesses * times);
		assert_int_equal(found->sum_ns, detail->sum_ns * times);
		return;
	}
	fail_msg("kind %u is not there", detail->kind);
}

static void test_accumulate(void **state)
{
	struct details sum = { 0 }, a = LIST(&msr, &io), b = LIST(&out, &io);
	struct detail total;

	(void)state;
	assert_int_equal(details_accumulate(&sum, &a), 0);
	assert_int_equal(details_accumulate(&sum, &b), 0);
	assert_int_equal(sum.n, 3);
	same(&sum, &io, 2);
	same(&sum, &out, 1);
	same(&sum, &msr, 1);
	total = details_total(&sum);
	assert_int_equal(total.count, 13);
	assert_int_equal(total.accesses, 17);
	assert_int_equal(total.sum_ns, 230);
	for (size_t i = 1; i < sum.n; i++)
		assert_true(details_compare(&sum.list[i - 1], &sum.list[i]) < 0);
	details_free(&sum);
	details_free(&a);
	details_free(&b);
}

static void test_subtract(void **state)
{
	struct details before = LIST(&io), now = LIST(&msr, &io, &out), growth;

	(void)state;
	now.list[0].count += 3;
	now.list[0].accesses += 4;
	now.list[0].sum_ns += 50;
	assert_int_equal(details_subtract(&growth, &now, &before), 0);
	assert_int_equal(growth.n, 3);
	same(&growth, &(struct detail){ EXITSTAT_IO, EXITSTAT_READ, 0x70, 3, 4, 50, NULL }, 1);
	same(&growth, &out, 1);
	details_free(&growth);
	assert_int_equal(details_subtract(&growth, &now, &now), 0);
	assert_int_equal(growth.n, 0);
	details_free(&growth);
	details_free(&before);
	details_free(&now);
}

/* --- documents ------------------------------------------------------------------------- */

static json_t *reasons_of(json_t *doc)
{
	json_t *vm = json_array_get(json_object_get(doc, "vms"), 0);

	return json_object_get(json_array_get(json_object_get(vm, "vcpus"), 0), "reasons");
}

static json_t *sample_document(void)
{
	struct snapshot snap;
	struct run run;
	json_t *doc;

	sample_snapshot(&snap);
	sample_details(&snap);
	sample_run(&run, &snap);
	run.kinds = SAMPLE_KINDS;
	doc = export_json(&run);
	assert_non_null(doc);
	snapshot_free(&snap);
	return doc;
}

static void test_adds_up(void **state)
{
	json_t *doc = sample_document(), *reason, *detail;
	size_t i, j;

	(void)state;
	json_array_foreach(reasons_of(doc), i, reason) {
		json_int_t count = 0, cycles = 0;

		json_array_foreach(json_object_get(reason, "detail"), j, detail) {
			count += json_integer_value(json_object_get(detail, "count"));
			cycles += json_integer_value(json_object_get(detail, "cycles"));
		}
		assert_int_equal(count, json_integer_value(json_object_get(reason, "count")));
		assert_int_equal(cycles, json_integer_value(json_object_get(
						 json_object_get(reason, "cycles"), "sum")));
	}
	json_decref(doc);
}

/* The document with one member of the first reason's i-th key set. */
static json_t *with(size_t i, const char *member, json_t *value)
{
	json_t *doc = sample_document();
	json_t *list = json_object_get(json_array_get(reasons_of(doc), 0), "detail");

	assert_int_equal(json_object_set_new(json_array_get(list, i), member, value), 0);
	return doc;
}

static void test_refused(void **state)
{
	json_t *doc;

	(void)state;
	document_refused(with(0, "kind", json_string("port")), "detail[0].kind");
	document_refused(with(0, "count", json_integer(0)), "detail[0].count");
	document_refused(with(0, "count", json_integer(61)), "detail[0].count");
	document_refused(with(0, "count", json_integer(2)), "detail");
	document_refused(with(0, "cycles", json_integer(1)), "detail");
	document_refused(with(2, "key", json_integer(0x55)), "detail[2].kind");
	document_refused(with(0, "write", json_null()), "detail[0].write");
	document_refused(with(0, "execute", json_true()), "detail[0].execute");
	document_refused(with(0, "accesses", json_integer(-1)), "detail[0].accesses");
	doc = sample_document();
	json_object_del(json_array_get(reasons_of(doc), 1), "detail");
	document_refused(doc, "detail");
	doc = sample_document();
	json_object_set_new(json_object_get(doc, "detail"), "kinds",
			    json_pack("[s,s]", "msr", "io"));
	document_refused(doc, "detail.kinds");
	doc = sample_document();
	json_object_set_new(json_object_get(doc, "detail"), "kinds", json_array());
	document_refused(doc, "detail.kinds");
}

/* --- what people see -------------------------------------------------------------------- */

static void test_summary(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	sample_snapshot(&snap);
	sample_details(&snap);
	sample_run(&run, &snap);
	text = shown_summary(&run, BY_VM);
	assert_null(strstr(text, "ABOUT"));
	free(text);
	run.kinds = SAMPLE_KINDS;
	text = shown_summary(&run, BY_VM);
	/* 22 keys of both vCPUs, of which ten are shown, the rest and the exits without. */
	assert_non_null(strstr(text, "REASON"));
	assert_non_null(strstr(text, "ABOUT"));
	assert_non_null(strstr(text, "X2APIC_ICR"));
	assert_non_null(strstr(text, "11 more keys"));
	assert_non_null(strstr(text, "no room for the key"));
	assert_non_null(strstr(text, "no key"));
	assert_null(strstr(text, "not seen"));
	free(text);
	snap.losses.keys = 7;
	text = shown_summary(&run, BY_VM);
	assert_non_null(strstr(text, "7 keys were not seen"));
	free(text);
	snapshot_free(&snap);
}

UNIT_TESTS(detail)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accumulate), cmocka_unit_test(test_subtract),
		cmocka_unit_test(test_adds_up),	   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_summary),
	};

	RUN_GROUP(tally, "what exits were about", tests);
}
