// SPDX-License-Identifier: GPL-2.0-only
/* What ends a loop, and what it calls until then. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"
#include "unit.h"

#define MS 1000000ull

struct watcher {
	struct loop loop;
	struct loop_handlers handlers;
	int pipe[2]; /* the event_fd */
	int ticks, events;
	int last_tick, last_event; /* whose number ends it */
	int error;		   /* what the last one returns */
};

static int tick(void *arg)
{
	struct watcher *watcher = arg;

	return ++watcher->ticks == watcher->last_tick ? watcher->error : 0;
}

static int event(void *arg)
{
	struct watcher *watcher = arg;
	char c;

	if (read(watcher->pipe[0], &c, 1) == 1)
		watcher->events++;
	return watcher->events == watcher->last_event ? watcher->error : 0;
}

static void open_watcher(struct watcher *watcher, uint64_t interval, uint64_t duration)
{
	struct error err;

	*watcher = (struct watcher){ .error = -EPIPE };
	watcher->handlers = (struct loop_handlers){ tick, event, watcher };
	assert_int_equal(pipe2(watcher->pipe, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(loop_init(&watcher->loop, &err), 0);
	assert_int_equal(loop_start(&watcher->loop, interval, duration, watcher->pipe[0]), 0);
}

static int run(struct watcher *watcher)
{
	return loop_run(&watcher->loop, &watcher->handlers);
}

/* Its signals are as they were, so that the other tests are none the wiser. */
static void close_watcher(struct watcher *watcher)
{
	sigprocmask(SIG_SETMASK, &watcher->loop.old_mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	loop_close(&watcher->loop);
	close(watcher->pipe[0]);
	close(watcher->pipe[1]);
}

static void send_event(const struct watcher *watcher)
{
	assert_int_equal(write(watcher->pipe[1], "x", 1), 1);
}

static void test_time(void **state)
{
	uint64_t begin = monotonic_ns();
	struct watcher watcher;

	(void)state;
	open_watcher(&watcher, NS_OF(3600), 60 * MS);
	assert_int_equal(run(&watcher), 0);
	assert_true(monotonic_ns() - begin >= 60 * MS);
	assert_int_equal(watcher.ticks, 0);
	assert_int_equal(watcher.loop.signal, 0);
	assert_false(watcher.loop.done);
	/* And it has ended for good. */
	assert_int_equal(run(&watcher), 0);
	close_watcher(&watcher);
}

static void test_ticks(void **state)
{
	struct watcher watcher;

	(void)state;
	open_watcher(&watcher, 5 * MS, 0);
	watcher.last_tick = 4;
	assert_int_equal(run(&watcher), -EPIPE);
	assert_int_equal(watcher.ticks, 4);
	assert_int_equal(watcher.events, 0);
	close_watcher(&watcher);
}

/* From an hour to nothing, while it runs. */
static void test_interval(void **state)
{
	struct watcher watcher;

	(void)state;
	open_watcher(&watcher, NS_OF(3600), 0);
	assert_int_equal(loop_set_interval(&watcher.loop, 2 * MS), 0);
	watcher.last_tick = 3;
	assert_int_equal(run(&watcher), -EPIPE);
	assert_int_equal(watcher.ticks, 3);
	close_watcher(&watcher);
}

static int resize(void *arg)
{
	struct watcher *watcher = arg;

	assert_true(watcher->loop.resized);
	return ++watcher->events == watcher->last_event ? watcher->error : 0;
}

/* An event, once each time, and no end; also when it came before the loop has run. */
static void test_resized(void **state)
{
	struct watcher watcher;

	(void)state;
	open_watcher(&watcher, NS_OF(3600), 20 * MS);
	watcher.handlers.event = resize;
	watcher.last_event = 2;
	raise(SIGWINCH);
	assert_int_equal(run(&watcher), 0);
	assert_int_equal(watcher.events, 1);
	assert_false(watcher.loop.done);
	watcher.loop.end_ns = 0;
	raise(SIGWINCH);
	assert_int_equal(run(&watcher), -EPIPE);
	close_watcher(&watcher);
}

static void test_events(void **state)
{
	struct watcher watcher;
	int more[2];

	(void)state;
	open_watcher(&watcher, NS_OF(3600), 0);
	assert_int_equal(pipe2(more, O_CLOEXEC), 0);
	assert_int_equal(loop_watch(&watcher.loop, more[0]), 0);
	assert_int_equal(loop_watch(&watcher.loop, more[0]), -EEXIST);
	assert_int_equal(loop_watch(&watcher.loop, -1), -EBADF);
	for (int i = 0; i < 3; i++)
		send_event(&watcher);
	watcher.last_event = 3;
	watcher.error = -ENOMEM;
	assert_int_equal(run(&watcher), -ENOMEM);
	assert_int_equal(watcher.events, 3);
	/* The other one wakes it, too; the handler finds nothing else changed. */
	assert_int_equal(write(more[1], "x", 1), 1);
	watcher.error = -EIO;
	assert_int_equal(run(&watcher), -EIO);
	close(more[0]);
	close(more[1]);
	close_watcher(&watcher);
}

static void test_signals(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < COUNT(signals); i++) {
		struct watcher watcher;

		open_watcher(&watcher, 5 * MS, 0);
		/* Before it runs: kept until then, and then it is the first thing it sees. */
		raise(signals[i]);
		assert_int_equal(run(&watcher), 0);
		assert_int_equal(watcher.loop.signal, signals[i]);
		assert_int_equal(watcher.ticks, 0);
		close_watcher(&watcher);
	}
}

static int raise_term(void *arg)
{
	(void)arg;
	raise(SIGTERM);
	return 0;
}

static void test_signal_while_it_runs(void **state)
{
	struct watcher watcher;

	(void)state;
	open_watcher(&watcher, 5 * MS, 0);
	watcher.handlers.tick = raise_term;
	assert_int_equal(run(&watcher), 0);
	assert_int_equal(watcher.loop.signal, SIGTERM);
	close_watcher(&watcher);
}

static void test_broken_pipes_are_no_signal(void **state)
{
	struct watcher watcher;

	(void)state;
	open_watcher(&watcher, NS_OF(3600), 10 * MS);
	close(watcher.pipe[0]);
	assert_int_equal(write(watcher.pipe[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	close_watcher(&watcher);
}

/* What it returns and what became of the command, which starts with the old signals. */
static void test_end_of_the_command(void **state)
{
	struct watcher watcher;
	struct error err;

	(void)state;
	open_watcher(&watcher, NS_OF(3600), 0);
	assert_int_equal(
		child_start(&watcher.loop.child,
			    (char *[]){ "sh", "-c", "sleep 0.05; kill -INT $$; exit 1", NULL },
			    &watcher.loop.old_mask, &err),
		0);
	assert_int_equal(run(&watcher), 0);
	assert_true(watcher.loop.child.ended);
	assert_int_equal(watcher.loop.child.status, 128 + SIGINT);
	assert_int_equal(watcher.loop.signal, 0);
	close_watcher(&watcher);
}

/* Somebody else's child does not end it. */
static void test_other_children(void **state)
{
	struct watcher watcher;
	struct error err;
	pid_t pid;

	(void)state;
	open_watcher(&watcher, NS_OF(3600), 100 * MS);
	assert_int_equal(child_start(&watcher.loop.child, (char *[]){ "sleep", "30", NULL },
				     &watcher.loop.old_mask, &err),
			 0);
	pid = fork();
	if (!pid)
		_exit(0);
	assert_int_equal(run(&watcher), 0);
	assert_false(watcher.loop.done);
	assert_false(watcher.loop.child.ended);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	child_end(&watcher.loop.child, SIGKILL);
	close_watcher(&watcher);
}

static int in_process(void (*function)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		function();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* With as many files as there are open, each of which the loop wants is refused. */
static void have_no_files(void)
{
	struct rlimit limit = { 0, 0 };
	struct watcher watcher = { .pipe = { -1, -1 } };
	struct error err = { 0 };
	int wrong = 0;

	if (loop_init(&watcher.loop, &err))
		leave(10);
	if (setrlimit(RLIMIT_NOFILE, &limit))
		leave(11);
	wrong |= loop_start(&watcher.loop, NS_OF(1), 0, 0) != -EMFILE;
	loop_close(&watcher.loop);
	wrong |= loop_init(&watcher.loop, &err) != -1 || err.status != STATUS_FAILED;
	loop_close(&watcher.loop);
	leave(wrong);
}

static void test_no_files(void **state)
{
	(void)state;
	assert_int_equal(in_process(have_no_files), 0);
}

static void test_nothing_to_watch(void **state)
{
	struct loop loop;
	struct error err;

	(void)state;
	assert_int_equal(loop_init(&loop, &err), 0);
	/* No such file to watch. */
	assert_int_equal(loop_start(&loop, NS_OF(1), 0, -1), -EBADF);
	sigprocmask(SIG_SETMASK, &loop.old_mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	loop_close(&loop);
}

static void test_lost_epoll(void **state)
{
	struct watcher watcher;

	(void)state;
	open_watcher(&watcher, NS_OF(3600), NS_OF(10));
	close(watcher.loop.epoll_fd);
	assert_int_equal(run(&watcher), -EBADF);
	watcher.loop.epoll_fd = -1;
	close_watcher(&watcher);
}

UNIT_TESTS(loop)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_ticks),
		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_resized),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_signal_while_it_runs),
		cmocka_unit_test(test_broken_pipes_are_no_signal),
		cmocka_unit_test(test_end_of_the_command),
		cmocka_unit_test(test_other_children),
		cmocka_unit_test(test_no_files),
		cmocka_unit_test(test_nothing_to_watch),
		cmocka_unit_test(test_lost_epoll),
	};

	RUN_GROUP(tally, "loop", tests);
}
