// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "guest/ask.h"
#include "guest/growth.h"
#include "guest_sample.h"
#include "unit.h"

static struct reason_filter filter(const char *text)
{
	struct reason_filter parsed;

	assert_int_equal(reason_filter_parse(&parsed, text), 0);
	return parsed;
}

static void test_finds_all_defined_reasons(void **state)
{
	struct source source = { .ask = fake_ask };
	struct error err;
	struct plan plan;

	(void)state;
	fake_reset(1);
	assert_int_equal(plan_make(&plan, &source, NULL, 0, &err), 0);
	assert_int_equal(plan.ncodes, FAKE_VMX_DEFINED);
	assert_int_equal(plan.codes[35], 36);
	assert_int_equal(plan.codes[70], 75);
	/* Who answers (2), and 0 to 75: then all have been found. */
	assert_int_equal(source.asked, 2 + 76);
	plan_free(&plan);

	fake_reset(2);
	assert_int_equal(plan_make(&plan, &source, NULL, 0, &err), 0);
	assert_int_equal(plan.ncodes, FAKE_SVM_DEFINED);
	assert_int_equal(plan.codes[165], 0x400);
	assert_true(plan.codes[170] == UINT32_MAX);
	assert_int_equal(plan.who.isa, 2);
	plan_free(&plan);
}

static void test_a_reason_it_cannot_find(void **state)
{
	struct source source = { .ask = fake_ask };
	struct error err;
	struct plan plan;

	(void)state;
	fake_reset(1);
	fake_host.defined = 72;
	assert_int_equal(plan_make(&plan, &source, NULL, 0, &err), 0);
	assert_int_equal(plan.ncodes, 71);
	plan_free(&plan);
}

static void test_chosen_reasons(void **state)
{
	const struct reason_filter filters[] = { filter("hlt"), filter("35"), filter("CPUID"),
						 filter("12") };
	struct source source = { .ask = fake_ask };
	struct error err;
	struct plan plan;

	(void)state;
	fake_reset(1);
	assert_int_equal(plan_make(&plan, &source, filters, COUNT(filters), &err), 0);
	assert_int_equal(source.asked, 2);
	assert_true(plan.chosen);
	assert_int_equal(plan.ncodes, 3);
	assert_int_equal(plan.codes[0], 10);
	assert_int_equal(plan.codes[1], 12);
	assert_int_equal(plan.codes[2], 35);
	plan_free(&plan);
	fake_reset(2);
	assert_int_equal(plan_make(&plan, &source, filters, 1, &err), 0);
	assert_int_equal(plan.codes[0], 0x78);
	plan_free(&plan);
}

static void test_a_name_of_the_other_isa(void **state)
{
	const struct reason_filter npf = filter("npf"), ept = filter("EPT_VIOLATION");
	struct source source = { .ask = fake_ask };
	struct error err;
	struct plan plan;

	(void)state;
	fake_reset(1);
	assert_int_equal(plan_make(&plan, &source, &npf, 1, &err), -1);
	assert_int_equal(err.status, STATUS_USAGE);
	assert_non_null(strstr(err.text, "'NPF'"));
	assert_non_null(strstr(err.text, "vmx"));
	fake_reset(2);
	assert_int_equal(plan_make(&plan, &source, &ept, 1, &err), -1);
	assert_non_null(strstr(err.text, "'EPT_VIOLATION'"));
	assert_null(plan.codes);
}

static void check_reading(const struct reading *r, uint64_t asked_before, bool svm)
{
	const struct reason_sums *cpuid = &r->reasons[svm ? 0x72 : 10];
	/* On VMX 35 is not defined. */
	const struct reason_sums *io = &r->reasons[svm ? 0x7b : 30];
	uint64_t sum = 0;

	assert_int_equal(io->code, svm ? 0x7b : 30);
	assert_memory_equal(&io->sums, &fake_host.io, sizeof(io->sums));
	assert_true(r->has_cpuid);
	assert_true(cpuid->sums.count == r->own_in_cpuid);
	assert_true(cpuid->sums.handled == (r->own_in_cpuid + 1) * 1000);
	assert_true(cpuid->sums.away == (r->own_in_cpuid + 2) * 2000);
	assert_true(r->own_so_far == fake_host.asked);
	assert_true(r->own == fake_host.asked - asked_before);
	/* Who answers, one for each reason, two more for what happened, the totals. */
	assert_int_equal(r->own, 2 + r->nreasons + 2 * 2 + 3);
	for (size_t i = 0; i < r->nreasons; i++)
		sum += r->reasons[i].sums.count;
	assert_true(r->total.count == sum + r->own_in_total - r->own_in_cpuid);
	assert_true(r->total.away == fake_host.io.away + r->own_so_far * 2000);
}

