// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "doc/host_read.h"
#include "doc/host_write.h"
#include "model/slowest.h"
#include "model/split.h"
#include "shown.h"
#include "unit.h"
#include "view/columns.h"
#include "view/tables.h"

#define VMX EXITSTAT_ISA_VMX

/* Of web1's vCPU 0: HLT slept and was polled, CPUID waited and was in the VMM. */
static void sample_split(struct snapshot *snap)
{
	struct vcpu_stat *vcpu;

	sample_snapshot(snap);
	vcpu = &snap->vms[0].vcpus[0];
	vcpu->reasons[0].part_ns[EXITSTAT_USER] = 10007;
	vcpu->reasons[0].part_ns[EXITSTAT_RUNNABLE] = 40001;
	vcpu->reasons[1].part_ns[EXITSTAT_POLLED] = 30000003;
	vcpu->reasons[1].part_ns[EXITSTAT_BLOCKED] = 100000007;
}

static void test_model(void **state)
{
	struct snapshot snap, before, growth;
	struct reason_stat *cpuid, *hlt;

	(void)state;
	sample_split(&snap);
	cpuid = &snap.vms[0].vcpus[0].reasons[0];
	hlt = &snap.vms[0].vcpus[0].reasons[1];
	assert_int_equal(reason_part(cpuid, PART_KVM), 60000 - 10007 - 40001);
	assert_int_equal(reason_part(hlt, EXITSTAT_POLLED), 30000003);
	assert_int_equal(reason_busy_ns(cpuid, true), 60000);
	assert_int_equal(reason_busy_ns(cpuid, false), 60000);
	assert_int_equal(reason_busy_ns(hlt, true), 150000000 - 130000010);
	assert_int_equal(reason_busy_ns(hlt, false), 0);

	assert_int_equal(snapshot_copy(&before, &snap), 0);
	sample_exits(cpuid, 1000, 1);
	cpuid->part_ns[EXITSTAT_USER] += 400;
	assert_int_equal(snapshot_subtract(&growth, &snap, &before), 0);
	assert_int_equal(reason_part(&growth.vms[0].vcpus[0].reasons[0], EXITSTAT_USER), 400);
	assert_int_equal(reason_part(&growth.vms[0].vcpus[0].reasons[0], PART_KVM), 600);
	/* Of an exit whose time came with an earlier snapshot. */
	growth.vms[0].vcpus[0].reasons[0].part_ns[EXITSTAT_USER] = 1100;
	assert_int_equal(reason_part(&growth.vms[0].vcpus[0].reasons[0], PART_KVM), 0);
	assert_int_equal(reason_accumulate(cpuid, hlt), 0);
	assert_int_equal(cpuid->part_ns[EXITSTAT_BLOCKED], 100000007);
	snapshot_free(&growth);
	snapshot_free(&before);
	snapshot_free(&snap);
}

/* --- JSON ------------------------------------------------------------------------------ */

static json_t *document(uint32_t parts)
{
	struct snapshot snap;
	struct run run;
	json_t *doc;

	sample_split(&snap);
	sample_run(&run, &snap);
	run.parts = parts;
	doc = export_json(&run);
	assert_non_null(doc);
	snapshot_free(&snap);
	return doc;
}

static json_t *reason_of(json_t *doc, size_t i)
{
	json_t *vm = json_array_get(json_object_get(doc, "vms"), 0);
	json_t *vcpu = json_array_get(json_object_get(vm, "vcpus"), 0);

	return json_array_get(json_object_get(vcpu, "reasons"), i);
}

static void test_adds_up(void **state)
{
	json_t *doc = document(PARTS_ALL);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *reason = reason_of(doc, i), *cycles;
		json_int_t sum = 0;
		const char *name;

		json_object_foreach(json_object_get(reason, "split"), name, cycles)
			sum += json_integer_value(cycles);
		assert_int_equal(json_object_size(json_object_get(reason, "split")), 5);
		assert_int_equal(sum, json_integer_value(json_object_get(
					      json_object_get(reason, "cycles"), "sum")));
	}
	json_decref(doc);
}

