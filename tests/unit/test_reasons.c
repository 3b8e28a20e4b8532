// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bpf/exitstat.h"
#include "model/filter.h"
#include "model/leaves.h"
#include "model/reasons.h"
#include "unit.h"

#define VMX EXITSTAT_ISA_VMX
#define SVM EXITSTAT_ISA_SVM

static void test_names(void **state)
{
	static const struct {
		uint32_t isa, reason;
		const char *name;
	} cases[] = {
		{ VMX, 0, "EXCEPTION_NMI" },
		{ VMX, 10, "CPUID" },
		{ VMX, 12, "HLT" },
		{ VMX, 30, "IO_INSTRUCTION" },
		{ VMX, 48, "EPT_VIOLATION" },
		{ VMX, 49, "EPT_MISCONFIG" },
		{ VMX, 52, "PREEMPTION_TIMER" },
		{ VMX, 75, "NOTIFY" },
		{ VMX, 35, "VMX_35" },
		{ VMX, 0xffff, "VMX_65535" },
		{ VMX, 0x80000021, "INVALID_STATE+FAILED_ENTRY" },
		{ VMX, 0x0400000a, "CPUID+BUS_LOCK" },
		{ VMX, 0x0800000c, "HLT+ENCLAVE" },
		{ VMX, 0x02000030, "EPT_VIOLATION+SHADOW_STACK_BUSY" },
		{ VMX, 0x0001000a, "CPUID+0x10000" },
		{ VMX, 0x80010023, "VMX_35+FAILED_ENTRY+0x10000" },
		{ SVM, 0x00, "READ_CR0" },
		{ SVM, 0x10, "WRITE_CR0" },
		{ SVM, 0x18, "WRITE_CR8" },
		{ SVM, 0x2f, "READ_DR15" },
		{ SVM, 0x4e, "EXCP_PF" },
		{ SVM, 0x49, "EXCP_9" },
		{ SVM, 0x60, "INTR" },
		{ SVM, 0x72, "CPUID" },
		{ SVM, 0x78, "HLT" },
		{ SVM, 0x7b, "IO" },
		{ SVM, 0x9f, "CR15_WRITE_TRAP" },
		{ SVM, 0x400, "NPF" },
		{ SVM, 0x80000001, "VMGEXIT_MMIO_READ" },
		{ SVM, 0xffffffff, "INVALID" },
		{ SVM, -2u, "BUSY" },
		{ SVM, -3u, "IDLE_REQUIRED" },
		{ SVM, -4u, "INVALID_PMC" },
		{ SVM, -5u, "SVM_0xfffffffb" },
		{ SVM, 0x3ff, "SVM_0x3ff" },
		{ 0, 10, "ISA0_0xa" },
		{ 7, 0xffffffff, "ISA7_0xffffffff" },
	};
	char name[REASON_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		reason_name(name, cases[i].isa, cases[i].reason);
		assert_string_equal(name, cases[i].name);
	}
}

static void test_isa_names(void **state)
{
	(void)state;
	assert_string_equal(isa_name(VMX), "vmx");
	assert_string_equal(isa_name(SVM), "svm");
	assert_string_equal(isa_name(0), "unknown");
	assert_string_equal(isa_name(3), "unknown");
}

static void test_code_and_flags(void **state)
{
	(void)state;
	assert_int_equal(reason_code(VMX, 0x8400000a), 10);
	assert_int_equal(reason_flags(VMX, 0x8400000a), 0x84000000);
	assert_int_equal(reason_code(SVM, 0x80000001), 0x80000001);
	assert_int_equal(reason_flags(SVM, 0x80000001), 0);
	assert_int_equal(reason_code(9, 0xdeadbeef), 0xdeadbeef);
	assert_int_equal(reason_flags(9, 0xdeadbeef), 0);
}

