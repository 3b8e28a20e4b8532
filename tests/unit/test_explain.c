// SPDX-License-Identifier: GPL-2.0-only
/* What is said of the reasons, and the command that says it. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "cmd/command.h"
#include "model/explain.h"
#include "model/reasons.h"
#include "shown.h"
#include "unit.h"
#include "view/explanation.h"

#define VMX EXITSTAT_ISA_VMX
#define SVM EXITSTAT_ISA_SVM

#define COLUMNS 80

static const struct {
	uint32_t isa;
	const struct explanation *all;
	const size_t *n;
} tables[] = {
	{ VMX, vmx_explanations, &vmx_nexplanations },
	{ SVM, svm_explanations, &svm_nexplanations },
};

/* Of each explanation of each ISA; its name is that of its first code. */
static void each(void (*check)(uint32_t isa, const struct explanation *it, const char *name))
{
	char name[REASON_NAME_LEN];

	for (size_t i = 0; i < COUNT(tables); i++) {
		for (size_t j = 0; j < *tables[i].n; j++) {
			reason_name(name, tables[i].isa, tables[i].all[j].first);
			check(tables[i].isa, &tables[i].all[j], name);
		}
	}
}

/* --- the tables ----------------------------------------------------------------- */

static void test_every_name_has_a_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tables); i++)
		for (uint64_t code = 0; reason_next(tables[i].isa, &code); code++)
			if (!explain_reason(tables[i].isa, (uint32_t)code))
				fail_msg("ISA %u, code %#x", tables[i].isa, (uint32_t)code);
	assert_null(explain_reason(VMX, 35));
	assert_null(explain_reason(SVM, 0x404));
	assert_null(explain_reason(0, 10));
}

static void check_named_and_found(uint32_t isa, const struct explanation *it, const char *name)
{
	bool found = false;

	for (uint64_t code = it->first; code <= it->last; code++) {
		uint64_t next = code;

		if (!reason_next(isa, &next) || next != code)
			fail_msg("%s: no name of %#x", name, (uint32_t)code);
		found |= explain_reason(isa, (uint32_t)code) == it;
	}
	if (!found)
		fail_msg("%s: others are before it", name);
}

static void test_every_text_has_a_name(void **state)
{
	(void)state;
	each(check_named_and_found);
	for (uint32_t flag = 1; flag; flag <<= 1)
		assert_int_equal(!explain_flag(flag), !reason_flag_name(flag));
}

static void check_text(const char *name, const char *text, bool sentences)
{
	size_t len = text ? strlen(text) : 0;

	if (!len || (text[len - 1] == '.') != sentences || text[0] == ' ' || strstr(text, "  "))
		fail_msg("%s: '%s'", name, text);
	for (size_t i = 0; i < len; i++)
		if (!isascii(text[i]) || !isprint(text[i]))
			fail_msg("%s: a character in '%s'", name, text);
}

static void check_fields(uint32_t isa, const struct explanation *it, const char *name)
{
	(void)isa;
	check_text(name, it->brief, false);
	check_text(name, it->what, true);
	check_text(name, it->when, true);
	check_text(name, it->look, true);
	check_text(name, it->manual, false);
	assert_in_range(it->away, AWAY_NONE, AWAY_FOR_GOOD);
}

static void test_every_field_is_there(void **state)
{
	(void)state;
	each(check_fields);
}

/* "See HLT": of the same ISA. */
static void check_references(uint32_t isa, const struct explanation *it, const char *name)
{
	const char *texts[] = { it->what, it->when, it->look };
	char other[REASON_NAME_LEN];
	uint32_t code;

	for (size_t i = 0; i < COUNT(texts); i++)
		for (const char *at = texts[i]; (at = strstr(at, "ee ")); at++)
			if (sscanf(at, "ee %63[A-Z0-9_]", other) == 1 &&
			    !reason_find(isa, other, &code))
				fail_msg("%s: there is no %s", name, other);
}

static void test_references_lead_somewhere(void **state)
{
	(void)state;
	each(check_references);
}

/* --- as it is shown ------------------------------------------------------------- */

static void check_lines(const char *name, const char *text)
{
	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		assert_non_null(end);
		if (end - text > COLUMNS || (end > text && end[-1] == ' '))
			fail_msg("%s: %.*s", name, (int)(end - text), text);
	}
}

/* Lines as one, without labels. */
static void join(char *to, const char *text)
{
	for (; *text; text++) {
		if (*text != '\n')
			*to++ = *text;
		else if (!strncmp(text + 1, "          ", 10) && (*to++ = ' '))
			text += 10;
	}
	*to = '\0';
}

static void check_shown(uint32_t isa, const struct explanation *it, const char *name)
{
	static char joined[8192];
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	explanation_print(out, isa, it->first | (isa == VMX ? 0xffff0000 : 0));
	fclose(out);
	/* With all flags the name itself, the first line, is longer. */
	check_lines(name, strchr(text, '\n') + 1);
	assert_true(size < sizeof(joined));
	join(joined, text);
	free(text);
	if (explain_reason(isa, it->first) != it)
		return;
	if (!strstr(joined, it->what) || !strstr(joined, it->when) || !strstr(joined, it->look) ||
	    !strstr(joined, it->manual))
		fail_msg("%s: not all of it is in: %s", name, joined);
	for (uint32_t flag = 1; flag && isa == VMX; flag <<= 1)
		if (explain_flag(flag) && !strstr(joined, explain_flag(flag)))
			fail_msg("%s: not all flags are in: %s", name, joined);
}