static void test_read_again(void **state)
{
	struct host_document read;
	struct error err;
	json_t *doc = document(PARTS_ALL & ~(1u << EXITSTAT_RUNNABLE)), *again;
	struct run run;

	(void)state;
	assert_null(json_object_get(json_object_get(reason_of(doc, 0), "split"), "runnable"));
	if (host_read(&read, "file", doc, &err))
		fail_msg("%s", err.text);
	run = host_document_run(&read);
	assert_int_equal(run.parts, PARTS_ALL & ~(1u << EXITSTAT_RUNNABLE));
	assert_int_equal(read.snap.vms[0].vcpus[0].reasons[1].part_ns[EXITSTAT_BLOCKED], 100000007);
	/* What is not known stays with KVM. */
	assert_int_equal(reason_part(&read.snap.vms[0].vcpus[0].reasons[0], PART_KVM),
			 60000 - 10007);
	again = export_json(&run);
	json_object_del(again, "vms");
	json_object_del(doc, "vms");
	assert_true(json_equal(json_object_get(doc, "split"), json_object_get(again, "split")));
	json_decref(again);
	json_decref(doc);
	host_document_free(&read);
}

static json_t *with_part(const char *part, json_t *value)
{
	json_t *doc = document(PARTS_ALL);

	json_object_set_new(json_object_get(reason_of(doc, 0), "split"), part, value);
	return doc;
}

static json_t *with_parts(json_t *names)
{
	json_t *doc = document(PARTS_ALL);

	json_object_set_new(json_object_get(doc, "split"), "parts", names);
	return doc;
}

static void test_refused(void **state)
{
	json_t *doc;

	(void)state;
	document_refused(with_part("kvm", json_integer(1)), "split.kvm");
	document_refused(with_part("user", json_integer(-1)), "split.user");
	document_refused(with_part("user", json_integer(INT64_MAX)), "split.user");
	document_refused(with_part("runnable", json_null()), "split.runnable");
	document_refused(with_parts(json_array()), "split.parts");
	document_refused(with_parts(json_pack("[s]", "user")), "split.parts");
	document_refused(with_parts(json_pack("[s,s]", "kvm", "user")), "split.parts");
	document_refused(with_parts(json_pack("[s,s]", "user", "idle")), "split.parts");
	document_refused(with_parts(json_pack("[s,i]", "user", 1)), "split.parts");
	doc = document(PARTS_ALL);
	json_object_del(reason_of(doc, 0), "split");
	document_refused(doc, "split");
}

/* --- what people see --------------------------------------------------------------------- */

static void has_line(const char *text, const char *line)
{
	if (!strstr(text, line))
		fail_msg("no '%s' in:\n%s", line, text);
}

static void test_summary(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	sample_split(&snap);
	sample_run(&run, &snap);
	text = shown_summary(&run, BY_VM);
	assert_null(strstr(text, "RUNNABLE"));
	free(text);
	run.parts = PARTS_ALL;
	text = shown_summary(&run, BY_VM);
	has_line(text, "     TIME     BUSY      KVM      VMM   POLLED  BLOCKED RUNNABLE\n");
	has_line(text, "150ms   20.0ms   20.0ms      0ns   30.0ms    100ms      0ns\n");
	has_line(text, "78.0us   78.0us   28.0us   10.0us      0ns      0ns   40.0us\n");
	free(text);
	run.parts &= ~(1u << EXITSTAT_RUNNABLE);
	text = shown_summary(&run, BY_VM);
	has_line(text, "10.0us      0ns      0ns        -\n");
	free(text);
	snapshot_free(&snap);
}

/* The order of web1's two rows. */
static void sorted(const struct run *run, const char *column, bool cpuid_first)
{
	struct run by = *run;
	char *text;

	assert_true(columns_find(column, &by.sort));
	text = shown_summary(&by, BY_VM);
	if ((strstr(text, "\nCPUID") < strstr(text, "\nHLT")) != cpuid_first)
		fail_msg("by %s:\n%s", column, text);
	free(text);
}

