// SPDX-License-Identifier: GPL-2.0-only
/* Exits of nested guests: apart in the model, in documents and in tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "doc/host_read.h"
#include "doc/host_write.h"
#include "model/filter.h"
#include "model/levels.h"
#include "view/histogram.h"
#include "view/tables.h"
#include "shown.h"
#include "unit.h"

#define VMX EXITSTAT_ISA_VMX

static struct reason_stat *nested_reason(struct vcpu_stat *vcpu, uint32_t reason)
{
	struct reason_stat *r = sample_reason(vcpu, VMX, reason);

	r->level = EXITSTAT_L2;
	return r;
}

/* The sample's web1 with a nested guest on both vCPUs: 100 + 9 exits of L1, 50 of L2. */
static void nested_snapshot(struct snapshot *snap)
{
	struct reason_stat *r;
	struct vcpu_stat *vcpu;

	sample_snapshot(snap);
	vcpu = &snap->vms[0].vcpus[0];
	sample_exits(sample_reason(vcpu, VMX, 24), 9000, 9);
	vcpu->reasons[2].reflected = 1;
	r = nested_reason(vcpu, 10);
	sample_exits(r, 800, 20);
	r->reflected = 20;
	sample_exits(nested_reason(vcpu, 48), 600, 25);
	sample_exits(nested_reason(&snap->vms[0].vcpus[1], 10), 700, 5);
	snapshot_sort(snap);
}

/* --- the model ------------------------------------------------------------------ */

static void test_levels_are_apart(void **state)
{
	struct snapshot snap;
	struct vcpu_stat *vcpu;
	struct reason_stat like = { .isa = VMX, .reason = 10, .level = EXITSTAT_L2 };

	(void)state;
	nested_snapshot(&snap);
	vcpu = &snap.vms[0].vcpus[0];
	assert_int_equal(vcpu_find_reason(vcpu, &like)->count, 20);
	like.level = EXITSTAT_L1;
	assert_int_equal(vcpu_find_reason(vcpu, &like)->count, 60);
	assert_int_equal(vm_count(&snap.vms[0]), 159);
	/* In order: one after the other. */
	assert_int_equal(vcpu->reasons[0].level, EXITSTAT_L1);
	assert_int_equal(vcpu->reasons[1].level, EXITSTAT_L2);
	assert_int_equal(vcpu->reasons[1].reason, 10);
	snapshot_free(&snap);
}

static void test_growth(void **state)
{
	const struct reason_stat like = { .isa = VMX, .reason = 10, .level = EXITSTAT_L2 };
	struct snapshot before, now, growth;
	struct reason_stat *r;

	(void)state;
	nested_snapshot(&before);
	assert_int_equal(snapshot_copy(&now, &before), 0);
	r = vcpu_find_reason(&now.vms[0].vcpus[0], &like);
	assert_int_equal(r->reflected, 20);
	sample_exits(r, 800, 3);
	r->reflected += 2;
	/* Of an exit that was counted before. */
	vcpu_find_reason(&now.vms[0].vcpus[1], &like)->reflected++;
	assert_int_equal(snapshot_subtract(&growth, &now, &before), 0);
	assert_int_equal(growth.vms[0].vcpus[0].nreasons, 1);
	r = &growth.vms[0].vcpus[0].reasons[0];
	assert_int_equal(r->level, EXITSTAT_L2);
	assert_int_equal(r->count, 3);
	assert_int_equal(r->reflected, 2);
	assert_int_equal(growth.vms[0].vcpus[1].nreasons, 1);
	assert_int_equal(growth.vms[0].vcpus[1].reasons[0].reflected, 1);
	snapshot_free(&before);
	snapshot_free(&now);
	snapshot_free(&growth);
}

