// SPDX-License-Identifier: GPL-2.0-only
/* exitstat-bpf explain FILE: what is a file, and what is said of it. */
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/explain.h"
#include "doc/host_write.h"
#include "model/host.h"
#include "shown.h"
#include "unit.h"

static char folder[] = "/tmp/exitstat-unit-XXXXXX", before[4096];

static const char *const names[] = { "profile", "elsewhere.json", "HLT", "0x78", "out.json", "-" };

/* A VM that polls the RTC. */
static void write_document(const char *name, const struct host *host)
{
	const struct detail key = { .kind = EXITSTAT_IO,
				    .key = 0x71,
				    .count = 9000,
				    .accesses = 9000,
				    .sum_ns = 9000ull * 50000 };
	struct snapshot snap = { 0 };
	struct reason_stat *r;
	struct run run;
	json_t *doc;

	sample_run(&run, &snap);
	run.host = host;
	run.kinds = 1u << EXITSTAT_IO;
	r = sample_reason(sample_vcpu(sample_vm(&snap, 1, 100, "web1"), 0), EXITSTAT_ISA_SVM, 0x7b);
	sample_exits(r, 50000, 9000);
	assert_non_null(details_add(&r->details, &key));
	doc = export_json(&run);
	assert_non_null(doc);
	assert_int_equal(json_dump_file(doc, name, 0), 0);
	json_decref(doc);
	snapshot_free(&snap);
}

static int begin(void **state)
{
	struct host here, other;

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	host_describe(&here);
	here.tsc_khz = 2600000;
	other = here;
	strcpy(other.kernel, "6.1.0-other");
	other.isa = EXITSTAT_ISA_SVM;
	write_document("profile", &here);
	write_document("elsewhere.json", &other);
	write_document("HLT", &other);
	write_document("0x78", &other);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(names[i]);
	return chdir(before) || rmdir(folder);
}

static void test_file(void **state)
{
	(void)state;
	assert_int_equal(EXPLAIN("elsewhere.json"), 0);
	assert_true(says("elsewhere.json: of Linux 6.1.0-other, "));
	assert_true(says("host: another one, so nothing of it is checked\n"));
	assert_true(says("web1 (pid 100)\n  Consistent with: a guest that polls the emulated RTC"));
	assert_true(says("Checked     not checked: not this host\n"));
	assert_true(
		says("Seen        9000 exits, 100.00% of the VM's: 4500 a second, 50.0us each"));
	assert_int_equal(EXPLAIN("./HLT"), 0);
	assert_true(says("[rtc-polled]"));
	/* No reason is called so. */
	assert_int_equal(EXPLAIN("profile"), 0);
	assert_true(says("[rtc-polled]"));
}

static void test_this_host(void **state)
{
	(void)state;
	assert_int_equal(EXPLAIN("profile"), 0);
	assert_true(says("host: this one, or one like it; it is looked at as it is now\n"));
	assert_true(says("Checked     the host's clock source: "));
}

static void test_a_reason_goes_first(void **state)
{
	(void)state;
	assert_int_equal(EXPLAIN("HLT"), 0);
	assert_true(says("HLT\n  Intel VMX, exit reason 12"));
	assert_true(says("\nThere is a file of this name, too: 'exitstat-bpf explain ./HLT'\n"));
	assert_int_equal(EXPLAIN("0x78"), 0);
	assert_true(says("HLT\n  AMD SVM"));
	assert_true(says("explain ./0x78'\n"));
	assert_int_equal(EXPLAIN("CPUID"), 0);
	assert_false(says("There is a file"));
	assert_int_equal(EXPLAIN("--isa=svm", "HLT"), 0);
	assert_true(says("explain ./HLT'\n"));
}

/* Of files of each version, and of one that was cut. */
static void test_recording(void **state)
{
	static char bytes[1 << 20];
	char name[sizeof(before) + 64];
	size_t size;
	FILE *file;

	(void)state;
	for (int version = 1; version <= 2; version++) {
		snprintf(name, sizeof(name), "%s/tests/unit/recordings/v%d.exitrec", before,
			 version);
		assert_int_equal(EXPLAIN(name), 0);
		assert_true(says("host: another one, so nothing of it is checked\n"));
		assert_true(says("s of exits are consistent with, which need not be so:\n"));
		assert_false(says("note: "));
	}
	assert_int_equal(EXPLAIN(name, "--json", "out.json"), 0);
	file = fopen(name, "re");
	assert_non_null(file);
	size = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	file = fopen("out.json", "we");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size - 1, file), size - 1);
	fclose(file);
	assert_int_equal(EXPLAIN("out.json"), 0);
	assert_true(says("note: out.json: "));
	assert_true(says("which need not be so:\n"));
}

/* Whatever looks at it before must not take from it. */
static void test_document_in_a_pipe(void **state)
{
	char text[16384], name[32];
	FILE *file = fopen("elsewhere.json", "re");
	size_t len;
	int fds[2];

	(void)state;
	assert_non_null(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_true(len && len < sizeof(text));
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], text, len), len);
	close(fds[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	assert_int_equal(EXPLAIN(name), 0);
	assert_true(says("[rtc-polled]"));
	close(fds[0]);
}

static void test_json(void **state)
{
	json_t *doc;

	(void)state;
	assert_int_equal(EXPLAIN("elsewhere.json", "--json", "out.json"), 0);
	assert_true(says("[rtc-polled]"));
	doc = json_load_file("out.json", 0, NULL);
	assert_non_null(doc);
	assert_string_equal(json_string_value(json_object_get(doc, "schema")), "exitstat-advice/1");
	json_decref(doc);
}

static void test_wrong(void **state)
{
	(void)state;
	assert_int_equal(EXPLAIN("no-such.json"), -1);
	assert_int_equal(said_error.status, STATUS_CANNOT);
	assert_non_null(strstr(said_error.text, "no-such.json"));
	assert_int_equal(EXPLAIN("nosuchfile"), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
	assert_int_equal(EXPLAIN("--isa", "svm", "./HLT"), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
	assert_int_equal(EXPLAIN("--json", "out.json", "HLT"), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
	assert_int_equal(EXPLAIN("--json", "out.json"), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
	assert_int_equal(EXPLAIN("elsewhere.json", "profile"), -1);
	assert_int_equal(said_error.status, STATUS_USAGE);
	assert_int_equal(EXPLAIN("--json", "/no/such/folder/f", "profile"), -1);
	assert_int_equal(said_error.status, STATUS_FAILED);
	assert_string_equal(said, "");
}

UNIT_TESTS(advice_command)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_this_host),
		cmocka_unit_test(test_a_reason_goes_first),
		cmocka_unit_test(test_recording),
		cmocka_unit_test(test_document_in_a_pipe),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_wrong),
	};

	tally_add(tally, COUNT(tests),
		  cmocka_run_group_tests_name("advice_command", tests, begin, end));
}
