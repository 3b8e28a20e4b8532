// SPDX-License-Identifier: GPL-2.0-only
/* What cgroups allow: in a folder that looks as theirs does. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cgroup.h"
#include "unit.h"

/* The root of a hierarchy has no limit, nor has it the file. */
static const struct {
	const char *cgroup, *limit;
} made[] = {
	{ "", NULL },
	{ "/pods", "9000\n" },
	{ "/pods/one", "max\n" },
	{ "/pods/one/in", "8000\n" },
	{ "/pods/two", "9500\n" },
	{ "/free", "max\n" },
	{ "/odd", "12 bytes\n" },
	{ "/empty", "" },
};

static void path_of(char *path, size_t size, const char *root, size_t i, const char *file)
{
	assert_true(snprintf(path, size, "%s%s%s", root, made[i].cgroup, file) < (int)size);
}

static int setup(void **state)
{
	char *root = strdup("/tmp/exitstat-unit-XXXXXX"), path[256];

	assert_non_null(root);
	assert_non_null(mkdtemp(root));
	for (size_t i = 0; i < COUNT(made); i++) {
		FILE *file;

		path_of(path, sizeof(path), root, i, "");
		assert_true(!mkdir(path, 0700) || !*made[i].cgroup);
		if (!made[i].limit)
			continue;
		path_of(path, sizeof(path), root, i, "/memory.max");
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(made[i].limit, file);
		assert_int_equal(fclose(file), 0);
	}
	*state = root;
	return 0;
}

static int teardown(void **state)
{
	char path[256];

	for (size_t i = COUNT(made); i--;) {
		path_of(path, sizeof(path), *state, i, "/memory.max");
		unlink(path);
		path_of(path, sizeof(path), *state, i, "");
		assert_int_equal(rmdir(path), 0);
	}
	free(*state);
	return 0;
}

static void test_least_of_all_above(void **state)
{
	assert_int_equal(cgroup_memory_max_of(*state, "/pods"), 9000);
	assert_int_equal(cgroup_memory_max_of(*state, "/pods/one"), 9000);
	assert_int_equal(cgroup_memory_max_of(*state, "/pods/one/in"), 8000);
	assert_int_equal(cgroup_memory_max_of(*state, "/pods/two"), 9000);
	/* In a container its own is the root of all that it sees, and has a limit. */
	char pods[256];

	path_of(pods, sizeof(pods), *state, 1, "");
	assert_int_equal(cgroup_memory_max_of(pods, "/"), 9000);
	assert_int_equal(cgroup_memory_max_of(pods, "/one/in"), 8000);
}

static void test_none(void **state)
{
	static const char *const cgroups[] = { "/", "", "/free", "/odd", "/empty", "/absent" };

	for (size_t i = 0; i < COUNT(cgroups); i++)
		assert_int_equal(cgroup_memory_max_of(*state, cgroups[i]), UINT64_MAX);
	assert_int_equal(cgroup_memory_max_of("/tmp/exitstat-unit-none", "/pods"), UINT64_MAX);
}

/* A process that is in none of what its namespace shows: "/../..". */
static void test_above_what_is_seen(void **state)
{
	char pods[256];

	path_of(pods, sizeof(pods), *state, 2, "");
	assert_int_equal(cgroup_memory_max_of(pods, "/../two"), UINT64_MAX);
}

static void test_too_long(void **state)
{
	char *cgroup = malloc(2 * PATH_MAX);

	assert_non_null(cgroup);
	memset(cgroup, '/', 2 * PATH_MAX);
	cgroup[2 * PATH_MAX - 1] = '\0';
	assert_int_equal(cgroup_memory_max_of(*state, cgroup), UINT64_MAX);
	free(cgroup);
}

UNIT_TESTS(cgroup)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_least_of_all_above, setup, teardown),
		cmocka_unit_test_setup_teardown(test_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_above_what_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_long, setup, teardown),
	};

	RUN_GROUP(tally, "cgroup", tests);
}
