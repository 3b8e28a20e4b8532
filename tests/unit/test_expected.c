// SPDX-License-Identifier: GPL-2.0-only
/* How many vCPUs there are, in a folder that looks as KVM's of debugfs does; and what is made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/expected.h"
#include "trace/growth.h"
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

/* Entry 0 of the first chunk is none's. */
static void test_chunks(void **state)
{
	const struct {
		uint32_t at_start, max;
		struct chunk_plan plan;
	} rows[] = { { 0, 4096, { 8, 256, 17 } },	{ 255, 4096, { 8, 256, 17 } },
		     { 256, 4096, { 9, 512, 9 } },	{ 4095, 4096, { 12, 4096, 2 } },
		     { 4096, 4096, { 13, 4097, 1 } },	{ 1, 1, { 8, 2, 1 } },
		     { 300, 300, { 9, 301, 1 } },	{ 1024, 1024, { 11, 1025, 1 } },
		     { 65536, 65536, { 17, 65537, 1 } } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct chunk_plan plan = chunks_plan(rows[i].at_start, rows[i].max);

		assert_int_equal(plan.bits, rows[i].plan.bits);
		assert_int_equal(plan.vcpus, rows[i].plan.vcpus);
		assert_int_equal(plan.most, rows[i].plan.most);
	}
}

UNIT_TESTS(expected)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_vcpus_of_all_or_some, setup, teardown),
		cmocka_unit_test(test_chunks),
	};

	RUN_GROUP(tally, "expected", tests);
}
