// SPDX-License-Identifier: GPL-2.0-only
/* What people paste of the leaves: cpuid's text, by mail or whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "doc/cpuid_lines.h"
#include "doc/cpuid_text.h"
#include "unit.h"

#define WHO_2021 "   0x4ffffffb 0x00: eax=0x000107e5 ebx=0x454d564b ecx=0x53746978 edx=0x73746174\n"
#define WHO_2022 "   0x4ffffffb 0x00: eax=0x000107e6 ebx=0x454d564b ecx=0x53746978 edx=0x73746174\n"
#define WHAT	 "   0x4ffffffb 0x01: eax=0x00000002 ebx=0x000000ab ecx=0x0027ac29 edx=0x00000000\n"
#define ZEROS	 "ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n"

struct text {
	struct guest_doc doc;
	struct findings findings;
	struct error err;
	int ret;
};

static struct text read_text(const char *text)
{
	struct text t = { 0 };

	t.ret = cpuid_text_read(&t.doc, "pasted", text, strlen(text), &t.findings, &t.err);
	return t;
}

static void free_text(struct text *t)
{
	guest_doc_free(&t->doc);
	findings_free(&t->findings);
}

static const struct observation *only(const struct text *t)
{
	if (t->ret)
		fail_msg("%s", t->err.text);
	assert_int_equal(t->findings.n, 0);
	assert_int_equal(t->doc.n, 1);
	return &t->doc.observations[0];
}

static void expect(const char *line, enum leaf leaf, uint32_t code, uint64_t value)
{
	struct text t = read_text(line);
	const struct observation *o = only(&t);

	assert_int_equal(o->leaf, leaf);
	assert_int_equal(o->code, code);
	assert_int_equal(o->value, value);
	free_text(&t);
}

static void test_layouts_by_shape(void **state)
{
	(void)state;
	expect("0x4ffffffd 0x72: eax=0x00001288 " ZEROS, LEAF_COUNT, 0x72, 0x1288);
	expect("0x4ffffffe 0x0a: eax=0x00001288 " ZEROS, LEAF_COUNT, 10, 0x1288);
	expect("0x4fffffff 0x00: eax=0x00000007 ebx=0x00000001 ecx=0x00000000 edx=0x00000000",
	       LEAF_COUNT_ALL, 0, 0x100000007);
	expect("0x4ffffffc 0x00: eax=0x00000007 " ZEROS, LEAF_COUNT_ALL, 0, 7);
	expect("0x4ffffffc 0xfffffffe: eax=0x00000000 ebx=0x00000002 ecx=0xfffffff0 "
	       "edx=0x00000000",
	       LEAF_HANDLED, 0xfffffffe, 0x2fffffff0);
	expect("0x4ffffffd 0x00: eax=0x00000000 ebx=0x00000000 ecx=0x00000009 edx=0x00000000",
	       LEAF_HANDLED_ALL, 0, 9);
}

static void test_layouts_by_leaf(void **state)
{
	(void)state;
	expect(WHO_2021 "0x4ffffffd 0x10: eax=0x00000000 " ZEROS, LEAF_COUNT, 0x10, 0);
	expect("0x4ffffffd 0x10: eax=0x00000000 " ZEROS WHO_2022, LEAF_HANDLED_ALL, 0x10, 0);
}

static void test_undefined_reason(void **state)
{
	struct text t = read_text("0x4ffffffe 0x23: eax=0x00000000 ebx=0x00000000 ecx=0x00000000 "
				  "edx=0xffffffff");

	(void)state;
	assert_int_equal(only(&t)->leaf, LEAF_COUNT);
	assert_false(only(&t)->defined);
	free_text(&t);
}

/* As it comes out of a terminal. */
static void test_noise(void **state)
{
	static const char noisy[] =
		"\033]0;root@vm: ~\a\033[01;32mroot@vm\033[00m:\033[01;34m~\033[00m# "
		"cpuid -1 -r -l 0x4ffffffd -s 0x72\r\n"
		"CPU:\r\n"
		"   0x00000001 0x00: eax=0x000a0671 ebx=0x00020800 ecx=0xfffa3203 edx=0x1f8bfbff\r\n"
		"\t> | 0x4FFFFFFD 0x72: EAX=0x00000010\tebx=0x00000000 ecx=0x00000000\r\n"
		"edx=0x00000000\r\n"
		"\033[1m   0x4fffffff\033[0m 0x00: eax=0x00000020 ebx=0x00000000 ecx=0x00000000 "
		"edx=0x00000000$ exit\377\376";
	struct text t = read_text(noisy);

	(void)state;
	assert_int_equal(t.ret, 0);
	assert_int_equal(t.findings.n, 0);
	assert_int_equal(t.doc.layout, LAYOUT_2021);
	assert_int_equal(t.doc.n, 2);
	assert_int_equal(t.doc.observations[0].value, 16);
	assert_string_equal(t.doc.observations[0].where, "line 4: leaf 0x4ffffffd, ECX 0x72");
	assert_int_equal(t.doc.observations[1].value, 32);
	free_text(&t);
}

