// SPDX-License-Identifier: GPL-2.0-only
/* What an audit keeps of its findings, and what it prints and writes of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/document.h"
#include "audit/outcome.h"
#include "audit/print.h"
#include "audit/tally.h"
#include "no_memory.h"
#include "shown.h"
#include "unit.h"

#define VMX    EXITSTAT_ISA_VMX
#define CPUID  10u
#define SCRIPT "tests/unit/validate_schema.py"
#define SCHEMA "user/doc/exitstat-audit.schema.json"

/* --- findings ----------------------------------------------------------------------- */

static struct audit_finding finding_of(size_t vm, enum verdict verdict, enum cause cause)
{
	return (struct audit_finding){
		.subject = { .vm = vm, .vcpu = 1, .isa = VMX, .reason = CPUID, .vcpus = 1 },
		.ruling = { .verdict = verdict,
			    .cause = cause,
			    .leaf = LEAF_COUNT,
			    .told = 1043,
			    .low = 1040,
			    .high = 1041 },
	};
}

static void add(struct audit_tally *tally, const struct audit_finding *finding)
{
	assert_int_equal(audit_tally_add(tally, finding), 0);
}

static void add_excess(struct audit_tally *tally, int64_t excess, uint64_t exits)
{
	struct audit_finding finding = finding_of(0, VERDICT_AGREE, CAUSE_NONE);

	finding.ruling.leaf = LEAF_AWAY;
	finding.ruling.has_excess = true;
	finding.ruling.excess = excess;
	finding.ruling.excess_exits = exits;
	add(tally, &finding);
}

/*
 * VM 100 "web1" of sample_snapshot(), of 2 vCPUs, has asked: 3 answers agree, 1 is
 * explained, 2 are wrong. VM 200 "db" has not; one of its counters is wrong.
 */
static void sample_tally(struct audit_tally *tally)
{
	struct audit_finding finding = finding_of(0, VERDICT_AGREE, CAUSE_NONE);

	*tally = (struct audit_tally){ 0 };
	assert_int_equal(audit_tally_vm(tally, 1, 100, "web1"), 0);
	assert_int_equal(audit_tally_vm(tally, 2, 200, "db"), 1);
	add(tally, &finding);
	add_excess(tally, 3000, 10);
	add_excess(tally, -5, 5);
	finding = finding_of(0, VERDICT_EXPLAINED, CAUSE_IN_FLIGHT);
	add(tally, &finding);
	finding = finding_of(0, VERDICT_DISAGREE, CAUSE_NONE);
	add(tally, &finding);
	finding.ruling.who = true;
	finding.ruling.what = "not who answers here";
	add(tally, &finding);
	finding = finding_of(1, VERDICT_DISAGREE, CAUSE_NONE);
	finding.subject.counter = true;
	add(tally, &finding);
}

static void sample_report(struct audit_report *report, struct audit_tally *tally,
			  struct snapshot *snap)
{
	static const struct rules rules = { .layout = 2021, .tsc_khz = 2600000 };

	sample_tally(tally);
	sample_snapshot(snap);
	*report = (struct audit_report){
		.host = &sample_host,
		.start = { .tv_sec = 1700000000 },
		.end = { .tv_sec = 1700000002 },
		.ns = NS_OF(2),
		.rules = &rules,
		.tally = tally,
		.snap = snap,
		.unseen = 4,
	};
}

/* Members and values of documents: they stay what they are. */
static void test_words(void **state)
{
	(void)state;
	assert_string_equal(verdict_word(VERDICT_AGREE), "agree");
	assert_string_equal(verdict_word(VERDICT_EXPLAINED), "explained");
	assert_string_equal(verdict_word(VERDICT_DISAGREE), "disagree");
	assert_string_equal(verdict_outcome(VERDICT_AGREE), "agreed");
	assert_string_equal(verdict_outcome(VERDICT_EXPLAINED), "explained");
	assert_string_equal(verdict_outcome(VERDICT_DISAGREE), "wrong");
}

/* --- the tally ------------------------------------------------------------------------ */

