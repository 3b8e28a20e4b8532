// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "unit.h"

static int start(struct child *child, struct error *err, char *const argv[])
{
	sigset_t none;

	sigemptyset(&none);
	memset(child, 0, sizeof(*child));
	memset(err, 0, sizeof(*err));
	return child_start(child, argv, &none, err);
}

static void sleep_ms(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000 };

	nanosleep(&pause, NULL);
}

static void wait_end(struct child *child)
{
	for (int i = 0; !child->ended; i++) {
		if (i > 2000)
			fail_msg("the command does not end");
		sleep_ms(5);
		child_poll(child);
	}
	assert_int_equal(child->pid, 0);
}

static int status_of(char *script)
{
	struct child child;
	struct error err;

	assert_int_equal(start(&child, &err, (char *[]){ "sh", "-c", script, NULL }), 0);
	wait_end(&child);
	return child.status;
}

static void test_exit_status(void **state)
{
	(void)state;
	assert_int_equal(status_of("exit 0"), 0);
	assert_int_equal(status_of("exit 1"), 1);
	assert_int_equal(status_of("exit 255"), 255);
	assert_int_equal(status_of("test $0 = sh"), 0);
}

static void test_signal_is_128_and_its_number(void **state)
{
	(void)state;
	assert_int_equal(status_of("kill -TERM $$"), 128 + SIGTERM);
	assert_int_equal(status_of("kill -KILL $$"), 128 + SIGKILL);
}

static void test_runs_until_it_ends(void **state)
{
	struct child child;
	struct error err;

	(void)state;
	assert_int_equal(start(&child, &err, (char *[]){ "sleep", "30", NULL }), 0);
	assert_true(child.pid > 0);
	for (int i = 0; i < 5; i++) {
		child_poll(&child);
		assert_false(child.ended);
	}
	child_end(&child, SIGINT);
	assert_true(child.ended);
	assert_int_equal(child.pid, 0);
	assert_int_equal(child.status, 128 + SIGINT);
	/* Once more does nothing. */
	child_end(&child, SIGTERM);
	child_poll(&child);
	assert_int_equal(child.status, 128 + SIGINT);
}

static void test_no_child(void **state)
{
	struct child child = { 0 };

	(void)state;
	child_poll(&child);
	child_end(&child, SIGTERM);
	assert_false(child.ended);
}

static void assert_cannot(char *command, int status)
{
	struct child child;
	struct error err;

	assert_int_equal(start(&child, &err, (char *[]){ command, NULL }), -1);
	assert_int_equal(err.status, status);
	assert_int_equal(child.pid, 0);
	assert_non_null(strstr(err.text, command));
	assert_null(strchr(err.text, '\n'));
}

static void test_commands_that_cannot_be_run(void **state)
{
	char name[] = "/tmp/exitstat-unit-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);
	char *path = strdup(getenv("PATH") ?: "");

	(void)state;
	assert_true(fd >= 0);
	/* A folder in it that may not be searched would make it a 126. */
	setenv("PATH", "/usr/bin:/bin", 1);
	close(fd);
	assert_cannot("exitstat-no-such-command", 127);
	assert_cannot("/no/such/command", 127);
	assert_cannot("", 127);
	assert_cannot(name, 126); /* not executable, not for root either */
	assert_cannot("/tmp", 126);
	unlink(name);
	setenv("PATH", path, 1);
	free(path);
}

/* The caller blocks and ignores signals; its command must not. */
static void test_signals_are_as_they_were(void **state)
{
	void (*pipe_handler)(int) = signal(SIGPIPE, SIG_IGN);
	sigset_t blocked, before;

	(void)state;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	assert_int_equal(status_of("kill -USR1 $$; exit 3"), 128 + SIGUSR1);
	assert_int_equal(status_of("kill -PIPE $$; exit 3"), 128 + SIGPIPE);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, pipe_handler);
}

/* Some are started with SIGCHLD ignored; then the kernel keeps no status. */
static void test_end_is_seen_with_sigchld_ignored(void **state)
{
	void (*handler)(int) = signal(SIGCHLD, SIG_IGN);

	(void)state;
	assert_int_equal(status_of("exit 7"), 7);
	signal(SIGCHLD, handler);
}

/* Until the process has become this command. */
static void wait_comm(pid_t pid, const char *expected)
{
	char path[64], comm[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	for (int i = 0; strcmp(comm, expected); i++) {
		FILE *file = fopen(path, "r");

		assert_true(i < 2000);
		assert_non_null(file);
		assert_non_null(fgets(comm, sizeof(comm), file));
		fclose(file);
		sleep_ms(5);
	}
}

static void test_deaf_command_is_killed(void **state)
{
	/* The sleep inherits that TERM is ignored; no shell stands between. */
	char *const argv[] = { "sh", "-c", "trap '' TERM; exec sleep 60", NULL };
	struct child child;
	struct error err;
	uint64_t before;

	(void)state;
	assert_int_equal(start(&child, &err, argv), 0);
	wait_comm(child.pid, "sleep\n");
	before = monotonic_ns();
	child_end(&child, SIGTERM);
	assert_true(child.ended);
	assert_int_equal(child.status, 128 + SIGKILL);
	assert_in_range(monotonic_ns() - before, NS_OF(4), NS_OF(15));
}

UNIT_TESTS(child)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exit_status),
		cmocka_unit_test(test_signal_is_128_and_its_number),
		cmocka_unit_test(test_runs_until_it_ends),
		cmocka_unit_test(test_no_child),
		cmocka_unit_test(test_commands_that_cannot_be_run),
		cmocka_unit_test(test_signals_are_as_they_were),
		cmocka_unit_test(test_end_is_seen_with_sigchld_ignored),
		cmocka_unit_test(test_deaf_command_is_killed),
	};

	RUN_GROUP(tally, "child", tests);
}
