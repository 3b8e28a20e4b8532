// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "export.h"
#include "host.h"
#include "outfile.h"
#include "render.h"
#include "trace.h"
#include "tracer.h"

struct session {
	const struct options *options;
	struct host host;
	struct tracer *tracer;
	struct reader *reader;
	struct child child;
	sigset_t old_mask;
	int signal_fd, timer_fd, epoll_fd;

	struct timespec start;
	uint64_t start_ns, last_ns;
	struct snapshot last; /* at the end of the last interval */
	struct series series; /* with --snapshots */
	FILE *out;	      /* tables: stdout, or stderr when stdout is the JSON */
	bool live;	      /* out is a terminal */
	bool shown;	      /* an interval has been shown */
	bool done;
	int signal; /* what ended it, or 0 */
};

/* --- set up ------------------------------------------------------------------ */

/*
 * Signals are blocked before anything else is done and read as events, so that
 * none can arrive at a moment when the summary would be lost.
 */
static int block_signals(struct session *session)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	sigset_t mask;

	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&mask, signals[i]);
	sigprocmask(SIG_BLOCK, &mask, &session->old_mask);
	signal(SIGPIPE, SIG_IGN);
	session->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return session->signal_fd < 0 ? -errno : 0;
}

static int watch(struct session *session, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(session->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_events(struct session *session)
{
	uint64_t ns = session->options->interval_ns;
	struct timespec interval = { (time_t)(ns / NS_PER_SEC), (long)(ns % NS_PER_SEC) };
	struct itimerspec timer = { .it_interval = interval, .it_value = interval };
	int ret;

	session->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	session->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (session->epoll_fd < 0 || session->timer_fd < 0 ||
	    timerfd_settime(session->timer_fd, 0, &timer, NULL))
		return -errno;
	ret = watch(session, session->signal_fd);
	ret = ret ?: watch(session, session->timer_fd);
	return ret ?: watch(session, tracer_event_fd(session->tracer));
}

static int check_pids(const struct options *options, struct error *err)
{
	for (size_t i = 0; i < options->npids; i++)
		if (kill((pid_t)options->pids[i], 0) && errno == ESRCH)
			return fail(err, STATUS_FAILED,
				    "no process %u: find the VM's with 'pgrep -a qemu'",
				    options->pids[i]);
	return 0;
}

/* A snapshot that is read; when says when that began. */
static int keep_point(struct session *session, struct point *when, const struct snapshot *snap,
		      bool last)
{
	if (!session->options->snapshots)
		return 0;
	when->took_ns = monotonic_ns() - when->start_ns;
	return series_add(&session->series, when, snap, last);
}

static int take_first(struct session *session)
{
	struct snapshot snap;
	struct point when;
	int err;

	point_begin(&when);
	err = reader_take(session->reader, &snap);
	if (err)
		return err;
	err = keep_point(session, &when, &snap, true);
	snapshot_free(&snap);
	return err;
}

static int start(struct session *session, struct error *err)
{
	const struct options *options = session->options;
	const struct tracer_options tracer_options = {
		.max_vcpus = options->max_vcpus,
		.pids = options->pids,
		.npids = options->npids,
		.vcpus = options->vcpus,
		.nvcpus = options->nvcpus,
		.verbose = options->verbose,
	};

	if (options->json && outfile_check(options->json, err))
		return -1;
	host_describe(&session->host);
	if (host_check(&session->host, err) || check_pids(options, err) ||
	    tracer_start(&session->tracer, &tracer_options, err))
		return -1;
	host_set_tsc(&session->host, tracer_tsc_khz(session->tracer));
	clock_gettime(CLOCK_REALTIME, &session->start);
	session->start_ns = monotonic_ns();
	session->last_ns = session->start_ns;
	session->reader = reader_new(tracer_maps(session->tracer));
	if (!session->reader || open_events(session))
		return fail(err, STATUS_FAILED, "out of memory or file descriptors");
	if (take_first(session))
		return fail(err, STATUS_FAILED, "out of memory");
	if (options->command)
		return child_start(&session->child, options->command, &session->old_mask, err);
	return 0;
}

/* --- while it runs ------------------------------------------------------------- */

static struct report make_report(const struct session *session, const struct snapshot *snap,
				 uint64_t ns)
{
	struct report report = {
		.host = &session->host,
		.start = session->start,
		.ns = ns ? ns : 1,
		.snap = snap,
		.series = session->options->snapshots ? &session->series : NULL,
		.filters = session->options->filters,
		.nfilters = session->options->nfilters,
	};

	clock_gettime(CLOCK_REALTIME, &report.end);
	return report;
}

static unsigned int terminal_lines(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row)
		return 24;
	return size.ws_row;
}

static int show_interval(struct session *session)
{
	struct snapshot now, growth;
	struct report report;
	struct point when;
	uint64_t ns;
	int err;

	point_begin(&when);
	ns = when.start_ns;
	err = reader_take(session->reader, &now);
	if (err)
		return err;
	err = keep_point(session, &when, &now, false);
	if (!err)
		err = snapshot_subtract(&growth, &now, &session->last);
	if (err) {
		snapshot_free(&now);
		return err;
	}
	report = make_report(session, &growth, ns - session->last_ns);
	if (session->live)
		err = render_live(session->out, &report, &now, session->options->by,
				  terminal_lines());
	else
		err = render_lines(session->out, &report, session->options->by, !session->shown);
	session->shown = true;
	session->last_ns = ns;
	snapshot_free(&growth);
	snapshot_free(&session->last);
	session->last = now;
	return err;
}

static void take_signals(struct session *session)
{
	struct signalfd_siginfo info;

	while (read(session->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			child_poll(&session->child);
			session->done |= session->child.ended;
		} else {
			session->signal = (int)info.ssi_signo;
			session->done = true;
		}
	}
}

static int notice(void *arg, uint32_t slot)
{
	return reader_notice(arg, slot);
}

/* A vCPU that ended waits to be harvested: make room for the next. */
static int take_vcpus(struct session *session)
{
	struct snapshot now;
	bool ended;
	int err;

	err = tracer_poll(session->tracer, notice, session->reader, &ended);
	if (err || !ended)
		return err;
	err = reader_take(session->reader, &now);
	if (!err)
		snapshot_free(&now);
	return err;
}

static int take_tick(struct session *session)
{
	uint64_t ticks;

	if (read(session->timer_fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return 0;
	return show_interval(session);
}

/* How long epoll may wait, in ms: until the duration ends, rounded up; -1: forever. */
static int patience(const struct session *session)
{
	uint64_t end = session->start_ns + session->options->duration_ns;
	uint64_t now = monotonic_ns();

	if (!session->options->duration_ns)
		return -1;
	return now >= end ? 0 : (int)((end - now) / 1000000 + 1);
}

static int run(struct session *session)
{
	struct epoll_event events[4];
	int n, err = 0;

	/* A signal that came while we were loading is already there. */
	take_signals(session);
	while (!session->done && !err) {
		int timeout = patience(session);

		if (!timeout)
			break;
		n = epoll_wait(session->epoll_fd, events, 4, timeout);
		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n && !err; i++) {
			if (events[i].data.fd == session->signal_fd)
				take_signals(session);
			else if (events[i].data.fd == session->timer_fd)
				err = take_tick(session);
			else
				err = take_vcpus(session);
		}
	}
	return err;
}

/* --- at the end ------------------------------------------------------------------ */

static int write_json(const struct session *session, const struct report *report, struct error *err)
{
	json_t *doc = export_json(report);
	int ret;

	if (!doc)
		return fail(err, STATUS_FAILED, "out of memory for the JSON");
	ret = outfile_write(session->options->json, doc, err);
	json_decref(doc);
	return ret;
}

/*
 * Counting has ended after "ended". The file first: a closed terminal must not cost
 * the numbers.
 */
static int finish(struct session *session, struct point *ended, struct error *err)
{
	const struct options *options = session->options;
	struct snapshot snap;
	struct report report;
	int ret = 0;

	if (reader_take(session->reader, &snap))
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	if (keep_point(session, ended, &snap, true)) {
		snapshot_free(&snap);
		return fail(err, STATUS_FAILED, "out of memory for the snapshots");
	}
	report = make_report(session, &snap, monotonic_ns() - session->start_ns);
	if (options->json)
		ret = write_json(session, &report, err);
	if (session->live && session->shown)
		fprintf(session->out, "\033[H\033[J");
	else if (session->shown)
		fputc('\n', session->out);
	if (render_summary(session->out, &report, options->by, options->histograms) && !ret)
		ret = fail(err, STATUS_FAILED, "cannot print the summary: %s", strerror(errno));
	snapshot_free(&snap);
	return ret;
}

static void close_session(struct session *session)
{
	snapshot_free(&session->last);
	series_free(&session->series);
	reader_free(session->reader);
	tracer_free(session->tracer);
	for (int i = 0; i < 3; i++) {
		int fd = (int[]){ session->signal_fd, session->timer_fd, session->epoll_fd }[i];

		if (fd >= 0)
			close(fd);
	}
}

int trace(const struct options *options, struct error *err)
{
	bool to_stderr = options->json && !strcmp(options->json, "-");
	struct session session = {
		.options = options,
		.signal_fd = -1,
		.timer_fd = -1,
		.epoll_fd = -1,
		.out = to_stderr ? stderr : stdout,
	};
	struct point ended;
	int ret = -1, run_error;

	session.live = isatty(fileno(session.out));
	if (block_signals(&session)) {
		fail(err, STATUS_FAILED, "cannot watch for signals: %s", strerror(errno));
		goto out;
	}
	if (start(&session, err))
		goto out;
	run_error = run(&session);
	/* A command may take its time to end: what it does then is still counted. */
	child_end(&session.child, session.signal ?: SIGTERM);
	point_begin(&ended);
	tracer_stop(session.tracer);
	ret = finish(&session, &ended, err);
	if (!ret && run_error && run_error != -EPIPE)
		ret = fail(err, STATUS_FAILED, "stopped early: %s", strerror(-run_error));
	if (!ret && options->command)
		ret = session.child.status;
out:
	close_session(&session);
	return ret;
}