static void test_what(void **state)
{
	struct text t = read_text("0x4fffffff 0x00: eax=0x00000020 " ZEROS WHAT);

	(void)state;
	only(&t);
	assert_true(t.doc.has_who);
	assert_int_equal(t.doc.isa, EXITSTAT_ISA_SVM);
	assert_int_equal(t.doc.defined, 171);
	assert_int_equal(t.doc.tsc_khz, 2599977);
	free_text(&t);
}

/* What is left of an answer, or has lost its leaf: not read, and that is said. */
static void test_cut_lines_are_said(void **state)
{
	static const char *const cut[] = {
		"0x4fffffff 0x00: eax=0x00000020 ebx=0x0000000",
		"0x4fffffff 0x00: eax=0x0000020 " ZEROS,
		"0x4ffffff 0x00: eax=0x00000020 " ZEROS,
		"0x4fffffff 0x00 eax=0x00000020 " ZEROS,
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < COUNT(cut); i++) {
		struct text t;

		snprintf(text, sizeof(text), "0x4ffffffd 0x72: eax=0x00000010 %s%s", ZEROS, cut[i]);
		t = read_text(text);
		assert_int_equal(t.ret, 0);
		assert_int_equal(t.doc.n, 1);
		assert_int_equal(t.findings.n, 1);
		assert_int_equal(t.findings.list[0].verdict, VERDICT_EXPLAINED);
		assert_string_equal(t.findings.list[0].field, "line 2");
		free_text(&t);
	}
	/* What others answer is no business of ours. */
	expect("0x00000001 0x00: eax=0x000a06\n0x4ffffffd 0x72: eax=0x00000010 " ZEROS, LEAF_COUNT,
	       0x72, 16);
}

static void cannot(const char *text, const char *naming)
{
	struct text t = read_text(text);

	assert_int_equal(t.ret, -1);
	assert_int_equal(t.err.status, STATUS_CANNOT);
	if (!strstr(t.err.text, naming))
		fail_msg("'%s' does not name '%s'", t.err.text, naming);
	findings_free(&t.findings);
}

static void test_what_to_paste_too(void **state)
{
	(void)state;
	cannot("", "cpuid -1 -r -l 0x4fffffff");
	cannot("hello, world\n", "cpuid -1 -r -l 0x4fffffff");
	cannot("0x4ffffffd 0x10: eax=0x00000000 " ZEROS, "-l 0x4ffffffb -s 0");
	cannot("0x4ffffffd 0x10: eax=0x00000000 ebx=0x00000003 ecx=0x00000000 edx=0x00000000",
	       "-l 0x4ffffffb -s 0");
	cannot("0x4ffffffb 0x00: eax=0x00000000 " ZEROS "0x4ffffffd 0x10: eax=0x00000000 " ZEROS,
	       "kvm.exitstat=1");
	/* What an Intel KVM without the patch answers. */
	cannot("0x4ffffffb 0x00: eax=0x00000003 ebx=0x00070001 ecx=0x00000001 edx=0x00000000\n"
	       "0x4ffffffd 0x00: eax=0x00000003 ebx=0x00070001 ecx=0x00000001 edx=0x00000000\n",
	       "kvm.exitstat=1");
}