static void test_reading(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		struct source source = { .ask = fake_ask };
		struct reading first, second;
		struct plan plan;
		struct error err;

		fake_reset(1 + i % 2);
		fake_host.layout = 2021 + i / 2;
		assert_int_equal(plan_make(&plan, &source, NULL, 0, &err), 0);
		for (int j = 0; j < 2; j++) {
			struct reading *reading = j ? &second : &first;
			uint64_t before = source.asked;

			assert_int_equal(reading_take(reading, &plan, &source, &err), 0);
			assert_int_equal(reading->nreasons, plan.ncodes);
			check_reading(reading, before, i % 2);
		}
		assert_true(growth_holds(&first, &second));
		assert_true(second.own == first.own);
		assert_true(second.start_ns >= first.start_ns + first.ns);
		reading_free(&first);
		reading_free(&second);
		plan_free(&plan);
	}
}

static void test_undefined_reasons_are_read(void **state)
{
	const struct reason_filter filters[] = { filter("35"), filter("34"), filter("0xffffffff") };
	struct source source = { .ask = fake_ask };
	struct reading reading;
	struct plan plan;
	struct error err;

	(void)state;
	fake_reset(1);
	assert_int_equal(plan_make(&plan, &source, filters, COUNT(filters), &err), 0);
	assert_int_equal(reading_take(&reading, &plan, &source, &err), 0);
	assert_true(reading.reasons[0].defined);
	assert_false(reading.reasons[1].defined);
	assert_false(reading.reasons[2].defined);
	assert_false(reading.has_cpuid);
	reading_free(&reading);
	plan_free(&plan);
}

/* Whatever happens at whichever question: an error, and nothing leaks. */
static void test_a_host_that_goes_away(void **state)
{
	uint64_t all;

	(void)state;
	for (uint64_t at = 1, ended = 0; !ended; at++) {
		struct source source = { .ask = fake_ask };
		struct reading reading;
		struct plan plan;
		struct error err = { 0 };

		fake_reset(1);
		fake_host.gone_at = at;
		if (plan_make(&plan, &source, NULL, 0, &err)) {
			assert_true(at <= 2);
			assert_int_equal(err.status, STATUS_CANNOT);
			continue;
		}
		if (reading_take(&reading, &plan, &source, &err)) {
			assert_non_null(err.text[0] ? err.text : NULL);
		} else {
			ended = source.asked < at;
			reading_free(&reading);
		}
		all = source.asked;
		plan_free(&plan);
		assert_true(at <= all + 1);
	}
}

static void test_a_host_that_talks_nonsense(void **state)
{
	(void)state;
	for (uint64_t at = 1;; at++) {
		struct source source = { .ask = fake_ask };
		struct reading reading;
		struct plan plan;
		struct error err;
		int ret;

		fake_reset(2);
		fake_host.nonsense_at = at;
		ret = plan_make(&plan, &source, NULL, 0, &err);
		if (!ret) {
			ret = reading_take(&reading, &plan, &source, &err);
			plan_free(&plan);
		}
		if (!ret) {
			reading_free(&reading);
			assert_true(at == source.asked + 1);
			return;
		}
		assert_int_equal(err.status, STATUS_FAILED);
		assert_non_null(strstr(err.text, "ffffffff ffffffff ffffffff ffffffff"));
	}
}

/* What is said when the host does this after a reading. */
static void goes_back(const char *chosen, void (*happens)(void), const char *naming)
{
	const struct reason_filter one = filter(chosen ?: "hlt");
	struct source source = { .ask = fake_ask };
	struct reading first, second, third;
	struct plan plan;
	struct error err;

	fake_reset(1);
	assert_int_equal(plan_make(&plan, &source, &one, chosen ? 1 : 0, &err), 0);
	assert_int_equal(reading_take(&first, &plan, &source, &err), 0);
	first.number = 7;
	happens();
	assert_int_equal(reading_take(&second, &plan, &source, &err), 0);
	assert_int_equal(reading_take(&third, &plan, &source, &err), 0);
	assert_false(growth_holds(&first, &second));
	assert_int_equal(growth_fail(&first, &second, &third, plan.who.isa, &err), -1);
	assert_int_equal(err.status, STATUS_FAILED);
	if (!strstr(err.text, naming))
		fail_msg("'%s' does not say '%s'", err.text, naming);
	reading_free(&first);
	reading_free(&second);
	reading_free(&third);
	plan_free(&plan);
}

