// SPDX-License-Identifier: GPL-2.0-only
/* A process that gives up what it may do; in children, as there is no way back. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/privileges.h"
#include "base/sysfile.h"
#include "unit.h"

static void test_users(void **state)
{
	static const char *const wrong[] = {
		"", "no-such-user", "4294967295", "-1", "0x", "root "
	};
	struct user user;
	struct error err;

	(void)state;
	assert_int_equal(user_find("root", &user, &err), 0);
	assert_true(user.given);
	assert_int_equal(user.uid, 0);
	assert_int_equal(user_find("0", &user, &err), 0);
	assert_int_equal(user.uid, 0);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(user_find(wrong[i], &user, &err), -1);
		assert_int_equal(err.status, STATUS_USAGE);
		assert_false(user.given);
	}
}

static bool says_zero(const char *field)
{
	char line[256];
	const char *text = file_value("/proc/self/status", field, line, sizeof(line));

	return text && !strtoull(text, NULL, 16);
}

/* What is wrong, or 0. */
static int check_nothing_left(void)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapAmb" };
	bool may_lower = !says_zero("CapEff");
	struct user nobody = { 0 };
	struct error err;
	char line[256];
	const char *text;

	if (privileges_drop(&nobody, &err))
		return 1;
	for (size_t i = 0; i < COUNT(sets); i++)
		if (!says_zero(sets[i]))
			return 2;
	if (may_lower && !says_zero("CapBnd"))
		return 3;
	text = file_value("/proc/self/status", "NoNewPrivs", line, sizeof(line));
	if (!text || *text != '1')
		return 4;
	/* And once more, where nothing is left to give up. */
	return privileges_drop(&nobody, &err) ? 5 : 0;
}

static int check_other_user(void)
{
	struct user user = { true, 65534, 65534 };
	struct error err;

	if (privileges_drop(&user, &err))
		return 1;
	if (getuid() != 65534 || geteuid() != 65534 || getgid() != 65534 || getgroups(0, NULL))
		return 2;
	if (!setuid(0) || !setgid(0) || !says_zero("CapEff") || !says_zero("CapPrm"))
		return 3;
	/* It stays what it is; another it cannot be. */
	if (privileges_drop(&user, &err))
		return 4;
	user.uid = 1;
	return privileges_drop(&user, &err) == -1 && strstr(err.text, "user 1") ? 0 : 5;
}

static void in_child(int (*check)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		leave(check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_nothing_is_left(void **state)
{
	(void)state;
	in_child(check_nothing_left);
}

static void test_another_user(void **state)
{
	(void)state;
	if (getuid())
		skip();
	in_child(check_other_user);
}

UNIT_TESTS(privileges)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_another_user),
	};

	RUN_GROUP(tally, "privileges", tests);
}