/* As a mail, an editor or a web page makes it of two answers; 0x10 and 0x20 are in them. */
static void test_ways_a_text_comes(void **state)
{
	static const char *const texts[] = {
		/* Quoted, twice, and broken where it became too long for a mail's line. */
		"> 0x4ffffffd 0x72: eax=0x00000010 " ZEROS
		"> 0x4fffffff 0x00: eax=0x00000020 " ZEROS,
		"> > 0x4ffffffd 0x72: eax=0x00000010 ebx=0x00000000 ecx=0x00000000\n> > "
		"edx=0x00000000\n>> 0x4fffffff 0x00: eax=0x00000020\n>>ebx=0x00000000 "
		"ecx=0x00000000 edx=0x00000000\n",
		/* Quoted-printable, a line broken within a number. */
		"0x4ffffffd 0x72: eax=3D0x00000010 ebx=3D0x00000000 ecx=3D0x00000000 edx=3D0x00=\n"
		"000000\n=20=20=C2=A00x4fffffff 0x00: EAX=3d0x00000020=09ebx=3D0x00000000=20\r\n"
		"ecx=3D0x00000000= \r\n edx=3D0x00000000=\n",
		/* No-break spaces, and those of Latin-1's are none. */
		"0x4ffffffd\u00a00x72: eax=0x00000010\u00a0\u00a0" ZEROS
		"\u00e00x4fffffff\u00a00x00: eax=0x00000020 " ZEROS,
		"+0x4ffffffd 0x72: eax=0x00000010 " ZEROS
		"-  0x4fffffff 0x00: eax=0x00000020 " ZEROS,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct text t = read_text(texts[i]);

		if (t.ret || t.findings.n || t.doc.n != 2)
			fail_msg("not read: %s (%s)", texts[i], t.ret ? t.err.text : "");
		assert_int_equal(t.doc.observations[0].value, 0x10);
		assert_int_equal(t.doc.observations[0].code, 0x72);
		assert_int_equal(t.doc.observations[1].value, 0x20);
		free_text(&t);
	}
}

/* A line that was broken does not move those behind it. */
static void test_lines_of_a_mail(void **state)
{
	struct text t = read_text("0x4ffffffd 0x72: eax=3D0x000=\n00010 " ZEROS
				  "\n0x4fffffff 0x00: eax=3D0x00000020 " ZEROS);

	(void)state;
	assert_int_equal(t.doc.n, 2);
	assert_string_equal(t.doc.observations[0].where, "line 1: leaf 0x4ffffffd, ECX 0x72");
	assert_string_equal(t.doc.observations[1].where, "line 4: leaf 0x4fffffff, ECX 0x0");
	free_text(&t);
}