static void test_all_is_shown_in_80_columns(void **state)
{
	(void)state;
	each(check_shown);
}

/* --- the command ---------------------------------------------------------------- */

static void test_by_name_and_number(void **state)
{
	(void)state;
	assert_int_equal(EXPLAIN("ept_Violation"), 0);
	assert_true(says("EPT_VIOLATION\n  Intel VMX, exit reason 48 (0x30)\n"));
	assert_false(says("SVM"));
	assert_int_equal(EXPLAIN("hlt"), 0);
	assert_true(says("HLT\n  Intel VMX, exit reason 12 (0xc)\n"));
	assert_true(says("\n\nHLT\n  AMD SVM, exit code 0x78\n"));
	assert_int_equal(EXPLAIN("--isa", "svm", "hlt"), 0);
	assert_false(says("VMX"));
	assert_int_equal(EXPLAIN("48"), 0);
	assert_true(says("EPT_VIOLATION\n"));
	assert_true(says("WRITE_DR0\n"));
	assert_int_equal(EXPLAIN("0x400"), 0);
	assert_true(says("NPF\n"));
	assert_int_equal(EXPLAIN("48", "-avmx"), 0);
	assert_false(says("WRITE_DR0"));
	assert_int_equal(EXPLAIN("invalid"), 0);
	assert_true(says("exit code 0xffffffff\n"));
}

static void test_flags(void **state)
{
	(void)state;
	assert_int_equal(EXPLAIN("INVALID_STATE+failed_entry"), 0);
	assert_true(says("INVALID_STATE+FAILED_ENTRY\n"));
	assert_true(says("  Flag    FAILED_ENTRY: "));
	assert_int_equal(EXPLAIN("0x8c010021"), 0);
	assert_true(says("INVALID_STATE+BUS_LOCK+ENCLAVE+FAILED_ENTRY+0x10000\n"));
	assert_true(says("  Flag    0x10000: not one"));
	assert_int_equal(EXPLAIN("CPUID+0x10000+BUS_LOCK"), 0);
	assert_true(says("CPUID+BUS_LOCK+0x10000\n"));
	assert_false(says("SVM"));
	/* Of SVM it is all one code, which has another name. */
	assert_int_equal(EXPLAIN("0x80000001"), 0);
	assert_true(says("EXTERNAL_INTERRUPT+FAILED_ENTRY\n"));
	assert_true(says("VMGEXIT_MMIO_READ\n"));
}

static void test_list(void **state)
{
	(void)state;
	assert_int_equal(show(&explain_command, (char *[]){ "explain", NULL }), 0);
	check_lines("list", said);
	assert_true(says("\n 48  EPT_VIOLATION  "));
	assert_true(says("  CR15_WRITE_TRAP  "));
	assert_true(says("0xffffffff  INVALID  "));
	assert_int_equal(EXPLAIN("--isa=vmx"), 0);
	assert_true(says("EPT_VIOLATION"));
	assert_false(says("NPF"));
}

static void check_unknown(const char *reason, const char *text)
{
	assert_int_equal(EXPLAIN((char *)reason), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
	assert_string_equal(said, "");
	if (!strstr(said_error.text, text))
		fail_msg("'%s' is not in: %s", text, said_error.text);
}

static void test_unknown(void **state)
{
	static const char *const unlike[] = { "",	   "+",		 "HLT+",   "NPF+BUS_LOCK",
					      "CPUID+HLT", "HLT+0x1",	 "VMX_35", "0x404",
					      "IX",	   "0x1ffffffff" };
	char longest[1000];

	(void)state;
	check_unknown("cpudi", "'cpudi' is no exit reason: did you mean CPUID?");
	check_unknown("EPT", "did you mean EPT_VIOLATION, EPT_MISCONFIG?");
	check_unknown("violation", "did you mean EPT_VIOLATION?");
	check_unknown("avic", "did you mean AVIC_INCOMPLETE_IPI, AVIC_NOACCEL?");
	check_unknown("PAGE_FAULT", "'PAGE_FAULT' is no exit reason that is known: "
				    "'exitstat-bpf explain' lists them");
	for (size_t i = 0; i < COUNT(unlike); i++)
		check_unknown(unlike[i], "is no exit reason");
	memset(longest, 'A', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	check_unknown(longest, "'AAA");
	assert_int_equal(EXPLAIN("-a", "svm", "EPT_VIOLATION"), -1);
	assert_non_null(strstr(said_error.text, "no exit reason of svm that is known"));
	assert_int_equal(EXPLAIN("--isa", "arm"), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
	assert_int_equal(EXPLAIN("HLT", "NPF"), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
}

UNIT_TESTS(explain)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_name_has_a_text),
		cmocka_unit_test(test_every_text_has_a_name),
		cmocka_unit_test(test_every_field_is_there),
		cmocka_unit_test(test_references_lead_somewhere),
		cmocka_unit_test(test_all_is_shown_in_80_columns),
		cmocka_unit_test(test_by_name_and_number),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_unknown),
	};

	RUN_GROUP(tally, "explain", tests);
}
