// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "trace/tracepoint_format.h"
#include "unit.h"

#define HEAD                                                                           \
	"name: kvm_exit\nID: 1234\nformat:\n"                                          \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"         \
	"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"         \
	"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n" \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
#define REASON "\tfield:unsigned int exit_reason;\toffset:8;\tsize:4;\tsigned:0;\n"
#define RIP    "\tfield:unsigned long guest_rip;\toffset:16;\tsize:8;\tsigned:0;\n"
#define ISA    "\tfield:u32 isa;\toffset:24;\tsize:4;\tsigned:0;\n"
#define INFO                                                       \
	"\tfield:u64 info1;\toffset:32;\tsize:8;\tsigned:0;\n"     \
	"\tfield:u64 info2;\toffset:40;\tsize:8;\tsigned:0;\n"     \
	"\tfield:u32 intr_info;\toffset:48;\tsize:4;\tsigned:0;\n" \
	"\tfield:u32 error_code;\toffset:52;\tsize:4;\tsigned:0;\n"
#define VCPU "\tfield:unsigned int vcpu_id;\toffset:56;\tsize:4;\tsigned:0;\n"
#define TAIL                                                                                       \
	"\nprint fmt: \"vcpu %u reason %s%s%s rip 0x%lx info1 0x%016llx\", REC->vcpu_id, "         \
	"(REC->isa == 1) ? __print_symbolic(REC->exit_reason & 0xffff, { 0, \"EXCEPTION_NMI\" }) " \
	": \"\"\n"

static int parse(const char *text, struct exit_format *format)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	int ret;

	assert_non_null(file);
	memset(format, 0xff, sizeof(*format));
	ret = exit_format_parse(file, format);
	fclose(file);
	return ret;
}

static void test_real_format(void **state)
{
	struct exit_format format;

	(void)state;
	assert_int_equal(parse(HEAD REASON RIP ISA INFO VCPU TAIL, &format), 0);
	assert_int_equal(format.reason, 8);
	assert_int_equal(format.isa, 24);
	assert_int_equal(format.vcpu_id, 56);
}

static void test_other_order_and_a_long_line(void **state)
{
	char text[8192];
	struct exit_format format;

	(void)state;
	snprintf(text, sizeof(text), "%s%s%s%s%s%5000s\n%s", HEAD, VCPU, RIP, ISA, INFO, "x",
		 REASON);
	assert_int_equal(parse(text, &format), 0);
	assert_int_equal(format.reason, 8);
	assert_int_equal(format.isa, 24);
	assert_int_equal(format.vcpu_id, 56);
}

static void test_missing_field(void **state)
{
	struct exit_format format;

	(void)state;
	assert_int_equal(parse(HEAD RIP ISA INFO VCPU TAIL, &format), -1);
	assert_int_equal(parse(HEAD REASON RIP INFO VCPU TAIL, &format), -1);
	/* As before 5.16: no isa's neighbour vcpu_id. */
	assert_int_equal(parse(HEAD REASON RIP ISA INFO TAIL, &format), -1);
	assert_int_equal(parse(HEAD TAIL, &format), -1);
}

static void test_wrong_field(void **state)
{
	static const char *const wrong[] = {
		"\tfield:u64 isa;\toffset:24;\tsize:8;\tsigned:0;\n",
		"\tfield:u16 isa;\toffset:24;\tsize:2;\tsigned:0;\n",
		"\tfield:u32 isa2;\toffset:24;\tsize:4;\tsigned:0;\n",
		"\tfield:u32 my_isa;\toffset:24;\tsize:4;\tsigned:0;\n",
		"\tfield:isa;\toffset:24;\tsize:4;\tsigned:0;\n",
		"\tfield:u32 isa;\toffset:5000;\tsize:4;\tsigned:0;\n",
		"\tfield:u32 isa;\toffset:-8;\tsize:4;\tsigned:0;\n",
		"\tfield:u32 isa;\toffset:;\tsize:4;\tsigned:0;\n",
		"\tfield:u32 isa;\tsize:4;\toffset:24;\tsigned:0;\n",
		"\tfeld:u32 isa;\toffset:24;\tsize:4;\tsigned:0;\n",
	};
	struct exit_format format;
	char text[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		snprintf(text, sizeof(text), "%s%s%s%s%s", HEAD, REASON, VCPU, wrong[i], TAIL);
		assert_int_equal(parse(text, &format), -1);
	}
}

static void test_junk(void **state)
{
	struct exit_format format;
	uint64_t random = 17;
	char text[3000];

	(void)state;
	assert_int_equal(parse("\n", &format), -1);
	assert_int_equal(parse("field:", &format), -1);
	assert_int_equal(parse("field:;offset:1;size:4;", &format), -1);
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof(text) - 1; i++)
			text[i] = (char)(next_random(&random) % 255 + 1);
		text[sizeof(text) - 1] = '\0';
		assert_int_equal(parse(text, &format), -1);
	}
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "\tfield:u32 ", 11);
	assert_int_equal(parse(text, &format), -1);
}

UNIT_TESTS(tracepoint_format)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real_format),
		cmocka_unit_test(test_other_order_and_a_long_line),
		cmocka_unit_test(test_missing_field),
		cmocka_unit_test(test_wrong_field),
		cmocka_unit_test(test_junk),
	};

	RUN_GROUP(tally, "tracepoint_format", tests);
}
