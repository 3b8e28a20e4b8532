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
	static const char *const names[] = { "host.json", "guest.json", "result.json", "said" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(path(names[i]));
	return rmdir(folder);
}

/* Its status; what it prints goes to a file. */
static int compare(const char *vm, struct error *err)
{
	char host[64], guest[64], result[64],
		*argv[] = { "compare", host, "--json", result, guest, "--vm", (char *)vm, NULL };
	int saved = dup(STDOUT_FILENO),
	    file = open(path("said"), O_CREAT | O_TRUNC | O_WRONLY, 0600);
	int ret;

	strcpy(host, path("host.json"));
	strcpy(guest, path("guest.json"));
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

UNIT_TESTS(choose_vm)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_choose, write_files, remove_files),
	};

	RUN_GROUP(tally, "compare --vm", tests);
}
