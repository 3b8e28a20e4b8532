// SPDX-License-Identifier: GPL-2.0-only
/* exitstat-bpf report, of a document. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/report.h"
#include "frames_sample.h"
#include "shown.h"
#include "unit.h"

#define REPORT(...) SHOW(&report_command, __VA_ARGS__)

static char folder[64], before[4096];

static int begin(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/exitstat-unit-XXXXXX");
	assert_non_null(getcwd(before, sizeof(before)));
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	write_frames("run.json", 10);
	write_recorded("run.rec", 10);
	return 0;
}

static int end(void **state)
{
	(void)state;
	unlink("run.json");
	unlink("run.rec");
	unlink("out.json");
	unlink("out.html");
	unlink("bad.json");
	return chdir(before) || rmdir(folder);
}

static void test_whole(void **state)
{
	(void)state;
	assert_int_equal(REPORT("run.json"), 0);
	has_text(said, "run.json: of Linux 6.1.0-test, A CPU; from 20");
	has_text(said, "\nweb1 (pid 100): 1110 exits, 501ms in 10.0 s\n");
	has_text(said, "\ndb (pid 200): 21 exits, 63.0us in 10.0 s\n");
	has_text(said, "losses: 0 not counted (map full), 10 not timed (unpaired), 0 missed\n");
	assert_null(strstr(said, "part:"));
	assert_null(strstr(said, "note:"));
	assert_int_equal(REPORT("run.json", "--histogram", "--by", "reason"), 0);
	has_text(said, "all VMs (2): 1131 exits");
	has_text(said, "1010 |########################################\n");
}

static void test_part(void **state)
{
	(void)state;
	assert_int_equal(REPORT("run.json", "--from", "2", "--to", "5"), 0);
	has_text(said, "part: from 2.000 s (2023-11-1");
	has_text(said, ") to 5.000 s, of 10.000 s\n");
	has_text(said, "\nweb1 (pid 100): 333 exits, 150ms in 3.0 s\n");
	has_text(said, "\ndb (pid 200): 7 exits");
	has_text(said, "losses: 0 not counted (map full), 3 not timed (unpaired), 0 missed\n");
	has_text(said, "note: the snapshots of run.json have counts and times only");
	assert_int_equal(REPORT("run.json", "--from=2.5", "--to=5.5"), 0);
	has_text(said, "part: from 3.000 s");
	has_text(said, "5.000 s, of 10.000 s: what was asked for, as far as the file has frames\n");
	assert_int_equal(REPORT("run.json", "--from=20"), -1);
	said_refused(STATUS_CANNOT, "nothing of that time");
}

static void test_filters(void **state)
{
	(void)state;
	assert_int_equal(REPORT("run.json", "-p", "100", "-c", "1", "-r", "cpuid"), 0);
	has_text(said, "web1 (pid 100): 10 exits");
	has_text(said, "note: losses are of all VMs\n");
	assert_null(strstr(said, "db (pid"));
	assert_null(strstr(said, "HLT"));
	assert_int_equal(REPORT("run.json", "-p", "7"), 0);
	has_text(said, "no VM exits seen in 10.0 s\n");
}

static void test_columns(void **state)
{
	(void)state;
	assert_int_equal(REPORT("run.json", "--columns", "p50,count", "--sort", "count"), 0);
	has_text(said, "REASON             P50      COUNT\nCPUID           1.00us       1010\n");
	assert_int_equal(REPORT("run.json", "--columns", "kvm"), -1);
	said_refused(STATUS_CANNOT, "--columns KVM: run.json was written without --split");
	assert_int_equal(REPORT("run.json", "--sort", "kvm"), -1);
	said_refused(STATUS_CANNOT, "--sort KVM");
}

/* Lines that end so. */
static size_t count_of(const char *text, const char *end)
{
	size_t n = 0;

	for (; (text = strstr(text, end)); text += strlen(end))
		n++;
	return n;
}

static void test_per(void **state)
{
	(void)state;
	assert_int_equal(REPORT("run.json", "--per", "5", "--columns", "count,exits/s"), 0);
	has_text(said, "AT        VM                        REASON");
	has_text(said, "db (pid 200)              EPT_VIOLATION         21       4.2\n");
	assert_int_equal(count_of(said, "505       101\n"), 2);
	assert_int_equal(count_of(said, "COUNT"), 1);
	has_text(said, "losses: 0 not counted (map full), 10 not timed (unpaired), 0 missed\n");
}

