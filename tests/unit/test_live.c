// SPDX-License-Identifier: GPL-2.0-only
/* The tables of a run that goes on: drawn over on a terminal, or as lines. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/figures.h"
#include "bpf/exitstat.h"
#include "model/reasons.h"
#include "shown.h"
#include "unit.h"
#include "view/tables.h"

#define VMX EXITSTAT_ISA_VMX

/* --- live -------------------------------------------------------------------- */

static char *live(const struct run *run, const struct snapshot *total, enum group_by by,
		  unsigned int lines)
{
	struct output output;

	assert_int_equal(render_live(output_begin(&output), run, total, by,
				     (struct screen){ lines, 100 }),
			 0);
	return output_end(&output);
}

static void test_live_fits_the_terminal(void **state)
{
	struct snapshot snap = { .losses.map_full = 1 };
	struct run run;

	(void)state;
	for (uint32_t i = 0; i < 10; i++) {
		struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, i, i, "a"), 0);

		for (uint32_t j = 0; j <= i; j++)
			sample_exits(sample_reason(vcpu, VMX, j), 1000, 1);
	}
	sample_run(&run, &snap);
	for (unsigned int lines = 5; lines < 120; lines++) {
		for (int by = BY_VM; by <= BY_REASON; by++) {
			char *text = live(&run, &snap, (enum group_by)by, lines);

			/* One less, as the cursor stands on a line of its own. */
			assert_true(count_lines(text) < lines);
			assert_non_null(strstr(text, "losses: 1 not counted"));
			free(text);
		}
	}
	snapshot_free(&snap);
}

/* The longest line of a screen, after what clears it. */
static size_t widest(const char *text)
{
	size_t most = 0;

	text += strlen("\033[H\033[J");
	while (*text) {
		size_t len = strcspn(text, "\n");

		most = len > most ? len : most;
		text += len + 1;
	}
	return most;
}

/* No line is wider than the terminal, and no number is cut: whole columns are left out. */
static void test_live_fits_the_width(void **state)
{
	struct snapshot snap = { .losses = { 1, 2, 3, 0 } };
	struct vcpu_stat *vcpu =
		sample_vcpu(sample_vm(&snap, 1, 4711, "a-name-that-is-rather-long"), 0);
	struct run run;

	(void)state;
	sample_exits(sample_reason(vcpu, VMX, 48), 1000, 1);
	sample_exits(sample_reason(vcpu, VMX, 10), 123456789, 1000000);
	sample_run(&run, &snap);
	for (unsigned int columns = 24; columns < 120; columns++) {
		struct output output;
		char *text;

		assert_int_equal(render_live(output_begin(&output), &run, &snap, BY_VM,
					     (struct screen){ 40, columns }),
				 0);
		text = output_end(&output);
		assert_true(widest(text) <= columns);
		assert_non_null(strstr(text, "missed"));
		assert_non_null(strstr(text, "EXITS/S"));
		assert_true(!strstr(text, "P99") == !!strstr(text, "more columns"));
		free(text);
	}
	snapshot_free(&snap);
}

static void test_live_says_what_it_left_out(void **state)
{
	struct snapshot snap = { 0 };
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0);
	struct run run;
	unsigned int left_out, rows = 0;
	char *text;

	(void)state;
	for (uint32_t i = 0; i < 30; i++)
		sample_exits(sample_reason(vcpu, VMX, i), 1000, 1);
	sample_run(&run, &snap);
	text = live(&run, &snap, BY_VM, 24);
	for (uint32_t i = 0; i < 30; i++) {
		char name[REASON_NAME_LEN + 2] = "\n";

		reason_name(name + 1, VMX, i);
		strcat(name, " ");
		rows += strstr(text, name) != NULL;
	}
	assert_non_null(strstr(text, "... "));
	assert_int_equal(sscanf(strstr(text, "... "), "... %u more rows", &left_out), 1);
	assert_true(rows >= 10);
	assert_int_equal(rows + left_out, 30);
	free(text);
	text = live(&run, &snap, BY_VM, 60);
	assert_null(strstr(text, "more rows"));
	free(text);
	snapshot_free(&snap);
}

static void test_live_numbers(void **state)
{
	struct snapshot snap, total;
	struct run run;
	char *text, words[16][64];
	int n;

	(void)state;
	sample_snapshot(&snap);
	sample_snapshot(&total);
	snap.losses = (struct losses){ 0 };
	sample_exits(&total.vms[0].vcpus[0].reasons[0], 1000, 1000);
	sample_run(&run, &snap);
	text = live(&run, &total, BY_VM, 40);
	assert_memory_equal(text, "\033[H\033[J", 6);
	assert_non_null(strstr(text, "2 VMs, 1108 exits so far"));
	/* Of the whole run, not of the interval. */
	assert_non_null(strstr(text, SAMPLE_LOSSES));
	words_of(text, "HLT", words, &n);
	assert_int_equal(n, 8);
	assert_string_equal(words[1], "16"); /* 31 in 2 s, a half goes to even */
	assert_string_equal(words[2], "31.00%");
	assert_string_equal(words[3], "99.95%");
	assert_string_equal(words[4], "-"); /* how much of it was idle is not known */
	assert_string_equal(words[5], "5.00ms");
	free(text);
	snapshot_free(&snap);
	text = live(&run, &total, BY_VM, 40);
	assert_non_null(strstr(text, "no VM exits in this interval"));
	assert_non_null(strstr(text, SAMPLE_LOSSES));
	free(text);
	snapshot_free(&total);
}

/* --- lines ------------------------------------------------------------------- */

static void test_lines_stand_alone(void **state)
{
	struct snapshot snap;
	struct output output;
	struct run run;
	char *text;

	(void)state;
	setenv("TZ", "UTC", 1);
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	assert_int_equal(render_lines(output_begin(&output), &run, BY_VM, true), 0);
	text = output_end(&output);
	assert_int_equal(count_lines(text), 1 + 4);
	assert_memory_equal(text, "AT        VM   ", 15);
	assert_non_null(strstr(text, "\n22:13:22  web1 (pid 100)            HLT   "));
	assert_non_null(strstr(text, "\n22:13:22  db (pid 200, ended)       EPT_VIOLATION   "));
	free(text);
	assert_int_equal(render_lines(output_begin(&output), &run, BY_VM, false), 0);
	text = output_end(&output);
	assert_int_equal(count_lines(text), 4);
	assert_null(strstr(text, "REASON"));
	free(text);
	snapshot_free(&snap);
}

static void test_stream_that_takes_nothing(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct snapshot snap;
	struct run run;

	(void)state;
	assert_non_null(full);
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	assert_int_equal(render_summary(full, &run, BY_VM, true), -ENOSPC);
	assert_true(render_live(full, &run, &snap, BY_VM, (struct screen){ 24, 80 }) < 0);
	assert_true(render_lines(full, &run, BY_VM, true) < 0);
	fclose(full);
	snapshot_free(&snap);
}

UNIT_TESTS(live)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_live_fits_the_terminal),
		cmocka_unit_test(test_live_fits_the_width),
		cmocka_unit_test(test_live_says_what_it_left_out),
		cmocka_unit_test(test_live_numbers),
		cmocka_unit_test(test_lines_stand_alone),
		cmocka_unit_test(test_stream_that_takes_nothing),
	};

	RUN_GROUP(tally, "live", tests);
}