static void test_ratio(void **state)
{
	static const struct {
		struct levels levels;
		uint64_t ratio;
	} cases[] = {
		{ { .l2 = 1 }, 0 },
		{ { 1, 1, 0 }, 1000 },
		{ { 1, 3, 0 }, 333 },
		{ { 2, 3, 0 }, 667 },
		{ { 1, 2000, 0 }, 1 },
		{ { 1, 2001, 0 }, 0 },
		{ { UINT64_MAX, 1, 0 }, INT64_MAX },
		{ { UINT64_MAX, UINT64_MAX, 0 }, 1000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_true(levels_l1_per_1000(&cases[i].levels) == cases[i].ratio);
}

/* --- documents --------------------------------------------------------------------- */

static void expect(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no \"%s\" in:\n%s", what, text);
}

static void check_again(const struct run *run)
{
	char *text = document_text(run), *again;
	json_t *doc = json_loads(text, 0, NULL);
	struct host_document read;
	struct error err;
	struct run of_read;

	if (host_read(&read, "document", doc, &err))
		fail_msg("%s", err.text);
	of_read = host_document_run(&read);
	again = document_text(&of_read);
	assert_string_equal(again, text);
	host_document_free(&read);
	json_decref(doc);
	free(again);
	free(text);
}

/* What is refused, of the first reason of the first vCPU or of its VM. */
static void refused(const struct run *run, const char *before, const char *after, const char *why)
{
	char *text = document_text(run), *at = strstr(text, before), *changed;
	struct host_document read;
	struct error err;
	json_t *doc;

	assert_non_null(at);
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, after,
			     at + strlen(before)) > 0);
	doc = json_loads(changed, 0, NULL);
	assert_non_null(doc);
	assert_int_equal(host_read(&read, "document", doc, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("%s is not of %s", err.text, why);
	json_decref(doc);
	free(changed);
	free(text);
}

static void test_written_and_read(void **state)
{
	struct reason_filter filter;
	struct series series = { 0 };
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	nested_snapshot(&snap);
	sample_run(&run, &snap);
	text = document_text(&run);
	assert_non_null(strstr(text, "\"nested\": {\"l1\": 109, \"l2\": 50, \"reflected\": 21, "
				     "\"l1_per_1000_l2\": 2180}"));
	assert_non_null(
		strstr(text, "\"flags\": 0, \"level\": 2, \"count\": 20, \"reflected\": 20"));
	assert_non_null(strstr(text, "\"flags\": 0, \"level\": 2, \"count\": 5, \"reflected\": 0"));
	assert_non_null(strstr(text, "\"flags\": 0, \"count\": 9, \"reflected\": 1"));
	assert_null(strstr(strstr(text, "\"db\""), "nested"));
	free(text);
	check_again(&run);
	assert_int_equal(series_add(&series, &(struct point){ .took_ns = 7 }, &snap, true), 0);
	run.series = &series;
	check_again(&run);
	run.series = NULL;
	refused(&run, "\"losses\"", "\"levels\": true, \"losses\"", "levels");
	refused(&run, "\"losses\"", "\"levels\": false, \"losses\"", "level");
	assert_int_equal(reason_filter_parse(&filter, "CPUID"), 0);
	run.filters = &filter;
	run.nfilters = 1;
	text = document_text(&run);
	assert_non_null(strstr(text, "\"nested\": {\"l1\": 69, \"l2\": 25, \"reflected\": 20"));
	free(text);
	check_again(&run);
	series_free(&series);
	snapshot_free(&snap);
}

static void test_refused(void **state)
{
	struct snapshot snap;
	struct run run;

	(void)state;
	nested_snapshot(&snap);
	sample_run(&run, &snap);
	refused(&run, "\"level\": 2", "\"level\": 1", "level");
	refused(&run, "\"level\": 2", "\"level\": 3", "level");
	refused(&run, "\"level\": 2, ", "", "nested");
	refused(&run, ", \"reflected\": 20", "", "reflected");
	refused(&run, "\"reflected\": 20", "\"reflected\": 19", "nested");
	refused(&run, "\"l1\": 109", "\"l1\": 108", "nested");
	refused(&run, "\"l2\": 50", "\"l2\": 51", "nested");
	refused(&run, "\"l1_per_1000_l2\": 2180", "\"l1_per_1000_l2\": 2181", "nested");
	snapshot_free(&snap);
	sample_snapshot(&snap);
	refused(&run, "\"vcpus\"", "\"nested\": {}, \"vcpus\"", "nested");
	snapshot_free(&snap);
}

/* Where the levels are not told, that is. */
static void test_not_told(void **state)
{
	static const char said[] = "\nnested: exits of nested guests are among their VM's own";
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	run.no_levels = true;
	text = document_text(&run);
	assert_non_null(strstr(text, "\"levels\": false, \"losses\""));
	free(text);
	check_again(&run);
	text = shown_summary(&run, BY_VM);
	assert_null(strstr(text, said));
	free(text);
	sample_exits(sample_reason(&snap.vms[0].vcpus[0], VMX, 20), 9000, 1);
	text = shown_summary(&run, BY_VM);
	expect(text, said);
	free(text);
	run.no_levels = false;
	text = shown_summary(&run, BY_VM);
	assert_null(strstr(text, said));
	free(text);
	snapshot_free(&snap);
}

/* --- tables ------------------------------------------------------------------------- */

#define NESTED_LINE \
	"nested: 50 exits of L2, 21 of which went to L1; 2.180 exits of L1 for each of L2\n"

static void test_summary(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	nested_snapshot(&snap);
	sample_run(&run, &snap);
	text = shown_summary(&run, BY_VM);
	expect(text, "web1 (pid 100): 159 exits");
	expect(text, NESTED_LINE "REASON                     LEVEL      COUNT   SHARE");
	expect(text, "\nCPUID                         L1         69 ");
	expect(text, "\nCPUID                         L2         25 ");
	/* Only of the VM that has any. */
	assert_null(strstr(strstr(text, NESTED_LINE) + 1, "nested:"));
	free(text);
	text = shown_summary(&run, BY_LEVEL);
	expect(text, "web1 (pid 100), L1: 109 exits");
	expect(text, "web1 (pid 100), L2: 50 exits");
	expect(text, "db (pid 200, ended), L1: 8 exits");
	assert_null(strstr(text, "ended), L2"));
	free(text);
	text = shown_summary(&run, BY_VCPU);
	expect(text, "vCPU 1: 14 exits");
	expect(text, "nested: 5 exits of L2, 0 of which went to L1; 1.800 exits of L1");
	free(text);
	text = shown_summary(&run, BY_REASON);
	expect(text, "all VMs (2): 167 exits");
	expect(text, NESTED_LINE);
	free(text);
	snapshot_free(&snap);
}

static void test_nothing_nested(void **state)
{
	static const enum group_by all[] = { BY_VM, BY_VCPU, BY_REASON, BY_LEVEL };
	struct snapshot snap;
	struct run run;

	(void)state;
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	for (size_t i = 0; i < COUNT(all); i++) {
		char *text = shown_summary(&run, all[i]);

		assert_null(strstr(text, "LEVEL"));
		assert_null(strstr(text, "nested"));
		assert_null(strstr(text, "L2"));
		free(text);
	}
	snapshot_free(&snap);
}

/* Lines keep their columns, whenever the first nested guest begins. */
static void test_lines(void **state)
{
	struct snapshot snap;
	struct run run;
	size_t size;
	char *text;
	FILE *file = open_memstream(&text, &size);

	(void)state;
	assert_non_null(file);
	nested_snapshot(&snap);
	sample_run(&run, &snap);
	assert_int_equal(render_lines(file, &run, BY_VM, true), 0);
	draw_histogram(file, &snap.vms[0].vcpus[0].reasons[1]);
	fclose(file);
	expect(text, " CPUID/L2 ");
	expect(text, " CPUID ");
	expect(text, "\nCPUID/L2\n");
	assert_null(strstr(text, "LEVEL"));
	free(text);
	snapshot_free(&snap);
}

UNIT_TESTS(levels)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels_are_apart),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_written_and_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_not_told),
		cmocka_unit_test(test_nothing_nested),
		cmocka_unit_test(test_lines),
	};

	RUN_GROUP(tally, "levels", tests);
}
