// SPDX-License-Identifier: GPL-2.0-only
/* Any one value that was changed is found, named, and known as it was. */
#include <string.h>

#include "doc/host_write.h"
#include "doc/seal.h"
#include "shown.h"
#include "unit.h"

static json_t *sealed_sample(void)
{
	json_t *doc = exported_sample();

	assert_int_equal(seal_set(doc), 0);
	return doc;
}

static void test_whole(void **state)
{
	json_t *doc = sealed_sample(), *sorted, *again = json_object();
	struct seal_fault fault;
	char *text;

	(void)state;
	assert_int_equal(seal_check(doc, &fault), SEAL_WHOLE);
	assert_int_equal(seal_check(again, &fault), SEAL_NONE);
	text = json_dumps(doc, JSON_SORT_KEYS | JSON_INDENT(7));
	sorted = json_loads(text, 0, NULL);
	assert_int_equal(seal_check(sorted, &fault), SEAL_WHOLE);
	json_decref(sorted);
	json_decref(again);
	json_decref(doc);
	free(text);
}

/* Every leaf below value, by each of these. */
static void change_all(json_t *doc, json_t *value, size_t *changed)
{
	static const json_int_t deltas[] = { 1, -1, 1000000007, INT64_MAX / 8 };
	struct seal_fault fault;
	json_int_t number;
	const char *key;
	json_t *member;
	size_t i;

	json_object_foreach(value, key, member)
		change_all(doc, member, changed);
	json_array_foreach(value, i, member)
		change_all(doc, member, changed);
	if (!json_is_integer(value))
		return;
	number = json_integer_value(value);
	for (i = 0; i < COUNT(deltas); i++) {
		json_integer_set(value, number + deltas[i]);
		assert_int_equal(seal_check(doc, &fault), SEAL_ONE);
		assert_true(fault.is_integer);
		assert_int_equal(fault.value, number + deltas[i]);
		assert_int_equal(fault.written, number);
		++*changed;
	}
	json_integer_set(value, number);
}

static void test_every_number(void **state)
{
	json_t *doc = sealed_sample();
	size_t changed = 0;

	(void)state;
	change_all(doc, doc, &changed);
	assert_true(changed > 200);
	json_decref(doc);
}

static void test_names(void **state)
{
	json_t *doc = sealed_sample(), *vms = json_object_get(doc, "vms");
	json_t *vcpu = json_array_get(json_object_get(json_array_get(vms, 0), "vcpus"), 1);
	struct seal_fault fault;

	(void)state;
	json_integer_set(json_object_get(vcpu, "id"), 7);
	assert_int_equal(seal_check(doc, &fault), SEAL_ONE);
	assert_string_equal(fault.path, "vms[0].vcpus[1].id");
	assert_int_equal(fault.written, 1);
	json_integer_set(json_object_get(vcpu, "id"), 1);
	json_string_set(json_object_get(json_array_get(vms, 1), "name"), "dc");
	assert_int_equal(seal_check(doc, &fault), SEAL_ONE);
	assert_string_equal(fault.path, "vms[1].name");
	assert_false(fault.is_integer);
	json_integer_set(json_object_get(vcpu, "id"), 7);
	assert_int_equal(seal_check(doc, &fault), SEAL_BROKEN);
	json_decref(doc);
}

static void test_added_and_removed(void **state)
{
	json_t *doc = sealed_sample();
	struct seal_fault fault;

	(void)state;
	json_array_append_new(json_object_get(doc, "vms"), json_integer(0));
	assert_int_not_equal(seal_check(doc, &fault), SEAL_WHOLE);
	json_array_remove(json_object_get(doc, "vms"), 2);
	assert_int_equal(seal_check(doc, &fault), SEAL_WHOLE);
	json_array_remove(json_object_get(doc, "vms"), 1);
	assert_int_equal(seal_check(doc, &fault), SEAL_BROKEN);
	json_object_set_new(doc, "seal", json_string("none"));
	assert_int_equal(seal_check(doc, &fault), SEAL_BROKEN);
	json_decref(doc);
}

/* No count is negative, so nothing negative was there; and 64 bits are not left. */
static void test_edges(void **state)
{
	static const json_int_t edges[] = { -1, -2, -1000, INT64_MIN, INT64_MIN + 1 };
	json_t *doc = sealed_sample();
	json_t *number = json_object_get(json_array_get(json_object_get(doc, "vms"), 0), "pid");
	struct seal_fault fault;

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++) {
		json_integer_set(number, edges[i]);
		assert_int_equal(seal_check(doc, &fault), SEAL_ONE);
		assert_string_equal(fault.path, "vms[0].pid");
		assert_int_equal(fault.value, edges[i]);
		assert_int_equal(fault.written, 100);
	}
	json_integer_set(number, INT64_MAX);
	assert_int_equal(seal_check(doc, &fault), SEAL_ONE);
	assert_true(fault.written >= 0);
	json_decref(doc);
}

static void test_seal_itself(void **state)
{
	json_t *doc = sealed_sample(), *seal = json_object_get(doc, "seal");
	struct seal_fault fault;

	(void)state;
	json_array_append_new(seal, json_integer(0));
	assert_int_equal(seal_check(doc, &fault), SEAL_BROKEN);
	json_array_remove(seal, 3);
	assert_int_equal(seal_check(doc, &fault), SEAL_WHOLE);
	json_array_set_new(seal, 1, json_string("0"));
	assert_int_equal(seal_check(doc, &fault), SEAL_ONE);
	assert_string_equal(fault.path, "seal[1]");
	assert_false(fault.is_integer);
	json_decref(doc);
	/* An empty document's sums are 0, and so is a real number's whole one. */
	doc = json_loads("{\"seal\": [1.5, 0, 0]}", 0, NULL);
	assert_int_equal(seal_check(doc, &fault), SEAL_ONE);
	assert_string_equal(fault.path, "seal[0]");
	json_decref(doc);
}

UNIT_TESTS(seal)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_every_number),
		cmocka_unit_test(test_names), cmocka_unit_test(test_added_and_removed),
		cmocka_unit_test(test_edges), cmocka_unit_test(test_seal_itself),
	};

	RUN_GROUP(tally, "seal", tests);
}