static void test_vms(void **state)
{
	struct audit_tally tally = { 0 };

	(void)state;
	assert_int_equal(audit_tally_vm(&tally, 7, 0, "a"), 0);
	assert_int_equal(audit_tally_vm(&tally, 8, 0, "b"), 1);
	/* Known by its serial, whatever it is called now. */
	assert_int_equal(audit_tally_vm(&tally, 7, 0, "c"), 0);
	assert_int_equal(tally.nvms, 2);
	assert_string_equal(tally.vms[0].name, "a");
	assert_string_equal(tally.vms[1].name, "b");
	audit_tally_free(&tally);
	assert_int_equal(tally.nvms, 0);
	assert_null(tally.vms);
}

/* Of each VM, leaf and reason its own; and it stays where it is. */
static void test_pasts(void **state)
{
	struct audit_tally tally = { 0 };
	struct past *pasts[3][3][3];

	(void)state;
	for (uint32_t serial = 0; serial < 3; serial++)
		for (uint32_t leaf = 0; leaf < 3; leaf++)
			for (uint32_t index = 0; index < 3; index++) {
				struct past *past = audit_tally_past(&tally, serial, leaf, index);

				assert_non_null(past);
				assert_false(past->any);
				past->any = true;
				past->told = serial * 100 + leaf * 10 + index;
				pasts[serial][leaf][index] = past;
			}
	for (uint32_t serial = 3; serial-- > 0;)
		for (uint32_t leaf = 0; leaf < 3; leaf++)
			for (uint32_t index = 3; index-- > 0;) {
				struct past *past = audit_tally_past(&tally, serial, leaf, index);

				assert_ptr_equal(past, pasts[serial][leaf][index]);
				assert_int_equal(past->told, serial * 100 + leaf * 10 + index);
			}
	audit_tally_free(&tally);
}

static void test_scores(void **state)
{
	struct audit_tally tally;

	(void)state;
	sample_tally(&tally);
	assert_int_equal(tally.answers.checked, 6);
	assert_int_equal(tally.answers.by_verdict[VERDICT_AGREE], 3);
	assert_int_equal(tally.answers.by_verdict[VERDICT_EXPLAINED], 1);
	assert_int_equal(tally.answers.by_verdict[VERDICT_DISAGREE], 2);
	assert_int_equal(tally.answers.by_cause[CAUSE_IN_FLIGHT], 1);
	assert_int_equal(tally.counters.checked, 1);
	assert_int_equal(tally.counters.by_verdict[VERDICT_DISAGREE], 1);
	/* A VM's are of answers only. */
	assert_int_equal(tally.vms[0].answers.checked, 6);
	assert_int_equal(tally.vms[1].answers.checked, 0);
	assert_int_equal(tally.nkept, 4);
	assert_int_equal(tally.kept[0].ruling.verdict, VERDICT_EXPLAINED);
	assert_true(tally.kept[3].subject.counter);
	audit_tally_free(&tally);
}

static void test_excess(void **state)
{
	struct audit_tally tally;

	(void)state;
	sample_tally(&tally);
	assert_int_equal(tally.excess.count, 2);
	assert_int_equal(tally.excess.min, 0);
	assert_int_equal(tally.excess.max, 300);
	assert_int_equal(tally.most_exits, 10);
	assert_int_equal(tally.most_excess, 3000);
	audit_tally_free(&tally);
}

static void test_so_many_are_kept(void **state)
{
	struct audit_finding finding = finding_of(0, VERDICT_DISAGREE, CAUSE_NONE);
	struct audit_tally tally = { 0 };

	(void)state;
	assert_int_equal(audit_tally_vm(&tally, 1, 0, "x"), 0);
	for (unsigned int i = 0; i < AUDIT_TALLY_MAX_KEPT + 10; i++) {
		finding.ruling.told = i;
		add(&tally, &finding);
	}
	assert_int_equal(tally.answers.checked, AUDIT_TALLY_MAX_KEPT + 10);
	assert_int_equal(tally.nkept, AUDIT_TALLY_MAX_KEPT);
	assert_int_equal(tally.kept[tally.nkept - 1].ruling.told, AUDIT_TALLY_MAX_KEPT - 1);
	audit_tally_free(&tally);
}

/* --- for people ------------------------------------------------------------------------ */

static void assert_printed(struct output *output, const char *expected)
{
	char *text = output_end(output);

	assert_string_equal(text, expected);
	free(text);
}