static void test_sorted(void **state)
{
	static const char *const hlt_first[] = { "TIME", "time%", "min", "Avg",	   "p50",
						 "p99",	 "max",	  "kvm", "polled", "blocked" };
	static const char *const cpuid_first[] = { "reason",  "COUNT", "share",
						   "exits/s", "vmm",   "runnable" };
	struct snapshot snap;
	struct run run;
	unsigned int column;

	(void)state;
	sample_split(&snap);
	sample_run(&run, &snap);
	run.parts = PARTS_ALL;
	for (size_t i = 0; i < sizeof(hlt_first) / sizeof(*hlt_first); i++)
		sorted(&run, hlt_first[i], false);
	for (size_t i = 0; i < sizeof(cpuid_first) / sizeof(*cpuid_first); i++)
		sorted(&run, cpuid_first[i], true);
	sorted(&run, "busy", false);
	run.parts = 0;
	sorted(&run, "BUSY%", true);
	assert_false(columns_find("TIM", &column));
	assert_false(columns_find("", &column));
	assert_true(columns_find("vmm", &column) && columns_need_split(column));
	assert_true(columns_find("busy", &column) && !columns_need_split(column));
	snapshot_free(&snap);
}

/* --- the slowest -------------------------------------------------------------------------- */

static void add_slow(struct reason_stat *r, uint64_t entry_ns, uint64_t ns, const char *other)
{
	struct slow *slow = array_append(&r->slow, &r->nslow, sizeof(*slow));

	assert_non_null(slow);
	*slow = (struct slow){ .entry_ns = entry_ns, .ns = ns };
	slow->part_ns[EXITSTAT_RUNNABLE] = ns / 2;
	if (!other)
		return;
	slow->other_tid = 77;
	strcpy(slow->other, other);
	slow->key = (struct detail){ EXITSTAT_IO, EXITSTAT_WRITE, 0x70, .accesses = 2 };
}

static void sample_slowest(struct snapshot *snap, struct run *run)
{
	sample_split(snap);
	add_slow(&snap->vms[0].vcpus[0].reasons[0], 10000 + 900, 900, NULL);
	add_slow(&snap->vms[0].vcpus[0].reasons[0], 1005000 + 1000, 1000, "cc1\x1b");
	add_slow(&snap->vms[0].vcpus[0].reasons[1], 20000 + 5000000, 5000000, "idle");
	add_slow(&snap->vms[0].vcpus[1].reasons[0], 40000 + 2000, 2000, "make");
	sample_run(run, snap);
	run->start_ns = 4000;
	run->parts = PARTS_ALL;
	run->nslowest = 2;
}