/* Whatever bits are set, the name has room for all and no two are the same. */
static void test_no_flag_is_dropped_from_the_name(void **state)
{
	char all[REASON_NAME_LEN], name[REASON_NAME_LEN];

	(void)state;
	reason_name(all, VMX, 0xffff0001);
	for (uint32_t bit = 16; bit < 32; bit++) {
		reason_name(name, VMX, 0xffff0001 & ~(1u << bit));
		assert_string_not_equal(name, all);
	}
	assert_non_null(strstr(all, "EXTERNAL_INTERRUPT+"));
	assert_non_null(strstr(all, "+BUS_LOCK+ENCLAVE+PENDING_MTF+FROM_ROOT+FAILED_ENTRY+0x"));
}

static bool has_name(const char *name)
{
	return strncmp(name, "VMX_", 4) && strncmp(name, "SVM_0x", 6);
}

/* A name leads back to its code; of two codes with one name one would not. */
static void check_round_trip(uint32_t isa, uint32_t code)
{
	struct reason_filter filter;
	char name[REASON_NAME_LEN];

	reason_name(name, isa, code);
	if (!has_name(name)) {
		assert_int_equal(reason_filter_parse(&filter, name), -1);
		return;
	}
	for (int lower = 0; lower < 2; lower++) {
		for (char *p = name; lower && *p; p++)
			*p = (char)tolower(*p);
		if (reason_filter_parse(&filter, name))
			fail_msg("%s is not known", name);
		assert_false(filter.is_number);
		assert_true(isa == VMX ? filter.on_vmx : filter.on_svm);
		assert_int_equal(isa == VMX ? filter.vmx_code : filter.svm_code, code);
		assert_true(reason_filter_matches(&filter, isa, code));
		assert_false(reason_filter_matches(&filter, isa, code + 1));
	}
}

static void test_every_name_leads_to_its_code(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < 0x500; code++) {
		check_round_trip(VMX, code);
		check_round_trip(SVM, code);
	}
	for (uint32_t code = 0x80000000; code < 0x80010000; code += code % 0x100 == 0x20 ? 0xd0 : 1)
		check_round_trip(SVM, code);
	for (uint32_t code = -16u; code; code++)
		check_round_trip(SVM, code);
}

/* The reasons of the SDM and APM are all there: a table must not lose a line. */
static void test_number_of_names(void **state)
{
	unsigned int vmx = 0, svm = 0, high = 0;
	char name[REASON_NAME_LEN];

	(void)state;
	for (uint32_t code = 0; code < 0x1000; code++) {
		reason_name(name, VMX, code);
		vmx += has_name(name);
		reason_name(name, SVM, code);
		svm += has_name(name);
	}
	for (uint32_t code = 0x80000000; code < 0x80010000; code++) {
		reason_name(name, SVM, code);
		high += has_name(name);
	}
	for (uint32_t code = 0; code <= 75; code++) {
		reason_name(name, VMX, code);
		assert_int_equal(has_name(name),
				 code != 35 && code != 38 && code != 42 && code != 71);
	}
	for (uint32_t code = 0; code <= 0xa6; code++) {
		reason_name(name, SVM, code);
		assert_true(has_name(name));
	}
	assert_true(vmx >= 72);
	assert_true(svm >= 0xa7 + 4);
	assert_true(high >= 10);
}