static void test_csv(void **state)
{
	(void)state;
	assert_int_equal(REPORT("run.json", "--csv", "--by", "reason", "--columns", "count"), 0);
	assert_string_equal(said, "start,seconds,vm,pid,vcpu,reason,count\r\n"
				  "2023-11-14T22:13:20.000000Z,10.000300,,,,HLT,100\r\n"
				  "2023-11-14T22:13:20.000000Z,10.000300,,,,CPUID,1010\r\n"
				  "2023-11-14T22:13:20.000000Z,10.000300,,,,EPT_VIOLATION,21\r\n");
	has_text(said_aside, "run.json: of Linux 6.1.0-test, A CPU; from 20");
	has_text(said_aside, "losses: 0 not counted (map full), 10 not timed");
	assert_int_equal(REPORT("run.json", "--csv", "--per", "2.5", "--from", "5", "-rHLT"), 0);
	assert_int_equal(count_of(said, "\r\n"), 3);
	has_text(said, "2023-11-14T22:13:25.000300Z,3.000000,web1,100,,HLT,1,30,10.000,");
	has_text(said, "2023-11-14T22:13:28.000300Z,2.000000,web1,100,,HLT,1,20,10.000,");
	has_text(said_aside, "note: the snapshots of run.json");
}

static void test_json(void **state)
{
	json_t *a, *b;

	(void)state;
	assert_int_equal(REPORT("run.json", "--json", "out.json"), 0);
	a = json_load_file("run.json", 0, NULL);
	b = json_load_file("out.json", 0, NULL);
	assert_true(json_equal(a, b));
	json_decref(b);
	assert_int_equal(REPORT("run.json", "--json=-", "-p", "200"), 0);
	has_text(said_aside, "db (pid 200)");
	b = json_loads(said, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(b, "vms")), 1);
	assert_null(json_object_get(b, "snapshots"));
	json_decref(a);
	json_decref(b);
	unlink("out.json");
	assert_int_equal(REPORT("run.json", "--from=1", "--json", "out.json"), -1);
	said_refused(STATUS_CANNOT, "no document of a part");
	assert_int_equal(access("out.json", F_OK), -1);
}

static char *read_page(void)
{
	char *text = calloc(1, 1 << 20);
	FILE *file = fopen("out.html", "r");

	assert_non_null(text);
	assert_non_null(file);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 10000);
	fclose(file);
	unlink("out.html");
	return text;
}

static void test_html(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(REPORT("run.json", "--html", "out.html"), 0);
	assert_string_equal(said, "");
	text = read_page();
	has_text(text, "<title>VM exits of 2 VMs</title>");
	has_text(text, "{\"name\":\"CPUID\",\"isa\":\"vmx\",\"code\":10,\"flags\":0,\"level\":1,"
		       "\"idle\":false,\"count\":1010,");
	has_text(text, "10 exits were counted, but not timed");
	has_text(text, "\"count\":[101,101,101,101,101,101,101,101,101,101]");
	has_text(text, "\"count\":[7,7,7,0,0,0,0,0,0,0]");
	free(text);
	assert_int_equal(REPORT("run.json", "--html=out.html", "--from=2", "--to=5", "--sort=p50"),
			 0);
	text = read_page();
	has_text(text, "This is a part of the file: from 2.000 s to 5.000 s, of 10.000 s.");
	has_text(text, "\"idle\":false,\"count\":303,");
	has_text(text, "\"count\":[101,101,101]");
	has_text(text, "There is none for this file");
	free(text);
	assert_int_equal(REPORT("run.json", "--html=out.html", "-p200", "--columns=count"), 0);
	text = read_page();
	has_text(text, "<title>VM exits of db</title>");
	has_text(text, "Only some VMs or vCPUs are shown");
	has_text(text, ">AVG<");
	assert_null(strstr(text, "CPUID"));
	free(text);
	assert_int_equal(REPORT("run.json", "--html=-"), 0);
	assert_int_equal(strncmp(said, "<!DOCTYPE html>", 15), 0);
	assert_int_equal(REPORT("run.json", "--html=/nowhere/out.html"), -1);
	said_refused(STATUS_FAILED, "cannot write /nowhere/out.html");
}

/* Whoever has changed it is told of. */
static void test_changed(void **state)
{
	json_t *doc = json_load_file("run.json", 0, NULL), *reason;
	FILE *file = fopen("bad.json", "w");

	(void)state;
	fputs("{ \"schema\": \"exitstat/1\" }", file);
	fclose(file);
	assert_int_equal(REPORT("bad.json"), -1);
	said_refused(STATUS_CANNOT, "bad.json: host");
	assert_int_equal(REPORT("none.json"), -1);
	said_refused(STATUS_CANNOT, "none.json");
	reason = json_array_get(json_object_get(doc, "snapshots"), 3);
	assert_non_null(reason);
	json_object_set_new(reason, "took_ns", json_integer(2));
	assert_int_equal(json_dump_file(doc, "bad.json", 0), 0);
	json_decref(doc);
	assert_int_equal(REPORT("bad.json"), 0);
	has_text(said, "note: bad.json: changed after it was written: snapshots[3].took_ns\n");
}