static void assert_line(const struct audit_tally *tally, const struct audit_finding *finding,
			const char *expected)
{
	struct output output;

	audit_print_finding(output_begin(&output), tally, finding);
	assert_printed(&output, expected);
}

static void test_lines_about_counts(void **state)
{
	struct audit_finding finding = finding_of(0, VERDICT_DISAGREE, CAUSE_NONE);
	struct audit_tally tally;

	(void)state;
	sample_tally(&tally);
	assert_line(&tally, &finding,
		    "wrong: VM 100 web1, exits of CPUID: KVM says 1043, we say 1040 to 1041: "
		    "nothing explains it\n");
	finding.ruling.high = 1040;
	finding.ruling.leaf = LEAF_COUNT_ALL;
	finding.ruling.verdict = VERDICT_EXPLAINED;
	finding.ruling.cause = CAUSE_LOSSES;
	assert_line(
		&tally, &finding,
		"explained: VM 100 web1, all exits: KVM says 1043, we say 1040: exits that were "
		"lost here\n");
	finding.subject.vcpus = 3;
	finding.subject.waiting = 2;
	finding.ruling.cause = CAUSE_IN_FLIGHT;
	assert_line(
		&tally, &finding,
		"explained: VM 100 web1, all exits: KVM says 1043, we say 1040: exits in flight "
		"(2 of 3 vCPUs were not in the guest)\n");
	audit_tally_free(&tally);
}

static void test_lines_about_the_rest(void **state)
{
	struct audit_finding finding = finding_of(1, VERDICT_DISAGREE, CAUSE_NONE);
	struct audit_tally tally;

	(void)state;
	sample_tally(&tally);
	finding.subject.counter = true;
	finding.ruling.leaf = LEAF_AWAY;
	finding.ruling.what = "less than the last time";
	finding.ruling.high = UINT64_MAX;
	assert_line(&tally, &finding,
		    "wrong: VM 200 db, vCPU 1's counter, cycles away of CPUID: KVM says 1043, we "
		    "say 1040 or more: less than the last time\n");
	finding.subject.counter = false;
	finding.ruling.who = true;
	assert_line(&tally, &finding,
		    "wrong: VM 200 db, who answers, ECX 10: less than the last time\n");
	audit_tally_free(&tally);
}

static void test_running_total(void **state)
{
	struct audit_tally tally = { 0 };
	struct output output;

	(void)state;
	audit_print_line(output_begin(&output), &tally);
	assert_printed(&output, "answers 0 checked: 0 agreed, 0 explained, 0 wrong\n");
	sample_tally(&tally);
	audit_print_line(output_begin(&output), &tally);
	assert_printed(&output, "answers 6 checked: 3 agreed, 1 explained, 2 wrong; "
				"counters 1 checked: 0 agreed, 0 explained, 1 wrong\n");
	audit_tally_free(&tally);
}

static void test_summary(void **state)
{
	struct audit_report report;
	struct audit_tally tally;
	struct snapshot snap;
	struct output output;

	(void)state;
	sample_report(&report, &tally, &snap);
	audit_print_summary(output_begin(&output), &report);
	assert_printed(
		&output,
		"\naudited for 2.00s\n"
		"VM 100 web1: 2 vCPUs, 100 exits; answers 6 checked: 3 agreed, 1 explained, 2 wrong\n"
		"VM 200 db: 1 vCPU, 8 exits; answers 0 checked: 0 agreed, 0 explained, 0 wrong; counters 1 checked: 0 agreed, 0 explained, 1 wrong\n"
		"explained by exits in flight: 1\n"
		"cycles away: KVM's window is longer than ours by, per exit: min 0, avg 150, "
		"p50 0, p99 300, max 300 (2 checks)\n"
		"cycles away: in sum 3000 longer over 10 exits\n"
		"answers 6 checked: 3 agreed, 1 explained, 2 wrong; "
		"counters 1 checked: 0 agreed, 0 explained, 1 wrong\n"
		"not checked: 4 answers\n"
		"losses: 1 map_full, 2 unpaired, 3 missed\n");
	snapshot_free(&snap);
	audit_tally_free(&tally);
}