static void test_editions(void **state)
{
	static const struct {
		uint32_t isa, code;
		enum edition edition;
	} cases[] = {
		{ VMX, 0, EDITION_2022 },	   { VMX, 64, EDITION_2022 },
		{ VMX, 65, EDITION_LATER },	   { VMX, 66, EDITION_2022 },
		{ VMX, 71, EDITION_NONE },	   { VMX, 75, EDITION_2022 },
		{ VMX, 76, EDITION_KERNEL_2 },	   { VMX, 77, EDITION_KERNEL_1 },
		{ VMX, 79, EDITION_LATER },	   { VMX, 80, EDITION_NONE },
		{ VMX, 84, EDITION_KERNEL_3 },	   { VMX, 85, EDITION_KERNEL_3 },
		{ VMX, -1u, EDITION_NONE },	   { SVM, 0, EDITION_2022 },
		{ SVM, 0x42, EDITION_2022 },	   { SVM, 0xa4, EDITION_2022 },
		{ SVM, 0xa5, EDITION_KERNEL_1 },   { SVM, 0xa6, EDITION_KERNEL_1 },
		{ SVM, 0xa7, EDITION_NONE },	   { SVM, 0x3ff, EDITION_NONE },
		{ SVM, 0x403, EDITION_2022 },	   { SVM, 0x404, EDITION_NONE },
		{ SVM, 0x80000001, EDITION_GHCB }, { SVM, -5u, EDITION_NONE },
		{ SVM, -4u, EDITION_LATER },	   { SVM, -3u, EDITION_LATER },
		{ SVM, -2u, EDITION_2022 },	   { SVM, -1u, EDITION_2022 },
		{ 0, 10, EDITION_NONE },	   { 7, 0x400, EDITION_NONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (reason_edition(cases[i].isa, cases[i].code) != cases[i].edition)
			fail_msg("ISA %u, code %#x", cases[i].isa, cases[i].code);
}

/* Each code that has a name once, in order, up to the last. */
static void test_every_code_with_a_name_is_next_once(void **state)
{
	static const uint32_t isas[] = { VMX, SVM };

	(void)state;
	for (size_t i = 0; i < COUNT(isas); i++) {
		uint64_t next = 0;

		for (uint32_t code = 0; code < 0x1000; code++) {
			bool has = reason_next(isas[i], &next) && next == code;

			if (has != (reason_edition(isas[i], code) != EDITION_NONE))
				fail_msg("ISA %u, code %#x", isas[i], code);
			next += has;
		}
		for (; reason_next(isas[i], &next); next++)
			assert_int_not_equal(reason_edition(isas[i], (uint32_t)next), EDITION_NONE);
	}
	assert_false(reason_next(VMX, &(uint64_t){ 86 }));
	assert_true(reason_next(SVM, &(uint64_t){ UINT32_MAX }));
	assert_false(reason_next(SVM, &(uint64_t){ UINT32_MAX + 1ull }));
	assert_false(reason_next(0, &(uint64_t){ 0 }));
}

static void test_names_of_flags(void **state)
{
	char name[REASON_NAME_LEN], full[REASON_NAME_LEN];

	(void)state;
	for (uint32_t flag = 1u << 16; flag; flag <<= 1) {
		const char *text = reason_flag_name(flag);

		reason_name(name, VMX, flag);
		if (text)
			snprintf(full, sizeof(full), "EXCEPTION_NMI+%s", text);
		else
			snprintf(full, sizeof(full), "EXCEPTION_NMI+0x%x", flag);
		assert_string_equal(name, full);
	}
	assert_null(reason_flag_name(0));
}

/* So many codes a kernel's leaves define: which they are. */
static void test_defined(void **state)
{
	static const struct {
		uint32_t isa, total, code;
		enum definition definition;
	} cases[] = {
		{ VMX, 71, 75, CODE_DEFINED },	  { VMX, 71, 77, CODE_UNDEFINED },
		{ VMX, 72, 77, CODE_DEFINED },	  { VMX, 72, 76, CODE_UNDEFINED },
		{ VMX, 73, 76, CODE_DEFINED },	  { VMX, 73, 84, CODE_UNDEFINED },
		{ VMX, 75, 84, CODE_DEFINED },	  { VMX, 75, 85, CODE_DEFINED },
		{ VMX, 75, 65, CODE_UNDEFINED },  { VMX, 75, 79, CODE_UNDEFINED },
		{ VMX, 75, 80, CODE_UNDEFINED },  { VMX, 0, 75, CODE_DEFINED },
		{ VMX, 0, 76, CODE_UNKNOWN },	  { VMX, 0, 80, CODE_UNDEFINED },
		{ SVM, 171, -1u, CODE_DEFINED },  { SVM, 171, 0xa5, CODE_UNDEFINED },
		{ SVM, 173, 0xa5, CODE_DEFINED }, { SVM, 173, -3u, CODE_UNDEFINED },
		{ SVM, 0, 0xa6, CODE_UNKNOWN },	  { SVM, 173, 0x80000001, CODE_UNDEFINED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (leaves_define(cases[i].isa, cases[i].total, cases[i].code) !=
		    cases[i].definition)
			fail_msg("ISA %u, %u of them, code %#x", cases[i].isa, cases[i].total,
				 cases[i].code);
	for (uint32_t total = 0; total < 300; total++) {
		assert_int_equal(leaves_have_total(VMX, total),
				 total >= 71 && total <= 75 && total != 74);
		assert_int_equal(leaves_have_total(SVM, total), total == 171 || total == 173);
	}
}

static void test_filter_by_number(void **state)
{
	struct reason_filter filter;

	(void)state;
	assert_int_equal(reason_filter_parse(&filter, "0x0a"), 0);
	assert_true(filter.is_number);
	assert_true(reason_filter_matches(&filter, VMX, 10));
	assert_true(reason_filter_matches(&filter, VMX, 0x8000000a));
	assert_true(reason_filter_matches(&filter, SVM, 10));
	assert_true(reason_filter_matches(&filter, 5, 10));
	assert_false(reason_filter_matches(&filter, SVM, 0x8000000a));
	assert_false(reason_filter_matches(&filter, VMX, 11));
	assert_int_equal(reason_filter_parse(&filter, "4294967295"), 0);
	assert_true(reason_filter_matches(&filter, SVM, UINT32_MAX));
	assert_int_equal(reason_filter_parse(&filter, "0x400"), 0);
	assert_true(reason_filter_matches(&filter, SVM, 0x400));
}

static void test_filter_by_name_on_both_isas(void **state)
{
	struct reason_filter filter;

	(void)state;
	assert_int_equal(reason_filter_parse(&filter, "hLt"), 0);
	assert_false(filter.is_number);
	assert_true(reason_filter_matches(&filter, VMX, 12));
	assert_true(reason_filter_matches(&filter, VMX, 0x0400000c));
	assert_true(reason_filter_matches(&filter, SVM, 0x78));
	assert_false(reason_filter_matches(&filter, VMX, 0x78));
	assert_false(reason_filter_matches(&filter, SVM, 12));
	assert_false(reason_filter_matches(&filter, 0, 12));
	assert_int_equal(reason_filter_parse(&filter, "EPT_VIOLATION"), 0);
	assert_false(reason_filter_matches(&filter, SVM, 48));
	assert_false(reason_filter_matches(&filter, SVM, 0));
	assert_int_equal(reason_filter_parse(&filter, "NPF"), 0);
	assert_false(reason_filter_matches(&filter, VMX, 0));
	assert_false(reason_filter_matches(&filter, VMX, 0x400));
}

static void test_filter_refuses_the_rest(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"CPUID ",
		" CPUID",
		"CPU",
		"CPUIDX",
		"-1",
		"1.0",
		"0x",
		"ten",
		"4294967296",
		"READ_CR16",
		"READ_CR",
		"READ_CR%u",
		"EXCP_32",
		"BUS_LOCK+",
		"CPUID+BUS_LOCK",
		"0x100000000",
	};
	struct reason_filter filter;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!reason_filter_parse(&filter, bad[i]))
			fail_msg("'%s' is taken", bad[i]);
}

UNIT_TESTS(reasons)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_isa_names),
		cmocka_unit_test(test_code_and_flags),
		cmocka_unit_test(test_no_flag_is_dropped_from_the_name),
		cmocka_unit_test(test_every_name_leads_to_its_code),
		cmocka_unit_test(test_number_of_names),
		cmocka_unit_test(test_editions),
		cmocka_unit_test(test_every_code_with_a_name_is_next_once),
		cmocka_unit_test(test_names_of_flags),
		cmocka_unit_test(test_defined),
		cmocka_unit_test(test_filter_by_number),
		cmocka_unit_test(test_filter_by_name_on_both_isas),
		cmocka_unit_test(test_filter_refuses_the_rest),
	};

	RUN_GROUP(tally, "reasons", tests);
}
