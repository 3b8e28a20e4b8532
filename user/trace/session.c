// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "trace/preflight.h"
#include "trace/session.h"
#include "trace/wraps.h"

static int check_pid(uint32_t pid, struct error *err)
{
	uint32_t leader;

	if (kill((pid_t)pid, 0) && errno == ESRCH)
		return fail(err, STATUS_FAILED, "no process %u: find the VM's with 'pgrep -a qemu'",
			    pid);
	leader = process_of_thread(pid);
	if (leader && leader != pid)
		return fail(err, STATUS_FAILED, "%u is a thread of process %u: use --pid %u", pid,
			    leader, leader);
	return 0;
}

static int check_pids(const struct tracer_options *options, struct error *err)
{
	for (size_t i = 0; i < options->npids; i++)
		if (check_pid(options->pids[i], err))
			return -1;
	return 0;
}

static int start_minutes(struct session *session)
{
	const struct timespec minute = { .tv_sec = WRAPS_NS / NS_PER_SEC };
	const struct itimerspec timer = { minute, minute };

	session->minute_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (session->minute_fd < 0 || timerfd_settime(session->minute_fd, 0, &timer, NULL))
		return -errno;
	return loop_watch(&session->loop, session->minute_fd);
}

static int start_loop(struct session *session)
{
	const struct session_options *options = session->options;
	int answers = answers_fd(tracer_answers(session->tracer));
	int err = loop_start(&session->loop, options->interval_ns, options->duration_ns,
			     tracer_event_fd(session->tracer));

	if (!err && answers >= 0)
		err = loop_watch(&session->loop, answers);
	return err ?: start_minutes(session);
}

int session_init(struct session *session, const struct session_options *options, struct error *err)
{
	*session = (struct session){ .options = options, .minute_fd = -1 };
	return loop_init(&session->loop, err);
}

int session_open(struct session *session, struct error *err)
{
	struct tracer_options options = session->options->tracer;

	host_describe(&session->host);
	options.isa = session->host.isa;
	options.apicv_off = session->host.apicv.use == APICV_OFF;
	if (preflight(&session->host, err) || check_pids(&options, err) ||
	    tracer_start(&session->tracer, &options, err))
		return -1;
	tracer_name_inhibits(session->tracer, &session->host.apicv);
	host_set_tsc(&session->host, tracer_tsc_khz(session->tracer));
	clock_gettime(CLOCK_REALTIME, &session->start);
	session->start_ns = monotonic_ns();
	session->reader = reader_new(tracer_maps(session->tracer));
	if (!session->reader || start_loop(session))
		return fail(err, STATUS_FAILED, "out of memory or file descriptors");
	return 0;
}

/* Of a process that starts in the same clock tick as we nobody can say that it is younger. */
static void wait_for_tick(void)
{
	const struct timespec pause = { .tv_nsec = NS_PER_SEC / 1000 };
	uint64_t now = process_ticks_now();

	while (process_ticks_now() == now)
		nanosleep(&pause, NULL);
}

int session_start_command(struct session *session, struct error *err)
{
	if (!session->options->command)
		return 0;
	wait_for_tick();
	return child_start(&session->loop.child, session->options->command, &session->loop.old_mask,
			   err);
}

/* A command may take its time to end: what it does then is still counted. */
void session_end_command(struct session *session)
{
	child_end(&session->loop.child, session->loop.signal ?: SIGTERM);
}

void session_close(struct session *session)
{
	reader_free(session->reader);
	tracer_free(session->tracer);
	loop_close(&session->loop);
	if (session->minute_fd >= 0)
		close(session->minute_fd);
}

static int notice(void *arg, uint32_t slot)
{
	return reader_notice(arg, slot);
}

int session_poll_vcpus(struct session *session, bool *due)
{
	int err = tracer_poll(session->tracer, notice, session->reader, due);
	uint64_t minutes;

	if (read(session->minute_fd, &minutes, sizeof(minutes)) == sizeof(minutes))
		*due = true;
	return err;
}

/* A vCPU that ended waits to be harvested: make room for the next. */
int session_take_vcpus(void *arg)
{
	struct session *session = arg;
	struct snapshot now;
	bool due;
	int err;

	err = session_poll_vcpus(session, &due);
	if (err || !due)
		return err;
	err = reader_take(session->reader, &now);
	if (!err)
		snapshot_free(&now);
	return err;
}
