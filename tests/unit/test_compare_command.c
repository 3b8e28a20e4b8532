// SPDX-License-Identifier: GPL-2.0-only
/* The command itself: which VM of a host's file, and what its status is. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/exitstat.h"
#include "cmd/command.h"
#include "pair_sample.h"
#include "unit.h"

static char folder[] = "/tmp/exitstat-unit-XXXXXX";

static const char *path(const char *name)
{
	static char text[4][64];
	static unsigned int next;
	char *to = text[next++ % 4];

	snprintf(to, sizeof(text[0]), "%s/%s", folder, name);
	return to;
}

/* The pair's VM web1, and beside it another two. */
static int write_files(void **state)
{
	struct pair *pair = pair_begin();
	json_t *host, *guest;

	(void)state;
	assert_non_null(mkdtemp(folder));
	pair->takes_answers = true;
	pair_at_rest();
	sample_vcpu(sample_vm(&pair->now, 2, 5000, "web2"), 0);
	sample_vcpu(sample_vm(&pair->now, 3, 5000, "5001"), 0);
	host = pair_host();
	guest = pair_guest();
	assert_int_equal(json_dump_file(host, path("host.json"), 0), 0);
	assert_int_equal(json_dump_file(guest, path("guest.json"), 0), 0);
	json_decref(host);
	json_decref(guest);
	pair_end();
	return 0;
}

static int remove_files(void **state)
{
	static const char *const names[] = { "host.json",  "guest.json",  "guest.txt",
					     "wrong.json", "result.json", "said" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(path(names[i]));
	return rmdir(folder);
}

/* Its status; what it prints goes to a file. */
static int compare_with(const char *guest_file, const char *vm, struct error *err)
{
	char host[64], guest[64], result[64],
		*argv[] = { "compare", host, "--json", result, guest, "--vm", (char *)vm, NULL };
	int saved = dup(STDOUT_FILENO),
	    file = open(path("said"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
	int ret;

	strcpy(host, path("host.json"));
	strcpy(guest, path(guest_file));
	strcpy(result, path("result.json"));
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	ret = compare_command.run(vm ? 7 : 5, argv, err);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(file);
	return ret;
}

static int compare(const char *vm, struct error *err)
{
	return compare_with("guest.json", vm, err);
}

static void chooses(const char *vm, const char *name)
{
	struct error err = { 0 };
	int ret = compare(vm, &err);
	json_t *result;

	if (ret < 0)
		fail_msg("--vm %s: %s", vm, err.text);
	result = json_load_file(path("result.json"), 0, NULL);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(result, "host"), "vm")), name);
	assert_string_equal(json_string_value(json_object_get(result, "verdict")),
			    ret ? "disagree" : "agree");
	json_decref(result);
}

static char *said(void)
{
	static char text[65536];
	FILE *file = fopen(path("said"), "r");
	size_t n = fread(text, 1, sizeof(text) - 1, file);

	text[n] = '\0';
	fclose(file);
	return text;
}

#define SCRIPT "tests/unit/validate_schema.py"
#define SCHEMA "user/doc/exitstat-compare.schema.json"

static void is_valid(void)
{
	char command[256];

	snprintf(command, sizeof(command), "/usr/bin/python3 " SCRIPT " good " SCHEMA " %s",
		 path("result.json"));
	assert_int_equal(system(command), 0);
}

/* What it prints and what it writes say the same. */
static void test_print_and_document(void **state)
{
	struct error err = { 0 };
	json_t *result, *guest;
	char line[128];

	(void)state;
	assert_int_equal(compare("web1", &err), 0);
	is_valid();
	result = json_load_file(path("result.json"), 0, NULL);
	guest = json_array_get(json_object_get(result, "guests"), 0);
	assert_non_null(strstr(said(), "guest.json against "));
	assert_non_null(strstr(said(), ", VM web1 (pid 4711), "));
	assert_non_null(strstr(said(), "REASON "));
	assert_non_null(strstr(said(), "\nall reasons "));
	assert_non_null(strstr(said(), "\nthe files agree\n"));
	snprintf(line, sizeof(line), "\n%d numbers checked: %d agree, 0 explained, 0 disagree\n",
		 (int)json_integer_value(json_object_get(guest, "checked")),
		 (int)json_integer_value(json_object_get(guest, "checked")));
	assert_non_null(strstr(said(), line));
	assert_int_equal(json_array_size(json_object_get(result, "findings")), 0);
	json_decref(result);
}