static void moves(void)
{
	fake_host.restart_at = fake_host.asked + 1;
}

static void moves_in_a_reading(void)
{
	fake_host.restart_at = fake_host.asked + 40;
}

static void loses_io(void)
{
	fake_host.reset_at = fake_host.asked + 1;
}

static void loses_one_exit(void)
{
	fake_host.io.count--;
}

static void loses_handled(void)
{
	fake_host.io.handled -= 500000;
}

static void loses_away(void)
{
	fake_host.io.away = 1;
}

/* All of them: the VM is another. Some of them: they are wrong, and never called that. */
static void test_counts_that_go_back(void **state)
{
	(void)state;
	goes_back(NULL, moves, "all counters have started again since reading 7: the VM was m");
	goes_back(NULL, moves_in_a_reading, "all counters have started again since reading 7");
	goes_back(NULL, loses_io,
		  "exits of IO_INSTRUCTION went back from 5000000000 to 0, and not all");
	goes_back(NULL, loses_one_exit,
		  "exits of IO_INSTRUCTION went back from 5000000000 to 4999999999, and");
	goes_back(NULL, loses_handled,
		  "cycles handled of IO_INSTRUCTION went back from 1099511627783 to ");
	goes_back(NULL, loses_away,
		  "cycles away of IO_INSTRUCTION went back from 2199023255561 to 1, and");
	/* Of one reason and its totals nobody can tell. */
	goes_back("30", moves,
		  "exits of IO_INSTRUCTION went back from 5000000000 to 0, and too little");
	goes_back("30", loses_io, "and too little");
	goes_back("30", loses_handled, "cycles handled of IO_INSTRUCTION went back from");
	goes_back("HLT", moves, "all exits went back from 5000000");
}

/* A VM that has moved to where nobody answers, at any question of a reading. */
static void test_moves_to_another_kvm(void **state)
{
	(void)state;
	for (uint64_t at = 1; at < 80; at++) {
		struct source source = { .ask = fake_ask };
		struct reading reading;
		struct plan plan;
		struct error err;

		fake_reset(1);
		assert_int_equal(plan_make(&plan, &source, NULL, 0, &err), 0);
		fake_host.alien_at = fake_host.asked + at;
		assert_int_equal(reading_take(&reading, &plan, &source, &err), -1);
		assert_int_equal(err.status, STATUS_FAILED);
		assert_non_null(strstr(err.text, "nobody answers any more: the VM has moved"));
		plan_free(&plan);
	}
}

static void test_another_host(void **state)
{
	struct source source = { .ask = fake_ask };
	struct reading reading;
	struct plan plan;
	struct error err;

	(void)state;
	fake_reset(1);
	assert_int_equal(plan_make(&plan, &source, NULL, 0, &err), 0);
	fake_host.layout = 2022;
	assert_int_equal(reading_take(&reading, &plan, &source, &err), -1);
	assert_non_null(strstr(err.text, "another host"));
	plan_free(&plan);
}

static void test_growth_of_cycles_wraps(void **state)
{
	struct sums before = { 5, UINT64_MAX - 1, 1 }, now = { 7, 3, 1ull << 63 };
	struct sums growth = sums_subtract(&now, &before);

	(void)state;
	assert_int_equal(growth.count, 2);
	assert_int_equal(growth.handled, 5);
	assert_true(growth.away == (1ull << 63) - 1);
}

UNIT_TESTS(guest_reading)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_all_defined_reasons),
		cmocka_unit_test(test_a_reason_it_cannot_find),
		cmocka_unit_test(test_chosen_reasons),
		cmocka_unit_test(test_a_name_of_the_other_isa),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_undefined_reasons_are_read),
		cmocka_unit_test(test_a_host_that_goes_away),
		cmocka_unit_test(test_a_host_that_talks_nonsense),
		cmocka_unit_test(test_counts_that_go_back),
		cmocka_unit_test(test_moves_to_another_kvm),
		cmocka_unit_test(test_another_host),
		cmocka_unit_test(test_growth_of_cycles_wraps),
	};

	RUN_GROUP(tally, "guest reading", tests);
}
