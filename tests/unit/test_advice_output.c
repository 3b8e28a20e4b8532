// SPDX-License-Identifier: GPL-2.0-only
/* What is said of a run: facts of a made-up host, the text, the document, the command. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "advice/document.h"
#include "advice/judge.h"
#include "advice/print.h"
#include "base/jsontext.h"
#include "model/host.h"
#include "model/split.h"
#include "no_memory.h"
#include "unit.h"

#define COLUMNS 80

/* --- facts ------------------------------------------------------------------------------- */

static char root[] = "/tmp/exitstat-facts.XXXXXX";

static void put_file(const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *at = whole + strlen(root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(whole, 0755);
		*at = '/';
	}
	file = fopen(whole, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_root(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static void test_facts(void **state)
{
	struct facts facts;
	char longest[400];

	(void)state;
	assert_non_null(mkdtemp(root));
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	put_file("/sys/module/kvm/parameters/halt_poll_ns", "200000\n");
	put_file("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	put_file("/sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
	put_file("/sys/module/kvm_amd/parameters/avic", "");
	put_file("/proc/sys/kernel/osrelease", longest);
	put_file("/proc/sys/kernel/numa_balancing", "1\n");
	put_file("/sys/kernel/mm/ksm/run", "2\n");
	put_file("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu vmx split_lock_detect "
				  "bus_lock_detect la57\nflags\t\t: fpu\n");
	put_file("/proc/cmdline", "quiet no_split_lock_detect=1 split_lock_detect=fatal\033[2J\n");
	put_file("/proc/sys/kernel/split_lock_mitigate", "1\n");
	put_file("/proc/vmstat", "nr_free_pages 4711\npswpin 815\npswpout 42\n");
	facts_read(&facts, root);
	remove_root();
	assert_true(facts.known);
	assert_string_equal(facts.text[FACT_HALT_POLL], "200000");
	assert_string_equal(facts.text[FACT_THP], "madvise");
	assert_string_equal(facts.text[FACT_CLOCKSOURCE], "hpet");
	assert_string_equal(facts.text[FACT_AVIC], "");
	assert_string_equal(facts.text[FACT_APICV], "");
	assert_string_equal(facts.text[FACT_NUMA_BALANCING], "1");
	assert_string_equal(facts.text[FACT_KSM], "2");
	assert_string_equal(facts.text[FACT_SWAPPED_IN], "815");
	assert_string_equal(facts.text[FACT_LOCK_FLAGS], "split_lock_detect bus_lock_detect");
	assert_string_equal(facts.text[FACT_LOCK_OPTION], "split_lock_detect=fatal?[2J");
	assert_string_equal(facts.text[FACT_LOCK_MITIGATE], "1");
	assert_int_equal(strlen(facts.text[FACT_KERNEL]), FACT_LEN - 1);
	facts_read(&facts, "/no/such/root");
	assert_true(facts.known);
	for (int fact = 0; fact < FACTS; fact++)
		assert_string_equal(facts.text[fact], "");
	/* Of this host: there is a kernel at least. */
	facts_read(&facts, "");
	assert_true(*facts.text[FACT_KERNEL]);
	for (int fact = 0; fact < FACTS; fact++)
		assert_non_null(fact_name(fact));
}

/* --- a run that each rule fits ---------------------------------------------------------------- */

static struct snapshot snap;
static struct run run;
static struct facts facts;

/* Pages that came once, and others for which there was no room. */
static void add_pages(struct reason_stat *r, uint64_t ns)
{
	const uint64_t pages = 100, rest = 50000 - pages;
	const struct detail roomless = {
		.kind = DETAIL_REST, .count = rest, .accesses = rest, .sum_ns = rest * ns
	};

	for (uint64_t i = 0; i < pages; i++) {
		const struct detail page = { .kind = EXITSTAT_FAULT,
					     .access = EXITSTAT_WRITE,
					     .key = (r->details.n + i) << 12,
					     .count = 1,
					     .accesses = 1,
					     .sum_ns = ns };

		assert_non_null(details_add(&r->details, &page));
	}
	assert_non_null(details_add(&r->details, &roomless));
}

static void add_exits(struct vm_stat *vm, const struct rule *rule, bool with_keys)
{
	const struct reason_stat like = { .isa = rule->reasons[0].isa,
					  .reason = rule->reasons[0].code,
					  .level = EXITSTAT_L1 };
	const struct rule_keys *keys = rule->keys;
	struct reason_stat *r = vcpu_find_reason(&vm->vcpus[0], &like);
	uint64_t ns = 200000;

	r = r ?: sample_reason(&vm->vcpus[0], rule->reasons[0].isa, rule->reasons[0].code);
	sample_exits(r, ns, 50000);
	r->part_ns[EXITSTAT_USER] = r->sum_ns / 5;
	r->part_ns[EXITSTAT_RUNNABLE] = r->sum_ns / 5;
	if (with_keys && rule_of_pages(rule)) {
		add_pages(r, ns);
	} else if (with_keys && keys->accesses) {
		const struct detail detail = { .kind = keys->kind,
					       .access = (uint8_t)__builtin_ctz(keys->accesses),
					       .key = keys->first,
					       .count = 50000,
					       .sum_ns = 50000 * ns };

		assert_non_null(details_add(&r->details, &detail));
	}
}

/* With the keys of all kinds and all of its host, or without both. */
static void make_run(bool known)
{
	struct vm_stat *vm;

	memset(&snap, 0, sizeof(snap));
	sample_run(&run, &snap);
	run.ns = NS_OF(10);
	run.kinds = known ? SAMPLE_KINDS : 0;
	run.parts = known ? PARTS_ALL : 0;
	facts = (struct facts){ .known = known };
	for (int fact = 0; fact < FACTS && known; fact++)
		snprintf(facts.text[fact], FACT_LEN, "value%d", fact);
	vm = sample_vm(&snap, 1, 100, "web\033[2J");
	sample_vcpu(vm, 0);
	for (size_t i = 0; i < nrules; i++)
		if (rules[i].measured == MEASURE_EXITS)
			add_exits(vm, &rules[i], known);
	snapshot_sort(&snap);
	vm = sample_vm(&snap, 2, 200, "well");
	sample_exits(sample_reason(sample_vcpu(vm, 0), EXITSTAT_ISA_VMX, 10), 1000, 10);
}

static char *text_of(const struct advice *advice)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	advice_print(out, advice);
	fclose(out);
	return text;
}

static void check_lines(const char *text)
{
	for (const char *end; *text; text = end + 1) {
		end = strchr(text, '\n');
		assert_non_null(end);
		if (end - text > COLUMNS || (end > text && end[-1] == ' '))
			fail_msg("%.*s", (int)(end - text), text);
	}
}

static void says(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("'%s' is not in: %s", what, text);
}

static void says_not(const char *text, const char *what)
{
	if (strstr(text, what))
		fail_msg("'%s' is in: %s", what, text);
}

static void test_text(void **state)
{
	struct advice advice;
	char *text, id[64];

	(void)state;
	make_run(true);
	assert_int_equal(advice_judge(&advice, &run, &facts, true), 0);
	text = text_of(&advice);
	check_lines(text);
	for (size_t i = 0; i < nrules; i++) {
		snprintf(id, sizeof(id), "[%s]", rules[i].id);
		if (rules[i].where.is || rules[i].measured == MEASURE_LITTLE ||
		    rules[i].apicv == RULE_INHIBITED)
			says_not(text, id);
		else
			says(text, id);
	}
	says(text, "\nweb?[2J (pid 100)\n  Consistent with: a guest that polls the emulated RTC");
	says(text, "\n    Seen        50000 exits, ");
	says(text, ": 5000 a second, 200us each; in");
	says(text, "                io in 0x70 (RTC index): 50000 exits, 100.00%\n");
	says(text, "\n    Checked     the host's clock source: value1\n");
	says(text, "kvm_intel.enable_apicv: value");
	says_not(text, "kvm_amd.avic: value");
	says(text, "                their reasons' time: 20.0% user, 20.0% runnable, 60.0% kvm\n");
	says(text, "[run-delay]\n    Seen        ");
	says(text,
	     "200 pages, each 1.0 times; of each 2 MiB that has any, 200 by\n                themselves\n");
	says(text, "\nwell (pid 200)\n  Consistent with nothing that we know of.\n");
	free(text);
	advice_free(&advice);

	snapshot_free(&snap);
	make_run(false);
	assert_int_equal(advice_judge(&advice, &run, &facts, true), 0);
	text = text_of(&advice);
	check_lines(text);
	says(text, "Not judged: rtc-polled, pm-timer-polled, serial-console: trace with\n"
		   "              --detail=io\n");
	says(text, ": trace with --detail=msr,mmio\n");
	says(text, "Not judged: doorbells, apic-in-vmm: trace with --detail=mmio --split\n");
	says(text, "Not judged: run-delay: trace with --split\n");
	says(text, "kvm.halt_poll_ns of its host is not");
	says(text, "--detail=cpuid tells which\n");
	says(text, "--detail=rip alone tells where in the guest\n");
	says(text, "Consistent with: a guest in which a program executes CPUID");
	free(text);
	advice_free(&advice);
	snapshot_free(&snap);

	assert_int_equal(advice_judge(&advice, &run, &facts, true), 0);
	text = text_of(&advice);
	says(text, "no VM exits: nothing to explain\n");
	free(text);
	advice_free(&advice);
}

/* --- the document ---------------------------------------------------------------------------- */

static void check_schema(const json_t *doc)
{
	const char *path = "/tmp/exitstat-advice-unit.json";
	char command[256], *text = jsontext_write(doc);
	FILE *file = fopen(path, "we");

	assert_non_null(text);
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(text);
	snprintf(command, sizeof(command),
		 "/usr/bin/python3 tests/unit/validate_schema.py good "
		 "user/doc/exitstat-advice.schema.json %s >/dev/null",
		 path);
	assert_int_equal(system(command), 0);
	unlink(path);
}

static const char *text_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static void test_document(void **state)
{
	const json_t *vm, *first;
	struct advice advice;
	json_t *doc;

	(void)state;
	for (int pass = 0; pass < 2; pass++) {
		make_run(!pass);
		assert_int_equal(advice_judge(&advice, &run, &facts, false), 0);
		doc = advice_document(&advice);
		assert_non_null(doc);
		check_schema(doc);
		vm = json_array_get(json_object_get(doc, "vms"), 0);
		first = json_array_get(json_object_get(vm, pass ? "not_judged" : "consistent"), 0);
		assert_string_equal(text_in(first, "rule"), "rtc-polled");
		assert_string_equal(text_in(first, "want"), pass ? "detail" : "");
		json_decref(doc);
		advice_free(&advice);
		snapshot_free(&snap);
	}
}

static json_t *judge_and_write(const void *of)
{
	struct advice advice;
	json_t *doc;

	if (advice_judge(&advice, of, &facts, true))
		return NULL;
	doc = advice_document(&advice);
	advice_free(&advice);
	return doc;
}

static void test_no_memory(void **state)
{
	(void)state;
	make_run(true);
	assert_whole_or_none(judge_and_write, &run);
	snapshot_free(&snap);
}

UNIT_TESTS(advice_output)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_no_memory),
	};

	RUN_GROUP(tally, "advice_output", tests);
}
