// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "model/leaves.h"
#include "model/reasons.h"
#include "unit.h"

static const struct cpuid_regs signed_2021 = { 0x107e5, 0x454d564b, 0x53746978, 0x73746174 };
static const struct cpuid_regs vmx = { 1, 71, 2600000, 0 };

static void test_leaf_numbers(void **state)
{
	static const struct {
		enum leaf leaf;
		uint32_t in_2021, in_2022;
	} leaves[] = {
		{ LEAF_COUNT_ALL, 0x4fffffff, 0x4ffffffc },
		{ LEAF_HANDLED_ALL, 0x4ffffffe, 0x4ffffffd },
		{ LEAF_COUNT, 0x4ffffffd, 0x4ffffffe },
		{ LEAF_HANDLED, 0x4ffffffc, 0x4fffffff },
		{ LEAF_AWAY, 0x4ffffffa, 0x4ffffffa },
		{ LEAF_AWAY_ALL, 0x4ffffff9, 0x4ffffff9 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(leaves); i++) {
		assert_int_equal(leaf_number(2021, leaves[i].leaf), leaves[i].in_2021);
		assert_int_equal(leaf_number(2022, leaves[i].leaf), leaves[i].in_2022);
	}
}

static void test_bounds(void **state)
{
	char text[16];

	(void)state;
	assert_false(is_leaf_number(0x4ffffff8));
	assert_true(is_leaf_number(0x4ffffff9));
	assert_true(is_leaf_number(0x4fffffff));
	assert_false(is_leaf_number(0x50000000));
	snprintf(text, sizeof(text), "0x%x", LEAF_WHO);
	assert_string_equal(text, LEAF_WHO_TEXT);
}

static void test_leaf_names(void **state)
{
	(void)state;
	assert_string_equal(leaf_sum(LEAF_AWAY_ALL), leaf_sum(LEAF_AWAY));
	assert_string_equal(leaf_key(LEAF_AWAY), "away");
	assert_string_equal(leaf_key(LEAF_AWAY_ALL), "total_away");
	assert_string_equal(leaf_text(LEAF_HANDLED), "cycles handled of");
}

/* By the name it has elsewhere. */
static void test_cpuid_reason(void **state)
{
	static const uint32_t isas[] = { EXITSTAT_ISA_VMX, EXITSTAT_ISA_SVM };
	char name[REASON_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(isas); i++) {
		reason_name(name, isas[i], cpuid_reason(isas[i]));
		assert_string_equal(name, "CPUID");
	}
}

/* Of every counter, and of every reason that has one of its own. */
static void test_counter_reason_is_the_inverse(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < EXITSTAT_COUNTERS; i++)
		assert_int_equal(exitstat_counter(EXITSTAT_ISA_SVM, counter_reason(i)), i);
	for (uint32_t code = 0; code < 0x1000; code++) {
		uint32_t counter = exitstat_counter(EXITSTAT_ISA_SVM, code);

		if (counter < EXITSTAT_COUNTERS - 1)
			assert_int_equal(counter_reason(counter), code);
		else
			assert_int_equal(leaves_define(EXITSTAT_ISA_SVM, 173, code),
					 CODE_UNDEFINED);
	}
	assert_int_equal(counter_reason(exitstat_counter(EXITSTAT_ISA_SVM, -1u)), -1u);
	assert_int_equal(counter_reason(exitstat_counter(EXITSTAT_ISA_SVM, -2u)), -2u);
}

static void test_who(void **state)
{
	struct cpuid_regs regs = signed_2021, svm = { 2, 171, 1, 0 };
	struct who who;
	struct error err;

	(void)state;
	assert_int_equal(who_decode(&who, &regs, &vmx, &err), 0);
	assert_int_equal(who.abi, 1);
	assert_int_equal(who.layout, 2021);
	assert_int_equal(who.isa, 1);
	assert_int_equal(who.reasons, 71);
	assert_int_equal(who.tsc_khz, 2600000);
	regs.eax = 0x107e6;
	assert_int_equal(who_decode(&who, &regs, &svm, &err), 0);
	assert_int_equal(who.layout, 2022);
	assert_int_equal(who.isa, 2);
	assert_int_equal(who.reasons, 171);
}

/* An Intel KVM answers what it does not know with its highest basic leaf. */
static void test_every_bit_of_the_signature_counts(void **state)
{
	struct cpuid_regs nothing = { 0 };

	(void)state;
	assert_false(who_is_signed(&nothing));
	assert_true(who_is_signed(&signed_2021));
	for (uint32_t bit = 1; bit; bit <<= 1) {
		struct cpuid_regs regs[] = { signed_2021, signed_2021, signed_2021, signed_2021 };

		regs[0].ebx ^= bit;
		regs[1].ecx ^= bit;
		regs[2].edx ^= bit;
		regs[3].eax ^= bit;
		for (int i = 0; i < 3; i++)
			assert_false(who_is_signed(&regs[i]));
		assert_true(who_is_signed(&regs[3]));
	}
}

static void refused(const struct cpuid_regs *subleaf0, const struct cpuid_regs *subleaf1,
		    const char *why)
{
	struct who who;
	struct error err;

	assert_int_equal(who_decode(&who, subleaf0, subleaf1, &err), -1);
	assert_int_equal(err.status, STATUS_CANNOT);
	if (!strstr(err.text, why))
		fail_msg("'%s' does not say '%s'", err.text, why);
}