static void test_slowest(void **state)
{
	struct reason_filter hlt;
	struct slowest *found;
	struct snapshot snap, copy, growth;
	struct run run;
	size_t n;

	(void)state;
	sample_slowest(&snap, &run);
	assert_int_equal(slowest_find(&run, &snap.vms[0], &found, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(found[0].slow->ns, 2000);
	assert_int_equal(found[0].vcpu->id, 1);
	assert_int_equal(found[1].slow->ns, 1000);
	assert_int_equal(slowest_time(&run, found[1].slow).tv_sec, 1700000000);
	assert_int_equal(slowest_time(&run, found[1].slow).tv_nsec, 1000 + 1001000);
	free(found);
	assert_int_equal(reason_filter_parse(&hlt, "HLT"), 0);
	run.filters = &hlt;
	run.nfilters = 1;
	run.slowest_idle = true;
	assert_int_equal(slowest_find(&run, &snap.vms[0], &found, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(found[0].slow->ns, 5000000);
	free(found);
	assert_int_equal(snapshot_copy(&copy, &snap), 0);
	assert_int_equal(copy.vms[0].vcpus[0].reasons[0].nslow, 2);
	/* What is among them since. */
	add_slow(&snap.vms[0].vcpus[0].reasons[0], 3000000, 2000, NULL);
	sample_exits(&snap.vms[0].vcpus[0].reasons[0], 2000, 1);
	assert_int_equal(snapshot_subtract(&growth, &snap, &copy), 0);
	assert_int_equal(growth.vms[0].vcpus[0].reasons[0].nslow, 1);
	assert_int_equal(growth.vms[0].vcpus[0].reasons[0].slow[0].entry_ns, 3000000);
	snapshot_free(&growth);
	snapshot_free(&copy);
	snapshot_free(&snap);
}

static void test_slowest_read_again(void **state)
{
	struct host_document read;
	struct error err;
	struct snapshot snap;
	json_t *doc, *again;
	struct run run;

	(void)state;
	sample_slowest(&snap, &run);
	doc = export_json(&run);
	assert_non_null(doc);
	if (host_read(&read, "file", doc, &err))
		fail_msg("%s", err.text);
	run = host_document_run(&read);
	again = export_json(&run);
	assert_true(json_equal(doc, again));
	json_decref(again);
	json_decref(doc);
	host_document_free(&read);
	snapshot_free(&snap);
}

/* The document with one member of the slowest exit of all set. */
static json_t *with_slow(const char *member, json_t *value)
{
	struct snapshot snap;
	struct run run;
	json_t *doc, *vm;

	sample_slowest(&snap, &run);
	doc = export_json(&run);
	assert_non_null(doc);
	vm = json_array_get(json_object_get(doc, "vms"), 0);
	json_object_set_new(json_array_get(json_object_get(vm, "slowest"), 0), member, value);
	snapshot_free(&snap);
	return doc;
}

static void test_slowest_refused(void **state)
{
	json_t *doc;

	(void)state;
	document_refused(with_slow("vcpu", json_integer(7)), "slowest[0].vcpu");
	document_refused(with_slow("code", json_integer(7)), "slowest[0].name");
	document_refused(with_slow("cycles", json_integer(7)), "slowest[0]");
	document_refused(with_slow("split", json_object()), "slowest[0]");
	document_refused(with_slow("monotonic_ns", json_integer(-1)), "slowest[0].monotonic_ns");
	document_refused(with_slow("key", json_pack("{s:s, s:i}", "kind", "none", "accesses", 1)),
			 "slowest[0].key");
	document_refused(with_slow("before", json_pack("{s:i, s:s}", "tid", 0, "name", "a")),
			 "slowest[0].before");
	document_refused(with_slow("before",
				   json_pack("{s:i, s:s}", "tid", 1, "name", "0123456789abcdef")),
			 "slowest[0].before");
	doc = with_slow("vcpu", json_integer(1));
	json_object_set_new(json_object_get(doc, "slowest"), "n", json_integer(1));
	document_refused(doc, "slowest[1].cycles");
	doc = with_slow("vcpu", json_integer(1));
	json_object_set_new(json_object_get(doc, "slowest"), "n", json_integer(33));
	document_refused(doc, "slowest.n");
	doc = with_slow("vcpu", json_integer(1));
	json_object_del(doc, "split");
	document_refused(doc, "slowest.n");
}

static void test_slowest_shown(void **state)
{
	struct snapshot snap;
	struct run run;
	char *text;

	(void)state;
	sample_slowest(&snap, &run);
	text = shown_summary(&run, BY_VM);
	has_line(text, "web1 (pid 100): the 2 slowest exits, without HLT\n");
	has_line(text,
		 "    1  CPUID    2.00us   1.00us      0ns      0ns      0ns   1.00us  make/77  "
		 "io out 0x70 RTC");
	has_line(text, "cc1?/77");
	assert_null(strstr(text, "idle/77"));
	assert_null(strstr(text, "db (pid 200): the"));
	free(text);
	snapshot_free(&snap);
}

UNIT_TESTS(split)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),		cmocka_unit_test(test_adds_up),
		cmocka_unit_test(test_read_again),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_summary),		cmocka_unit_test(test_sorted),
		cmocka_unit_test(test_slowest),		cmocka_unit_test(test_slowest_read_again),
		cmocka_unit_test(test_slowest_refused), cmocka_unit_test(test_slowest_shown),
	};

	RUN_GROUP(tally, "where time went", tests);
}