static void test_summary_of_nothing(void **state)
{
	struct audit_tally tally = { 0 };
	struct snapshot snap = { 0 };
	struct audit_report report = { .ns = NS_OF(1), .tally = &tally, .snap = &snap };
	struct output output;

	(void)state;
	audit_print_summary(output_begin(&output), &report);
	assert_printed(&output, "\naudited for 1.00s\n"
				"answers 0 checked: 0 agreed, 0 explained, 0 wrong\n"
				"not checked: 0 answers\n"
				"losses: 0 map_full, 0 unpaired, 0 missed\n");
}

/* --- what comes of it --------------------------------------------------------------------- */

static void assert_outcome(const struct audit_report *report, const char *key, int status,
			   const char *line)
{
	struct error err = { 0 };

	assert_string_equal(outcome_key(outcome_of(report)), key);
	assert_int_equal(outcome_status(report, &err), status);
	assert_int_equal(err.status, status);
	assert_string_equal(err.text, line);
}

/* Of several that are true the worst. */
static void test_outcomes(void **state)
{
	struct audit_finding finding = finding_of(0, VERDICT_DISAGREE, CAUSE_NONE);
	struct audit_tally tally = { 0 };
	struct audit_report report = { .tally = &tally };

	(void)state;
	assert_outcome(&report, "nothing_checked", 3, "nothing was checked: no VM has run");
	audit_tally_vm(&tally, 1, 100, "web1");
	audit_tally_vm(&tally, 2, 200, "db");
	tally.vms[0].uncounted = true;
	assert_outcome(&report, "nothing_checked", 3,
		       "nothing was checked: no guest has asked: have one run exitstat-guest, or "
		       "use --counters");
	tally.vms[1].uncounted = true;
	assert_outcome(
		&report, "nothing_checked", 3,
		"nothing was checked: KVM counts none of these VMs: load it with exitstat=1, "
		"or have the VMM ask for it");
	report.has_command = true;
	report.command_status = 7;
	assert_outcome(&report, "command_failed", 4, "the command ended with status 7");
	finding.ruling.verdict = VERDICT_AGREE;
	add(&tally, &finding);
	assert_outcome(&report, "command_failed", 4, "the command ended with status 7");
	report.interrupted = true;
	assert_outcome(&report, "agreed", 0, "");
	report.unseen_ends = 2;
	assert_outcome(
		&report, "unseen", 3,
		"the last counters of 2 vCPUs could not be checked: their ends were not seen");
	report.unseen = 9214;
	assert_outcome(
		&report, "unseen", 3,
		"9214 answers could not be checked: use a larger --max-vcpus, and let guests "
		"ask less often");
	finding.subject.counter = true;
	finding.ruling.verdict = VERDICT_DISAGREE;
	add(&tally, &finding);
	assert_outcome(&report, "wrong", 1,
		       "1 of 2 numbers are wrong: KVM's and ours are printed above");
	audit_tally_free(&tally);
}

static void test_uncounted(void **state)
{
	struct audit_tally tally;
	struct audit_report report;
	struct snapshot snap;
	struct output output;

	(void)state;
	sample_report(&report, &tally, &snap);
	tally.vms[1].uncounted = true;
	report.clock_set_ns = -5000000000;
	report.unseen_ends = 2;
	audit_print_summary(output_begin(&output), &report);
	fclose(output.file);
	assert_non_null(
		strstr(output.text, "\nVM 200 db: 1 vCPU, 8 exits; KVM does not count it\n"));
	assert_non_null(strstr(output.text, "\nnot checked: the last counters of 2 vCPUs\n"));
	assert_non_null(
		strstr(output.text, "\nclock: the time of day was set meanwhile, by -5.000 s"));
	free(output.text);
	snapshot_free(&snap);
	audit_tally_free(&tally);
}

/* --- JSON -------------------------------------------------------------------------------- */

static void assert_valid(const json_t *doc)
{
	char path[] = "/tmp/exitstat-unit-XXXXXX", command[256];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(json_dumpfd(doc, fd, 0), 0);
	close(fd);
	snprintf(command, sizeof(command), "/usr/bin/python3 " SCRIPT " good " SCHEMA " %s", path);
	assert_int_equal(system(command), 0);
	unlink(path);
}

