// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>

#include "doc/seal.h"
#include "fuzz.h"

/* Sealed anew it would be another document. Only the seal itself is copied. */
static bool is_whole(const json_t *root)
{
	json_t *copy = json_copy((json_t *)root);
	bool same;

	EXPECT(copy && !seal_set(copy));
	same = json_equal(json_object_get(root, "seal"), json_object_get(copy, "seal"));
	json_decref(copy);
	return same;
}

/* The n-th whole number from here on; n is less by those that were passed. NULL: not here. */
static json_t *find_number(json_t *value, size_t *n)
{
	json_t *below, *found = NULL;
	const char *key;
	size_t i;

	if (json_is_integer(value))
		return (*n)-- ? NULL : value;
	json_array_foreach(value, i, below)
		if (!found)
			found = find_number(below, n);
	json_object_foreach(value, key, below)
		if (!found)
			found = find_number(below, n);
	return found;
}

/* As good as random: what differs from it in one bit, and now and then is negative. */
static json_int_t other_than(json_int_t number, size_t chance)
{
	json_int_t other = number ^ (json_int_t)1 << chance % 60;

	return chance / 60 % 8 ? other : ~other;
}

static void expect_number_is_found(json_t *root, json_t *number, size_t chance)
{
	json_int_t written = json_integer_value(number);
	struct seal_fault fault;

	/* A seal counts modulo 2^61 - 1, and knows that nobody writes less than 0. */
	if (written < 0 || written >> 60)
		return;
	EXPECT(!seal_set(root));
	json_integer_set(number, other_than(written, chance));
	EXPECT(seal_check(root, &fault) == SEAL_ONE);
	EXPECT(fault.is_integer && fault.written == written);
	EXPECT(fault.value == json_integer_value(number));
}

/* One number that is changed is found, and what was there. */
static void expect_change_is_found(const json_t *root)
{
	size_t chance = json_dumpb(root, NULL, 0, JSON_COMPACT), n = SIZE_MAX;
	json_t *copy = json_deep_copy(root);

	EXPECT(copy && !json_object_del(copy, "seal"));
	find_number(copy, &n);
	/* What n has lost is how many there are. */
	n = SIZE_MAX - n;
	if (n) {
		n = chance % n;
		expect_number_is_found(copy, find_number(copy, &n), chance);
	}
	json_decref(copy);
}

void expect_seal(const json_t *root, const struct findings *findings)
{
	if (!json_is_object(root))
		return;
	if (!json_object_get(root, "seal")) {
		EXPECT(findings->n);
		return;
	}
	EXPECT(is_whole(root) == !findings_wrong(findings));
	expect_change_is_found(root);
}
