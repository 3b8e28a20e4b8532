// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "base/clock.h"
#include "doc/host_write.h"
#include "shown.h"
#include "unit.h"
#include "base/version.h"

#define VMX EXITSTAT_ISA_VMX

/* The value at a path such as "vms.0.vcpus.1.id". */
static json_t *at(json_t *value, const char *path)
{
	char *copy = strdup(path), *rest = copy, *word;

	assert_non_null(copy);
	while ((word = strsep(&rest, ".")))
		value = json_is_array(value) ? json_array_get(value, strtoul(word, NULL, 10))
					     : json_object_get(value, word);
	free(copy);
	if (!value)
		fail_msg("no %s", path);
	return value;
}

static void assert_integer(json_t *doc, const char *path, json_int_t expected)
{
	assert_true(json_is_integer(at(doc, path)));
	assert_int_equal(json_integer_value(at(doc, path)), expected);
}

static void assert_text(json_t *doc, const char *path, const char *expected)
{
	assert_true(json_is_string(at(doc, path)));
	assert_string_equal(json_string_value(at(doc, path)), expected);
}

/* --- documents --------------------------------------------------------------- */

static void test_head(void **state)
{
	json_t *doc = exported_sample();

	(void)state;
	assert_text(doc, "schema", "exitstat/1");
	assert_text(doc, "tool.name", "exitstat-bpf");
	assert_text(doc, "tool.version", exitstat_version);
	assert_text(doc, "host.kernel", "6.1.0-test");
	assert_text(doc, "host.cpu", "A CPU");
	assert_text(doc, "host.isa", "vmx");
	assert_integer(doc, "host.tsc_khz", 2600000);
	assert_text(doc, "clock.unit", "cycles");
	assert_text(doc, "interval.start", "2023-11-14T22:13:20.000001Z");
	assert_text(doc, "interval.end", "2023-11-14T22:13:22.999999Z");
	assert_integer(doc, "interval.ns", 2000000000);
	assert_integer(doc, "losses.map_full", 1);
	assert_integer(doc, "losses.unpaired", 2);
	assert_integer(doc, "losses.missed", 3);
	json_decref(doc);
}

static void test_clock_says_whether_the_tsc_was_measured(void **state)
{
	struct host host = sample_host;
	struct snapshot snap = { 0 };
	struct run run;
	json_t *doc;

	(void)state;
	sample_run(&run, &snap);
	run.host = &host;
	doc = export_json(&run);
	assert_null(strstr(json_string_value(at(doc, "clock.source")), "measured"));
	json_decref(doc);
	host.tsc_measured = true;
	doc = export_json(&run);
	assert_non_null(strstr(json_string_value(at(doc, "clock.source")), "measured"));
	assert_int_equal(json_array_size(at(doc, "vms")), 0);
	json_decref(doc);
}

static void test_own_cost(void **state)
{
	const struct self self = { 2, { { "typed_exit", 5, 700 }, { "typed_entry", 4, 600 } }, 9 };
	struct snapshot snap = { 0 };
	struct run run;
	json_t *doc;

	(void)state;
	sample_run(&run, &snap);
	doc = export_json(&run);
	assert_null(json_object_get(doc, "self"));
	json_decref(doc);
	run.self = &self;
	doc = export_json(&run);
	assert_int_equal(json_array_size(at(doc, "self.programs")), 2);
	assert_integer(doc, "self.programs.1.runs", 4);
	assert_integer(doc, "self.programs.1.ns", 600);
	assert_text(doc, "self.programs.0.name", "typed_exit");
	assert_integer(doc, "self.process_ns", 9);
	json_decref(doc);
}

static void test_vms(void **state)
{
	json_t *doc = exported_sample(), *hlt = at(doc, "vms.0.vcpus.0.reasons.1");

	(void)state;
	assert_int_equal(json_array_size(at(doc, "vms")), 2);
	assert_integer(doc, "vms.0.pid", 100);
	assert_text(doc, "vms.0.name", "web1");
	assert_int_equal(json_array_size(at(doc, "vms.0.vcpus")), 2);
	assert_integer(doc, "vms.0.vcpus.1.id", 1);
	assert_integer(hlt, "code", 12);
	assert_text(hlt, "name", "HLT");
	assert_integer(hlt, "flags", 0);
	assert_integer(hlt, "count", 31);
	/* 30 times 5 ms at 2.6 GHz */
	assert_integer(hlt, "cycles.sum", 390000000);
	assert_integer(hlt, "cycles.min", 13000000);
	assert_integer(hlt, "cycles.p50", 13000000);
	assert_integer(hlt, "cycles.p99", 13000000);
	assert_integer(hlt, "cycles.max", 13000000);
	assert_int_equal(json_array_size(at(hlt, "histogram")), 1);
	assert_integer(hlt, "histogram.0.count", 30);
	assert_true(json_integer_value(at(hlt, "histogram.0.lo")) <= 13000000);
	assert_true(json_integer_value(at(hlt, "histogram.0.hi")) > 13000000);
	json_decref(doc);
}