static void test_who_refuses(void **state)
{
	struct cpuid_regs nothing = { 0 }, regs = signed_2021, isa = vmx;

	(void)state;
	refused(&nothing, &nothing, "nobody answers");
	regs.eax = 0x207e5;
	refused(&regs, &vmx, "ABI 2");
	regs.eax = 0x007e5;
	refused(&regs, &vmx, "ABI 0");
	regs.eax = 0x107e4;
	refused(&regs, &vmx, "layout 2020");
	isa.eax = 3;
	refused(&signed_2021, &isa, "ISA 3");
	isa.eax = 0;
	refused(&signed_2021, &isa, "ISA 0");
}

static const enum leaf counts[] = { LEAF_COUNT, LEAF_COUNT_ALL };
static const enum leaf cycles[] = { LEAF_HANDLED, LEAF_AWAY, LEAF_HANDLED_ALL, LEAF_AWAY_ALL };
static const enum leaf of_all[] = { LEAF_COUNT_ALL, LEAF_HANDLED_ALL, LEAF_AWAY_ALL };
static const enum leaf of_one[] = { LEAF_COUNT, LEAF_HANDLED, LEAF_AWAY };

static void decodes(enum leaf leaf, struct cpuid_regs regs, uint64_t expected)
{
	uint64_t value = ~expected;

	assert_int_equal(leaf_decode(leaf, &regs, &value), ANSWER_VALUE);
	assert_true(value == expected);
}

static void test_values_are_64_bit(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		decodes(counts[i], (struct cpuid_regs){ 0, 0, 0, 0 }, 0);
		decodes(counts[i], (struct cpuid_regs){ 7, 0, 0, 0 }, 7);
		decodes(counts[i], (struct cpuid_regs){ 0, 1, 0, 0 }, 1ull << 32);
		decodes(counts[i], (struct cpuid_regs){ 0xfffffffe, 0x80000000, 0, 0 },
			0x80000000fffffffe);
		decodes(counts[i], (struct cpuid_regs){ UINT32_MAX, UINT32_MAX, 0, 0 }, UINT64_MAX);
	}
	for (size_t i = 0; i < COUNT(cycles); i++) {
		decodes(cycles[i], (struct cpuid_regs){ 0, 0, 0, 0 }, 0);
		/* The cycles of a guest's boot, as one write-up read them. */
		decodes(cycles[i], (struct cpuid_regs){ 0, 3, 2060367898, 0 }, 14945269786);
		decodes(cycles[i], (struct cpuid_regs){ 0, UINT32_MAX, UINT32_MAX, 0 }, UINT64_MAX);
	}
}

static void test_undefined_reasons(void **state)
{
	struct cpuid_regs regs = { 0, 0, 0, UINT32_MAX };
	uint64_t value = 4711;

	(void)state;
	for (size_t i = 0; i < COUNT(of_one); i++)
		assert_int_equal(leaf_decode(of_one[i], &regs, &value), ANSWER_UNDEFINED);
	/* There is always a total. */
	for (size_t i = 0; i < COUNT(of_all); i++)
		assert_int_equal(leaf_decode(of_all[i], &regs, &value), ANSWER_NONSENSE);
	assert_int_equal(value, 4711);
}

static void test_nonsense(void **state)
{
	static const struct cpuid_regs for_counts[] = {
		{ 1, 0, 1, 0 },
		{ 1, 0, 0, 1 },
		{ 0, 0, 1, UINT32_MAX },
		{ 0, 1, 0, UINT32_MAX },
		{ 1, 0, 0, UINT32_MAX },
		{ 0, 0, 0, UINT32_MAX - 1 },
		/* the highest basic leaf of some CPU */
		{ 0xd, 0x756e6547, 0x6c65746e, 0x49656e69 },
	};
	static const struct cpuid_regs for_cycles[] = {
		{ 1, 0, 1, 0 },
		{ 0, 0, 1, 1 },
		{ 1, 0, 0, 0 },
		{ 0, 0, 1, UINT32_MAX },
	};
	uint64_t value = 4711;

	(void)state;
	for (size_t i = 0; i < COUNT(for_counts); i++)
		for (size_t j = 0; j < COUNT(counts); j++)
			assert_int_equal(leaf_decode(counts[j], &for_counts[i], &value),
					 ANSWER_NONSENSE);
	for (size_t i = 0; i < COUNT(for_cycles); i++)
		for (size_t j = 0; j < COUNT(cycles); j++)
			assert_int_equal(leaf_decode(cycles[j], &for_cycles[i], &value),
					 ANSWER_NONSENSE);
	assert_int_equal(value, 4711);
}

UNIT_TESTS(guest_leaves)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf_numbers),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_leaf_names),
		cmocka_unit_test(test_cpuid_reason),
		cmocka_unit_test(test_counter_reason_is_the_inverse),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_every_bit_of_the_signature_counts),
		cmocka_unit_test(test_who_refuses),
		cmocka_unit_test(test_values_are_64_bit),
		cmocka_unit_test(test_undefined_reasons),
		cmocka_unit_test(test_nonsense),
	};

	RUN_GROUP(tally, "guest leaves", tests);
}
