// SPDX-License-Identifier: GPL-2.0-only
/* The host's document against pasted text of cpuid, and with each number of it changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_run.h"
#include "pair_sample.h"
#include "unit.h"

#define TEXT_SIZE 8192

/* As cpuid -1 -r prints it; its CPUID exits are counted, too. */
static void print_leaf(char *text, uint32_t number, uint32_t code)
{
	struct cpuid_regs regs;

	pair_ask(&regs, number, code);
	sprintf(text + strlen(text),
		"CPU:\n   0x%08x 0x%02x: eax=0x%08x ebx=0x%08x ecx=0x%08x edx=0x%08x\n", number,
		code, regs.eax, regs.ebx, regs.ecx, regs.edx);
}

static void make_text(char *text, uint32_t layout, bool takes_answers)
{
	static const uint32_t codes[] = { PAIR_CPUID, PAIR_HLT, PAIR_IO, PAIR_MSR, 0xb0 };
	struct pair *pair = pair_begin();

	pair->layout = layout;
	pair->takes_answers = takes_answers;
	text[0] = '\0';
	pair_at_rest();
	pair_snapshot();
	for (size_t i = 0; i < COUNT(codes); i++)
		for (int leaf = LEAF_COUNT; leaf <= LEAF_AWAY; leaf++)
			print_leaf(text, leaf_number(layout, (enum leaf)leaf), codes[i]);
	for (int leaf = LEAF_COUNT_ALL; leaf <= LEAF_AWAY_ALL; leaf++)
		print_leaf(text, leaf_number(layout, (enum leaf)leaf), 0);
	print_leaf(text, LEAF_WHO, 0);
	print_leaf(text, LEAF_WHO, 1);
	pair_snapshot();
}

/* Up by one, as a hexadecimal digit whose carry would go to the next. */
static char next_digit(char digit)
{
	return digit == '9' ? 'a' : digit == 'f' ? 'e' : (char)(digit + 1);
}

/* Is this line named? Of one leaf there is only one: it is named by what it says. */
static bool names_line(const struct compare_run *run, size_t n, const char *line)
{
	char who[32], number[32];

	snprintf(number, sizeof(number), "line %zu:", n);
	snprintf(who, sizeof(who), "   0x%x 0x01:", LEAF_WHO);
	for (size_t i = 0; i < run->findings.n; i++) {
		const struct finding *f = &run->findings.list[i];

		if (f->verdict == VERDICT_DISAGREE &&
		    (!strncmp(f->field, number, strlen(number)) ||
		     (!strncmp(line, who, strlen(who)) &&
		      !strncmp(f->field, "leaf 0x4ffffffb, ECX 1:", 23))))
			return true;
	}
	return false;
}

/* Each register up by one, in turn: how many are not found? */
static size_t mutate_text(json_t *host, char *text, size_t *changed, size_t *unnamed)
{
	size_t missed = 0, n = 1;
	const char *line = text;

	for (char *p = strstr(text, "=0x"); p; p = strstr(p + 3, "=0x")) {
		char *digit = p + 10, before = *digit;
		struct compare_run *run;

		for (const char *end; (end = strchr(line, '\n')) < p; line = end + 1)
			n++;
		*digit = next_digit(before);
		run = compare_text(host, text);
		*digit = before;
		++*changed;
		missed += !findings_wrong(&run->findings) && !run->ret;
		*unnamed += !run->ret && !names_line(run, n, line);
		end_run(run);
	}
	return missed;
}

static void compare_layouts(bool takes_answers)
{
	char *text = malloc(TEXT_SIZE);

	for (uint32_t layout = LAYOUT_2021; layout <= LAYOUT_2022; layout++) {
		size_t changed = 0, unnamed = 0, missed;
		struct compare_run *run;
		json_t *host;

		make_text(text, layout, takes_answers);
		host = pair_host();
		run = compare_text(host, text);
		expect_agreement(run);
		assert_int_equal(run->guest.layout, layout);
		end_run(run);
		missed = mutate_text(host, text, &changed, &unnamed);
		print_message("text, layout %u: %zu of %zu changes are not found, %zu not named\n",
			      layout, missed, changed, unnamed);
		assert_int_equal(changed, 80);
		/* Of 18 answers 10 are cycles, whose low half ends in a digit nobody knows. */
		assert_in_range(missed, takes_answers ? 0 : 1, takes_answers ? 0 : 12);
		assert_int_equal(unnamed, missed);
		json_decref(host);
		pair_end();
	}
	free(text);
}

static void test_text(void **state)
{
	(void)state;
	compare_layouts(false);
}

/* What KVM answered is known: nothing can be changed unseen. */
static void test_text_against_answers(void **state)
{
	(void)state;
	compare_layouts(true);
}

/* Each answer of the same leaf is one more than the last. */
static void test_one_leaf_again_and_again(void **state)
{
	char *text = malloc(TEXT_SIZE);
	size_t changed = 0, unnamed = 0;
	json_t *host;

	(void)state;
	pair_begin()->takes_answers = true;
	text[0] = '\0';
	pair_snapshot();
	print_leaf(text, LEAF_WHO, 0);
	for (int i = 0; i < 10; i++)
		print_leaf(text, 0x4fffffff, 0);
	pair_snapshot();
	host = pair_host();
	assert_int_equal(mutate_text(host, text, &changed, &unnamed), 0);
	assert_int_equal(changed, 44);
	assert_int_equal(unnamed, 0);
	json_decref(host);
	pair_end();
	free(text);
}

/*
 * Counts that do not grow were answered before as well, so that they fit among those
 * answers too, and then it would be the total that is none of them.
 */
static void test_another_question_of_many(void **state)
{
	char *text = malloc(TEXT_SIZE);
	struct compare_run *run;
	json_t *host;

	(void)state;
	pair_begin()->takes_answers = true;
	text[0] = '\0';
	pair_at_rest();
	print_leaf(text, 0x4fffffff, 0);
	print_leaf(text, 0x4ffffffd, PAIR_HLT);
	print_leaf(text, 0x4ffffffd, 0x8b);
	print_leaf(text, LEAF_WHO, 0);
	pair_snapshot();
	host = pair_host();
	memcpy(strstr(text, " 0x8b:"), " 0x8c:", 6);
	run = compare_text(host, text);
	assert_int_equal(findings_wrong(&run->findings), 1);
	assert_true(names_line(run, 6, ""));
	end_run(run);
	json_decref(host);
	pair_end();
	free(text);
}

UNIT_TESTS(compare_text)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_against_answers),
		cmocka_unit_test(test_one_leaf_again_and_again),
		cmocka_unit_test(test_another_question_of_many),
	};

	RUN_GROUP(tally, "compare text", tests);
}