static void test_cycles_are_null_when_nothing_is_timed(void **state)
{
	static const char *const keys[] = { "min", "max", "p50", "p90", "p99" };
	json_t *doc = exported_sample(), *reason = at(doc, "vms.1.vcpus.0.reasons.1");

	(void)state;
	assert_integer(reason, "code", 33);
	assert_integer(reason, "flags", 0x80000000);
	assert_text(reason, "name", "INVALID_STATE+FAILED_ENTRY");
	assert_integer(reason, "count", 1);
	assert_integer(reason, "cycles.sum", 0);
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_true(json_is_null(at(at(reason, "cycles"), keys[i])));
	assert_int_equal(json_array_size(at(reason, "histogram")), 0);
	json_decref(doc);
}

static void test_filters(void **state)
{
	struct reason_filter filter;
	struct snapshot snap;
	struct run run;
	json_t *doc;

	(void)state;
	assert_int_equal(reason_filter_parse(&filter, "EPT_VIOLATION"), 0);
	sample_snapshot(&snap);
	sample_run(&run, &snap);
	run.filters = &filter;
	run.nfilters = 1;
	doc = export_json(&run);
	assert_int_equal(json_array_size(at(doc, "vms.0.vcpus.0.reasons")), 0);
	assert_int_equal(json_array_size(at(doc, "vms.1.vcpus.0.reasons")), 1);
	assert_text(doc, "vms.1.vcpus.0.reasons.0.name", "EPT_VIOLATION");
	json_decref(doc);
	snapshot_free(&snap);
}

/* Whatever a number is, the text has it digit by digit. */
static void test_integers_are_exact(void **state)
{
	static const uint64_t numbers[] = { (1ull << 53) + 1, INT64_MAX - 1, INT64_MAX };
	char expected[64], *text;
	struct host host = sample_host;

	(void)state;
	host.tsc_khz = 1000000; /* a cycle is a ns */
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct snapshot snap = { .losses.missed = numbers[i] };
		struct reason_stat *r;
		struct run run;
		json_t *doc;

		r = sample_reason(sample_vcpu(sample_vm(&snap, 1, 1, "a"), UINT32_MAX), 0,
				  UINT32_MAX);
		sample_exits(r, numbers[i], 1);
		r->count = numbers[i];
		sample_run(&run, &snap);
		run.host = &host;
		doc = export_json(&run);
		assert_non_null(doc);
		r = &snap.vms[0].vcpus[0].reasons[0];
		assert_integer(doc, "vms.0.vcpus.0.id", UINT32_MAX);
		assert_integer(doc, "vms.0.vcpus.0.reasons.0.code", UINT32_MAX);
		assert_integer(doc, "vms.0.vcpus.0.reasons.0.cycles.sum", (json_int_t)numbers[i]);
		assert_integer(doc, "vms.0.vcpus.0.reasons.0.cycles.max", (json_int_t)numbers[i]);
		text = json_dumps(doc, 0);
		snprintf(expected, sizeof(expected), "\"count\": %llu, \"cycles\"",
			 (unsigned long long)numbers[i]);
		assert_non_null(strstr(text, expected));
		snprintf(expected, sizeof(expected), "\"missed\": %llu}",
			 (unsigned long long)numbers[i]);
		assert_non_null(strstr(text, expected));
		free(text);
		json_decref(doc);
		snapshot_free(&snap);
	}
}

/* --- histograms -------------------------------------------------------------- */

/* lo < hi, ascending, not overlapping; returns the number of exits in it. */
static uint64_t check_histogram(json_t *histogram)
{
	json_int_t end = 0;
	uint64_t total = 0;
	json_t *bucket;
	size_t i;

	json_array_foreach(histogram, i, bucket) {
		json_int_t lo = json_integer_value(at(bucket, "lo"));
		json_int_t hi = json_integer_value(at(bucket, "hi"));

		assert_true(lo >= end);
		assert_true(hi > lo);
		assert_true(json_integer_value(at(bucket, "count")) > 0);
		end = hi;
		total += (uint64_t)json_integer_value(at(bucket, "count"));
	}
	return total;
}

