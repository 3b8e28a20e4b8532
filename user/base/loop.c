// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/loop.h"

int loop_init(struct loop *loop, struct error *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGWINCH };
	sigset_t mask;

	*loop = (struct loop){ .signal_fd = -1, .timer_fd = -1, .epoll_fd = -1 };
	sigemptyset(&mask);
	for (size_t i = 0; i < COUNT_OF(signals); i++)
		sigaddset(&mask, signals[i]);
	sigprocmask(SIG_BLOCK, &mask, &loop->old_mask);
	signal(SIGPIPE, SIG_IGN);
	loop->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signal_fd < 0)
		return fail(err, STATUS_FAILED, "cannot watch for signals: %s", strerror(errno));
	return 0;
}

int loop_watch(struct loop *loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int loop_set_interval(struct loop *loop, uint64_t interval_ns)
{
	struct timespec interval = { (time_t)(interval_ns / NS_PER_SEC),
				     (long)(interval_ns % NS_PER_SEC) };
	struct itimerspec timer = { .it_interval = interval, .it_value = interval };

	return timerfd_settime(loop->timer_fd, 0, &timer, NULL) ? -errno : 0;
}

int loop_start(struct loop *loop, uint64_t interval_ns, uint64_t duration_ns, int event_fd)
{
	int ret;

	if (duration_ns)
		loop->end_ns = monotonic_ns() + duration_ns;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->epoll_fd < 0 || loop->timer_fd < 0 || loop_set_interval(loop, interval_ns))
		return -errno;
	ret = loop_watch(loop, loop->signal_fd);
	ret = ret ?: loop_watch(loop, loop->timer_fd);
	return ret ?: loop_watch(loop, event_fd);
}

static void take_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			child_poll(&loop->child);
			loop->done |= loop->child.ended;
		} else if (info.ssi_signo == SIGWINCH) {
			loop->resized = true;
		} else {
			loop->signal = (int)info.ssi_signo;
			loop->done = true;
		}
	}
}

static int take_size(struct loop *loop, const struct loop_handlers *handlers)
{
	int err = loop->resized ? handlers->event(handlers->arg) : 0;

	loop->resized = false;
	return err;
}

static int take_tick(struct loop *loop, const struct loop_handlers *handlers)
{
	uint64_t ticks;

	if (read(loop->timer_fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return 0;
	return handlers->tick(handlers->arg);
}

/* How long epoll may wait, in ms: until the time ends, rounded up; -1: forever. */
static int patience(const struct loop *loop)
{
	uint64_t now = monotonic_ns();

	if (!loop->end_ns)
		return -1;
	return now >= loop->end_ns ? 0 : (int)((loop->end_ns - now) / 1000000 + 1);
}

int loop_run(struct loop *loop, const struct loop_handlers *handlers)
{
	struct epoll_event events[4];
	int n, err;

	/* A signal that came while we were loading is already there. */
	take_signals(loop);
	err = take_size(loop, handlers);
	while (!loop->done && !err) {
		int timeout = patience(loop);

		if (!timeout)
			break;
		n = epoll_wait(loop->epoll_fd, events, 4, timeout);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n && !err; i++) {
			if (events[i].data.fd == loop->signal_fd) {
				take_signals(loop);
				err = take_size(loop, handlers);
			} else if (events[i].data.fd == loop->timer_fd) {
				err = take_tick(loop, handlers);
			} else {
				err = handlers->event(handlers->arg);
			}
		}
	}
	return err;
}

void loop_close(struct loop *loop)
{
	const int fds[] = { loop->signal_fd, loop->timer_fd, loop->epoll_fd };

	for (size_t i = 0; i < COUNT_OF(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}