static void assert_json(const json_t *doc, const char *key, const char *expected)
{
	char *text = json_dumps(json_object_get(doc, key), JSON_COMPACT | JSON_ENCODE_ANY);

	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void test_document(void **state)
{
	struct audit_report report;
	struct audit_tally tally;
	struct snapshot snap;
	json_t *doc;

	(void)state;
	sample_report(&report, &tally, &snap);
	report.has_command = true;
	report.command_status = 7;
	report.clock_set_ns = -5000000000;
	report.unseen_ends = 2;
	tally.kept[0].ruling.leaf = LEAF_COUNT_ALL;
	doc = audit_document(&report);
	assert_non_null(doc);
	assert_valid(doc);
	assert_json(json_array_get(json_object_get(doc, "disagreements"), 0), "reason", "null");
	assert_json(json_array_get(json_object_get(doc, "disagreements"), 1), "reason", "10");
	assert_json(doc, "answers", "{\"checked\":6,\"agreed\":3,\"explained\":1,\"wrong\":2}");
	assert_json(doc, "counters", "{\"checked\":1,\"agreed\":0,\"explained\":0,\"wrong\":1}");
	assert_json(doc, "explained", "{\"in_flight\":1,\"before_attach\":0,\"losses\":0}");
	assert_json(doc, "excess",
		    "{\"checks\":2,\"min\":0,\"avg\":150,\"p50\":0,\"p90\":300,\"p99\":300,"
		    "\"max\":300,\"exits\":10,\"sum\":3000}");
	assert_json(doc, "outcome", "\"wrong\"");
	assert_json(doc, "unseen_ends", "2");
	assert_json(json_object_get(doc, "interval"), "clock_set_ns", "-5000000000");
	assert_json(doc, "command", "{\"status\":7}");
	assert_json(json_array_get(json_object_get(doc, "vms"), 0), "exits", "100");
	assert_json(json_array_get(json_object_get(doc, "vms"), 0), "vcpus", "2");
	assert_json(json_array_get(json_object_get(doc, "vms"), 0), "counted", "true");
	assert_json(json_array_get(json_object_get(doc, "vms"), 1), "counters",
		    "{\"checked\":1,\"agreed\":0,\"explained\":0,\"wrong\":1}");
	assert_json(json_array_get(json_object_get(doc, "vms"), 0), "name", "\"web1\"");
	assert_int_equal(json_array_size(json_object_get(doc, "disagreements")), 4);
	assert_json(json_array_get(json_object_get(doc, "disagreements"), 2), "what", "\"who\"");
	json_decref(doc);
	snapshot_free(&snap);
	audit_tally_free(&tally);
}

static void test_document_of_nothing(void **state)
{
	static const struct rules rules = { .layout = 2022 };
	struct audit_tally tally = { 0 };
	struct snapshot snap = { 0 };
	struct host host = sample_host;
	struct audit_report report = {
		.host = &host, .rules = &rules, .tally = &tally, .snap = &snap
	};
	json_t *doc;

	(void)state;
	host.tsc_measured = true;
	doc = audit_document(&report);
	assert_non_null(doc);
	assert_valid(doc);
	assert_json(doc, "excess", "null");
	assert_json(doc, "command", "null");
	assert_json(doc, "outcome", "\"nothing_checked\"");
	assert_json(doc, "vms", "[]");
	assert_json(json_object_get(doc, "clock"), "bpf",
		    "\"CLOCK_MONOTONIC, scaled by a measured TSC frequency\"");
	json_decref(doc);
}

static json_t *make_document(const void *arg)
{
	return audit_document(arg);
}

static void test_document_without_memory(void **state)
{
	struct audit_report report;
	struct audit_tally tally;
	struct snapshot snap;

	(void)state;
	sample_report(&report, &tally, &snap);
	assert_whole_or_none(make_document, &report);
	snapshot_free(&snap);
	audit_tally_free(&tally);
}

UNIT_TESTS(audit)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_vms),
		cmocka_unit_test(test_pasts),
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_excess),
		cmocka_unit_test(test_so_many_are_kept),
		cmocka_unit_test(test_lines_about_counts),
		cmocka_unit_test(test_lines_about_the_rest),
		cmocka_unit_test(test_running_total),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_summary_of_nothing),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_uncounted),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_document_of_nothing),
		cmocka_unit_test(test_document_without_memory),
	};

	RUN_GROUP(tally, "audit", tests);
}