/* The exits whose time lies in [lo, hi), straight from the list of times. */
static uint64_t count_between(const uint64_t *ns, size_t n, uint32_t khz, json_t *bucket)
{
	uint64_t lo = (uint64_t)json_integer_value(at(bucket, "lo")), found = 0;
	uint64_t hi = (uint64_t)json_integer_value(at(bucket, "hi"));

	for (size_t i = 0; i < n; i++)
		found += ns_to_cycles(ns[i], khz) >= lo && ns_to_cycles(ns[i], khz) < hi;
	return found;
}

static void check_times(const uint64_t *ns, size_t n, uint32_t khz)
{
	struct host host = sample_host;
	struct snapshot snap = { 0 };
	struct reason_stat *r = sample_reason(sample_vcpu(sample_vm(&snap, 1, 1, "a"), 0), VMX, 1);
	struct run run;
	json_t *doc, *histogram, *bucket;
	size_t i;

	for (i = 0; i < n; i++)
		sample_exits(r, ns[i], 1);
	host.tsc_khz = khz;
	sample_run(&run, &snap);
	run.host = &host;
	doc = export_json(&run);
	assert_non_null(doc);
	histogram = at(doc, "vms.0.vcpus.0.reasons.0.histogram");
	assert_int_equal(check_histogram(histogram), n);
	json_array_foreach(histogram, i, bucket)
		assert_int_equal(json_integer_value(at(bucket, "count")),
				 count_between(ns, n, khz, bucket));
	json_decref(doc);
	snapshot_free(&snap);
}

static const uint32_t frequencies[] = { 1000000, 2600000, 999999, 500000, 400000, 4999999 };

static void test_histogram_of_all_buckets(void **state)
{
	/* To the bucket that ends at 2^61 ns, which is below 2^63 cycles at up to 4 GHz. */
	uint64_t ns[(61 - 2) * 8];

	(void)state;
	for (size_t i = 0; i < COUNT(ns); i++)
		ns[i] = exitstat_bucket_low((uint32_t)i);
	for (size_t i = 0; i < COUNT(frequencies); i++)
		check_times(ns, frequencies[i] > 4000000 ? COUNT(ns) - 8 : COUNT(ns),
			    frequencies[i]);
}

static void test_histogram_of_one_bucket(void **state)
{
	uint64_t ns[4];

	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		ns[0] = exitstat_bucket_low(i);
		ns[1] = ns[2] = ns[0];
		ns[3] = exitstat_bucket_low(i + 1) - 1;
		for (size_t j = 0; j < 4; j++)
			check_times(ns, 4, frequencies[j]);
	}
}

static void test_histogram_of_random_times(void **state)
{
	uint64_t ns[500], random = 11;

	(void)state;
	for (int round = 0; round < 12; round++) {
		for (size_t i = 0; i < COUNT(ns); i++)
			ns[i] = next_random(&random) >> (30 + next_random(&random) % 34);
		for (size_t j = 0; j < 4; j++)
			check_times(ns, COUNT(ns), frequencies[j]);
	}
}

/* --- the schema -------------------------------------------------------------- */

#define SCRIPT "tests/unit/validate_schema.py"
#define SCHEMA "user/doc/exitstat.schema.json"