/* Of a recording all is known of each part. */
static void test_recording(void **state)
{
	json_t *a, *b;

	(void)state;
	assert_int_equal(REPORT("run.rec", "--from", "2", "--to", "5", "--columns", "count,p99"),
			 0);
	has_text(said, "REASON             COUNT      P99\nHLT                   30   5.00ms\n"
		       "CPUID                303   1.00us\n");
	has_text(said, "db (pid 200, ended): 7 exits, 21.0us in 3.0 s\n");
	assert_null(strstr(said, "note:"));
	assert_int_equal(REPORT("run.rec", "--from", "2", "--to=5", "--json", "out.json"), 0);
	a = json_load_file("out.json", 0, NULL);
	assert_int_equal(json_array_size(json_object_get(a, "vms")), 2);
	json_decref(a);
	/* One that had ended has no part in it. */
	assert_int_equal(REPORT("run.rec", "--from", "4", "--json", "out.json"), 0);
	a = json_load_file("out.json", 0, NULL);
	assert_int_equal(json_array_size(json_object_get(a, "vms")), 1);
	json_decref(a);
	/* The whole of it is what the document is. */
	assert_int_equal(REPORT("run.rec", "--json", "out.json"), 0);
	assert_int_equal(REPORT("run.json", "--json", "bad.json"), 0);
	a = json_load_file("out.json", 0, NULL);
	b = json_load_file("bad.json", 0, NULL);
	json_object_del(b, "snapshots");
	json_object_del(b, "seal");
	for (size_t i = 0; i < 2; i++)
		json_object_del(json_array_get(json_object_get(b, "vms"), i), "whole");
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
}

/* One that was cut is shown as far as it goes, and that is said. */
static void test_cut(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(stat("run.rec", &st), 0);
	assert_int_equal(truncate("run.rec", st.st_size - 1), 0);
	assert_int_equal(REPORT("run.rec"), 0);
	has_text(said, "note: run.rec: cut at byte ");
	has_text(said, "web1 (pid 100): ");
	assert_int_equal(REPORT("run.rec", "--csv"), 0);
	has_text(said_aside, "note: run.rec: cut at byte ");
	assert_int_equal(truncate("run.rec", 100), 0);
	assert_int_equal(REPORT("run.rec"), -1);
	said_refused(STATUS_CANNOT, "run.rec");
}

static void test_usage(void **state)
{
	static const struct {
		const char *why;
		char *args[4];
	} cases[] = {
		{ "give the file", { NULL } },
		{ "one file only", { "a", "b" } },
		{ "--from 'x'", { "a", "--from", "x" } },
		{ "--to '1:2'", { "a", "--to", "1:2" } },
		{ "--per '0'", { "a", "--per", "0" } },
		{ "--per 'x'", { "a", "--per", "x" } },
		{ "--by 'x'", { "a", "--by", "x" } },
		{ "--sort 'x'", { "a", "--sort", "x" } },
		{ "--columns 'x'", { "a", "--columns", "x" } },
		{ "--pid '0'", { "a", "-p", "0" } },
		{ "--vcpu 'x'", { "a", "-c", "x" } },
		{ "--reason 'x'", { "a", "-r", "x" } },
		{ "--json ''", { "a", "--json=" } },
		{ "no place for --histogram", { "a", "--csv", "--histogram" } },
		{ "no place for --histogram", { "a", "--per=1", "--histogram" } },
		{ "both go to stdout", { "a", "--csv", "--json=-" } },
		{ "--html ''", { "a", "--html=" } },
		{ "--html is all", { "a", "--html=b", "--csv" } },
		{ "--html is all", { "a", "--html=b", "--per=1" } },
		{ "--html is all", { "a", "--html=b", "--histogram" } },
		{ "--html is all", { "a", "--html=b", "--json=c" } },
		{ "option '--no'", { "a", "--no" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *const *args = cases[i].args;

		assert_int_equal(REPORT(args[0], args[1], args[2], args[3]), -1);
		said_refused(STATUS_USAGE, cases[i].why);
	}
}

UNIT_TESTS(report)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, begin, end),
		cmocka_unit_test_setup_teardown(test_part, begin, end),
		cmocka_unit_test_setup_teardown(test_filters, begin, end),
		cmocka_unit_test_setup_teardown(test_columns, begin, end),
		cmocka_unit_test_setup_teardown(test_per, begin, end),
		cmocka_unit_test_setup_teardown(test_csv, begin, end),
		cmocka_unit_test_setup_teardown(test_json, begin, end),
		cmocka_unit_test_setup_teardown(test_html, begin, end),
		cmocka_unit_test_setup_teardown(test_changed, begin, end),
		cmocka_unit_test_setup_teardown(test_recording, begin, end),
		cmocka_unit_test_setup_teardown(test_cut, begin, end),
		cmocka_unit_test(test_usage),
	};

	RUN_GROUP(tally, "report", tests);
}