/* A total that KVM never gave: named on the screen and in the document, with what it was. */
static void test_a_wrong_number(void **state)
{
	json_t *guest = json_load_file(path("guest.json"), 0, NULL), *total, *result, *finding;
	struct error err = { 0 };
	json_int_t count;

	(void)state;
	total = json_object_get(json_array_get(json_object_get(guest, "readings"), 0), "total");
	count = json_integer_value(json_object_get(total, "count"));
	json_object_set_new(total, "count", json_integer(count + 1));
	assert_int_equal(json_dump_file(guest, path("wrong.json"), 0), 0);
	assert_int_equal(compare_with("wrong.json", "web1", &err), STATUS_FAILED);
	is_valid();
	result = json_load_file(path("result.json"), 0, NULL);
	finding = json_array_get(json_object_get(result, "findings"), 0);
	assert_string_equal(json_string_value(json_object_get(finding, "field")),
			    "readings[0].total.count");
	assert_string_equal(json_string_value(json_object_get(result, "verdict")), "disagree");
	assert_non_null(strstr(said(), "wrong.json: readings[0].total.count is "));
	assert_non_null(strstr(said(), "\nthe files disagree\n"));
	json_decref(result);
	json_decref(guest);
}

static void refuses(const char *vm, int status, const char *naming)
{
	struct error err = { 0 };

	assert_int_equal(compare(vm, &err), -1);
	assert_int_equal(err.status, status);
	if (!strstr(err.text, naming))
		fail_msg("'%s' does not name '%s'", err.text, naming);
}

static void test_choose(void **state)
{
	(void)state;
	chooses("web1", "web1");
	chooses("4711", "web1");
	refuses(NULL, STATUS_USAGE, "3 VMs, choose one with --vm: web1 (4711), web2 (5000)");
	refuses("web3", STATUS_USAGE, "expected one of web1 (4711)");
	refuses("5000", STATUS_USAGE, "expected one of web1 (4711)"); /* two are */
	refuses("", STATUS_USAGE, "--vm");
	/* This guest was never in that VM. */
	refuses("web2", STATUS_CANNOT, "no number that can be checked");
	refuses("5001", STATUS_CANNOT, "no number that can be checked");
}

/* All that KVM answered, as cpuid -r prints it, and then this. */
static void write_text(const char *more)
{
	json_t *host = json_load_file(path("host.json"), 0, NULL), *answer;
	json_t *given = json_object_get(json_object_get(host, "answers"), "given");
	FILE *file = fopen(path("guest.txt"), "w");
	size_t i;

	assert_true(json_array_size(given) > 0);
	json_array_foreach(given, i, answer) {
		static const char *const keys[] = { "leaf", "subleaf", "eax", "ebx", "ecx", "edx" };
		unsigned int n[COUNT(keys)];

		for (size_t k = 0; k < COUNT(keys); k++)
			n[k] = (unsigned int)json_integer_value(json_object_get(answer, keys[k]));
		fprintf(file, "   0x%08x 0x%02x: eax=0x%08x ebx=0x%08x ecx=0x%08x edx=0x%08x\n",
			n[0], n[1], n[2], n[3], n[4], n[5]);
	}
	fputs(more, file);
	fclose(file);
	json_decref(host);
}

/* Of a text that agrees, but for a line that nobody can read, nobody says that it agrees. */
static void test_a_line_that_cannot_be_read(void **state)
{
	static const char *const cut[] = {
		"   0x4ffffffd 0x72: eax=0x00000010 ebx=0x000000\n",
		"   Ox4ffffffd 0x72: eax=0x00000010 ebx=0x00000000 ecx=0x00000000 edx=0x00000000\n",
	};
	struct error err = { 0 };

	(void)state;
	write_text("");
	assert_int_equal(compare_with("guest.txt", "web1", &err), 0);
	for (size_t i = 0; i < COUNT(cut); i++) {
		write_text(cut[i]);
		assert_int_equal(compare_with("guest.txt", "web1", &err), -1);
		assert_int_equal(err.status, STATUS_CANNOT);
		assert_non_null(strstr(err.text, "1 line could not be read"));
	}
}

UNIT_TESTS(compare_command)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choose),
		cmocka_unit_test(test_print_and_document),
		cmocka_unit_test(test_a_wrong_number),
		cmocka_unit_test(test_a_line_that_cannot_be_read),
	};

	tally_add(tally, COUNT(tests),
		  cmocka_run_group_tests_name("compare_command", tests, write_files, remove_files));
}