/* What is no text of cpuid -r is called what it is. */
static void test_what_it_is_instead(void **state)
{
	static const struct {
		const char *text, *what;
	} texts[] = {
		{ "processor\t: 0\nvendor_id\t: GenuineIntel\n", " is /proc/cpuinfo: " },
		{ "Architecture:   x86_64\nCPU op-mode(s): 32-bit\n", " is lscpu's text: " },
		{ "x86info v1.31\neax in: 0x00000000, eax = 0000000d\n", "x86info" },
		{ "0x00000004: subleafs:\n  0: EAX=0x1c004121, EBX=0x1\n", "kcpuid" },
		{ "CPU:\n   vendor_id = \"AuthenticAMD\"\n   version information (1/eax):\n",
		  "without -r" },
		{ "CPU:\n   0x00000000 0x00: eax=0x0000000d ebx=0x756e6547 ecx=0x6c65746e "
		  "edx=0x49656e69\n",
		  "all leaves but those of exitstat" },
		{ "exits of this VM since it was created, as its host's KVM\n",
		  " is a table of exitstat-guest: give what 'exitstat-guest --json' wrote" },
		{ "   VM-EXIT    Samples  Samples%     Time%\n", "perf kvm stat" },
		{ "<!doctype html>\n<html><body>", "a web page" },
		{ "{\"lscpu\": []}", "JSON without a schema" },
		{ "[1, 2]", "JSON without a schema" },
		{ "Q1BVOgogICAweDRmZmZmZmZkIDB4NzI6IGVheD0weDAwMDAxMjg4IGVieD0weDAwMDAw\nMDAw\n",
		  "base64" },
		{ "\x89PNG\r\n", "a picture" },
		/* Lines that look like answers, none of which can be read. */
		{ "0x00000001: EAX=0x000306c1, EBX=0x00000800\n", "line 1 " },
		{ "CPU:\n 0x4ffffffd 0x72: eax = 0x00000001\n", "line 2 " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		cannot(texts[i].text, texts[i].what);
	/* With an answer it is a text, whatever is around it. */
	expect("processor\t: 0\nvendor_id\t: GenuineIntel\n"
	       "0x4ffffffd 0x72: eax=0x00000010 " ZEROS,
	       LEAF_COUNT, 0x72, 16);
}

/* Each line is named as in "line 2: leaf 0x4ffffffc, ECX 0x1". */
static void names_each(const char *text, size_t nwrong, size_t nunread)
{
	struct text t = read_text(text);
	char field[96];

	if (t.ret)
		fail_msg("%s", t.err.text);
	assert_int_equal(t.doc.n, 0);
	assert_int_equal(findings_wrong(&t.findings), nwrong);
	assert_int_equal(t.findings.n, nwrong + nunread);
	assert_int_equal(t.findings.unread, nunread);
	for (size_t i = 0; i < nwrong; i++) {
		snprintf(field, sizeof(field), "line %zu: leaf 0x4ffffffc, ECX 0x%zx", i + 1, i);
		assert_string_equal(t.findings.list[i].field, field);
	}
	free_text(&t);
}

static void expect_wanted(const char *text, const char *expected)
{
	struct text t = read_text(text);

	assert_int_equal(t.ret, 0);
	assert_int_equal(findings_wrong(&t.findings), 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(t.findings.list[i].expected, expected);
	free_text(&t);
}

/* Also where there is nothing else, by which the layout would be known. */
static void test_wrong_registers_of_cycles(void **state)
{
#define NO_CYCLES                                                                        \
	"0x4ffffffc 0x00: eax=0x4ffffffc ebx=0x00000000 ecx=0x00000000 edx=0xffffbef5\n" \
	"0x4ffffffc 0x01: eax=0x4ffffffc ebx=0x00000000 ecx=0x000003d1 edx=0xffffbef5\n"
	(void)state;
	names_each(NO_CYCLES, 2, 0);
	names_each(NO_CYCLES "0x4ffffffd 0x10: eax=0x00000000 " ZEROS, 2, 1);
	names_each(NO_CYCLES WHO_2021, 2, 0);
	names_each(NO_CYCLES WHO_2022, 2, 0);
	/* Where the layout is known, it is said what would be right. */
	expect_wanted(WHO_2021 NO_CYCLES,
		      "cycles in EBX:ECX, EAX and EDX 0, or all 0 but EDX 0xffffffff");
	expect_wanted(WHO_2022 NO_CYCLES, "a count in EBX:EAX, ECX and EDX 0");
}

/* Asked for 0x4fffffd, cpuid shows leaf 0x04fffffd; and what has no beginning any more. */
static void test_a_digit_is_missing(void **state)
{
	static const char *const lines[] = {
		"0x04fffffd 0x00: eax=0x000002e7 " ZEROS,
		"0x04fffff9 0x00: eax=0x00000000 " ZEROS,
		"Ox4ffffffd 0x00: eax=Ox000002e7 " ZEROS,
		"ecx=0x00000000 edx=0x00000000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		char text[300];
		struct text t;

		snprintf(text, sizeof(text), "0x4ffffffd 0x72: eax=0x00000010 %s%s", ZEROS,
			 lines[i]);
		t = read_text(text);
		assert_int_equal(t.doc.n, 1);
		assert_int_equal(t.findings.unread, 1);
		assert_string_equal(t.findings.list[0].field, "line 2");
		free_text(&t);
	}
	expect("0x04fffff0 0x00: eax=0x000002e7 " ZEROS "0x4ffffffd 0x72: eax=0x00000010 " ZEROS,
	       LEAF_COUNT, 0x72, 16);
}

static void expect_finding(const char *text, const char *field)
{
	struct text t = read_text(text);

	if (t.ret)
		fail_msg("%s", t.err.text);
	assert_int_equal(findings_wrong(&t.findings), 1);
	assert_string_equal(t.findings.list[0].field, field);
	free_text(&t);
}

static void test_answers_nobody_gives(void **state)
{
	(void)state;
	expect_finding(WHO_2022 "0x4ffffffd 0x72: eax=0x00001288 " ZEROS,
		       "line 1: leaf 0x4ffffffb, ECX 0x0");
	expect_finding("0x4ffffffb 0x00: eax=0x000107e4 ebx=0x454d564b ecx=0x53746978 "
		       "edx=0x73746174\n0x4ffffffd 0x72: eax=0x00001288 " ZEROS,
		       "line 1: leaf 0x4ffffffb, ECX 0x0");
	expect_finding(WHO_2021 "0x4ffffffd 0x72: eax=0x00001288 " ZEROS
				"0x4fffffff 0x00: eax=0x00000001 ebx=0x00000001 ecx=0x00000001 "
				"edx=0x00000000",
		       "line 3: leaf 0x4fffffff, ECX 0x0");
	expect_finding("0x4ffffffb 0x72: eax=0x00000000 ebx=0x00000000 ecx=0x00000001 "
		       "edx=0x00000000\n0x4ffffffd 0x72: eax=0x00001288 " ZEROS,
		       "line 1: leaf 0x4ffffffb, ECX 0x72");
	expect_finding("0x4ffffffb 0x01: eax=0x00000003 ebx=0x00000000 ecx=0x00000001 "
		       "edx=0x00000000\n0x4ffffffd 0x72: eax=0x00001288 " ZEROS,
		       "line 1: leaf 0x4ffffffb, ECX 0x1");
}

static void test_too_many_lines(void **state)
{
	static const char line[] = "0x4ffffffd 0x72: eax=0x00001288 " ZEROS;
	size_t n = CPUID_MAX_LINES + 1, len = strlen(line);
	char *text = malloc(n * len + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, line, len + 1);
	cannot(text, "4096");
	free(text);
}

UNIT_TESTS(cpuid_text)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts_by_shape),
		cmocka_unit_test(test_layouts_by_leaf),
		cmocka_unit_test(test_undefined_reason),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_what),
		cmocka_unit_test(test_cut_lines_are_said),
		cmocka_unit_test(test_what_to_paste_too),
		cmocka_unit_test(test_ways_a_text_comes),
		cmocka_unit_test(test_lines_of_a_mail),
		cmocka_unit_test(test_what_it_is_instead),
		cmocka_unit_test(test_wrong_registers_of_cycles),
		cmocka_unit_test(test_a_digit_is_missing),
		cmocka_unit_test(test_answers_nobody_gives),
		cmocka_unit_test(test_too_many_lines),
	};

	RUN_GROUP(tally, "cpuid_text", tests);
}
