// SPDX-License-Identifier: GPL-2.0-only
/* How many vCPUs there are, in a folder that looks as KVM's of debugfs does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/expected.h"
#include "unit.h"

/* Each in its folder, which comes before it. */
static const char *const made[] = {
	"/100-11",	  "/100-11/vcpu0", "/100-11/vcpu1", "/100-11/exits", "/100-12",
	"/100-12/vcpu0",  "/20-3",	   "/20-3/vcpu0",   "/20-3/vcpu7",   "/20-3/vcpu255",
	"/20-3/halt_vcp", "/exits",	   "/exits/vcpu0",  "/-1",	     "/4-",
};

static int setup(void **state)
{
	char *root = strdup("/tmp/exitstat-unit-XXXXXX"), path[256];

	assert_non_null(root);
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < COUNT(made); i++) {
		snprintf(path, sizeof(path), "%s%s", root, made[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	*state = root;
	return 0;
}

static int teardown(void **state)
{
	char path[256];

	for (size_t i = COUNT(made); i--;) {
		snprintf(path, sizeof(path), "%s%s", (char *)*state, made[i]);
		assert_int_equal(rmdir(path), 0);
	}
	assert_int_equal(rmdir(*state), 0);
	free(*state);
	return 0;
}

static void test_vcpus_of_all_or_some(void **state)
{
	const uint32_t pids[] = { 20, 7, 100 };

	assert_int_equal(vcpus_in(*state, NULL, 0), 6);
	assert_int_equal(vcpus_in(*state, pids, 1), 3);
	assert_int_equal(vcpus_in(*state, pids + 1, 1), 0);
	assert_int_equal(vcpus_in(*state, pids, 3), 6);
	assert_int_equal(vcpus_in("/tmp/exitstat-unit-none", NULL, 0), -1);
}

UNIT_TESTS(expected)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_vcpus_of_all_or_some, setup, teardown),
	};

	RUN_GROUP(tally, "expected", tests);
}