struct folder {
	char path[64];
	int nfiles;
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	strcpy(folder->path, "/tmp/exitstat-unit-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	if (access(SCRIPT, R_OK) || access(SCHEMA, R_OK))
		fail_msg("run the unit tests in the top directory of the sources");
	*state = folder;
	return 0;
}

static void file_name(char *name, size_t size, const struct folder *folder, int i)
{
	snprintf(name, size, "%s/%d.json", folder->path, i);
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;
	char name[96];

	for (int i = 0; i < folder->nfiles; i++) {
		file_name(name, sizeof(name), folder, i);
		unlink(name);
	}
	assert_int_equal(rmdir(folder->path), 0);
	free(folder);
	return 0;
}

static void add_file(struct folder *folder, json_t *doc)
{
	char name[96];

	file_name(name, sizeof(name), folder, folder->nfiles++);
	assert_int_equal(json_dump_file(doc, name, JSON_INDENT(2)), 0);
	json_decref(doc);
}

static void validate(const struct folder *folder, const char *expect)
{
	char command[256];

	snprintf(command, sizeof(command), "/usr/bin/python3 " SCRIPT " %s " SCHEMA " %s/*.json",
		 expect, folder->path);
	assert_true(folder->nfiles > 0);
	assert_int_equal(system(command), 0);
}

static json_t *export_extremes(void)
{
	struct snapshot snap = { .losses = { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX } };
	struct host host = { .kernel = "k", .cpu = "c", .isa = 0, .tsc_khz = 1 };
	struct vcpu_stat *vcpu = sample_vcpu(sample_vm(&snap, 1, UINT32_MAX, ""), UINT32_MAX);
	struct run run;
	json_t *doc;

	sample_exits(sample_reason(vcpu, 77, UINT32_MAX), INT64_MAX, 1);
	sample_exits(sample_reason(vcpu, VMX, UINT32_MAX), 0, 1);
	vcpu->reasons[0].count = INT64_MAX;
	sample_vm(&snap, 2, 1, "g\xc3\xa4st \"quoted\" \\ </script>");
	sample_run(&run, &snap);
	run.host = &host;
	run.ns = INT64_MAX;
	doc = export_json(&run);
	assert_non_null(doc);
	snapshot_free(&snap);
	return doc;
}

static void test_documents_are_valid(void **state)
{
	struct folder *folder = *state;
	struct snapshot nothing = { 0 };
	struct run run;

	add_file(folder, exported_sample());
	add_file(folder, export_extremes());
	sample_run(&run, &nothing);
	add_file(folder, export_json(&run));
	validate(folder, "good");
}

#define VM     "vms.0"
#define VCPU   VM ".vcpus.0"
#define REASON VCPU ".reasons.0"

static void test_schema_refuses_missing_and_extra_fields(void **state)
{
	static const char *const objects[] = {
		"tool", "host", "clock", "interval",	   "losses",
		VM,	VCPU,	REASON,	 REASON ".cycles", REASON ".histogram.0",
	};
	struct folder *folder = *state;
	json_t *doc = exported_sample();

	json_object_del(doc, "vms");
	add_file(folder, doc);
	doc = exported_sample();
	json_object_set_new(doc, "extra", json_null());
	add_file(folder, doc);
	for (size_t i = 0; i < COUNT(objects); i++) {
		const char *key;
		json_t *value;

		doc = exported_sample();
		json_object_set_new(at(doc, objects[i]), "extra", json_integer(1));
		add_file(folder, doc);
		doc = exported_sample();
		json_object_foreach(at(doc, objects[i]), key, value) {
			json_t *less = exported_sample();

			json_object_del(at(less, objects[i]), key);
			add_file(folder, less);
		}
		json_decref(doc);
	}
	validate(folder, "bad");
}

static void test_schema_refuses_wrong_values(void **state)
{
	static const struct {
		const char *object, *key, *value;
	} cases[] = {
		{ "", "schema", "\"exitstat/2\"" },
		{ "", "vms", "{}" },
		{ "", "vms", "[1]" },
		{ "tool", "version", "\"1\"" },
		{ "host", "isa", "\"arm\"" },
		{ "host", "tsc_khz", "0" },
		{ "host", "tsc_khz", "\"2600000\"" },
		{ "clock", "unit", "\"ns\"" },
		{ "interval", "start", "\"2023-11-14 22:13:20\"" },
		{ "interval", "end", "\"2023-11-14T22:13:22.999999+01:00\"" },
		{ "interval", "ns", "2.5" },
		{ "losses", "missed", "-1" },
		{ "losses", "missed", "null" },
		{ VM, "pid", "\"100\"" },
		{ VM, "pid", "0" },
		{ VM, "name", "null" },
		{ VCPU, "id", "-1" },
		{ VCPU, "id", "4294967296" },
		{ REASON, "code", "4294967296" },
		{ REASON, "count", "\"60\"" },
		{ REASON, "name", "\"\"" },
		{ REASON ".cycles", "sum", "null" },
		{ REASON ".cycles", "min", "-1" },
		{ REASON ".cycles", "p50", "\"1\"" },
		{ REASON ".histogram.0", "count", "0" },
		{ REASON ".histogram.0", "lo", "null" },
	};
	struct folder *folder = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *doc = exported_sample();
		json_t *object = cases[i].object[0] ? at(doc, cases[i].object) : doc;
		json_t *value = json_loads(cases[i].value, JSON_DECODE_ANY, NULL);

		assert_non_null(value);
		assert_int_equal(json_object_set_new(object, cases[i].key, value), 0);
		add_file(folder, doc);
	}
	validate(folder, "bad");
}

#define folder_test(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

UNIT_TESTS(export)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_clock_says_whether_the_tsc_was_measured),
		cmocka_unit_test(test_own_cost),
		cmocka_unit_test(test_vms),
		cmocka_unit_test(test_cycles_are_null_when_nothing_is_timed),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_integers_are_exact),
		cmocka_unit_test(test_histogram_of_all_buckets),
		cmocka_unit_test(test_histogram_of_one_bucket),
		cmocka_unit_test(test_histogram_of_random_times),
		folder_test(test_documents_are_valid),
		folder_test(test_schema_refuses_missing_and_extra_fields),
		folder_test(test_schema_refuses_wrong_values),
	};

	RUN_GROUP(tally, "export", tests);
}
