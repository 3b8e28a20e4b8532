// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "export.h"
#include "host.h"
#include "loop.h"
#include "outfile.h"
#include "render.h"
#include "trace.h"
#include "tracer.h"

struct session {
	const struct options *options;
	struct host host;
	struct tracer *tracer;
	struct reader *reader;
	struct loop loop;

	struct timespec start;
	uint64_t start_ns, last_ns;
	struct snapshot last; /* at the end of the last interval */
	struct series series; /* with --snapshots */
	FILE *out;	      /* tables: stdout, or stderr when stdout is the JSON */
	bool live;	      /* out is a terminal */
	bool shown;	      /* an interval has been shown */
};

/* --- set up ------------------------------------------------------------------ */

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
	if (!session->reader || loop_start(&session->loop, options->interval_ns,
					   options->duration_ns, tracer_event_fd(session->tracer)))
		return fail(err, STATUS_FAILED, "out of memory or file descriptors");
	if (take_first(session))
		return fail(err, STATUS_FAILED, "out of memory");
	if (options->command)
		return child_start(&session->loop.child, options->command, &session->loop.old_mask,
				   err);
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

static int show_interval(void *arg)
{
	struct session *session = arg;
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

static int notice(void *arg, uint32_t slot)
{
	return reader_notice(arg, slot);
}

/* A vCPU that ended waits to be harvested: make room for the next. */
static int take_vcpus(void *arg)
{
	struct session *session = arg;
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
	loop_close(&session->loop);
}

int trace(const struct options *options, struct error *err)
{
	bool to_stderr = options->json && !strcmp(options->json, "-");
	struct session session = {
		.options = options,
		.out = to_stderr ? stderr : stdout,
	};
	const struct loop_handlers handlers = { show_interval, take_vcpus, &session };
	struct point ended;
	int ret = -1, run_error;

	session.live = isatty(fileno(session.out));
	if (loop_init(&session.loop, err) || start(&session, err))
		goto out;
	run_error = loop_run(&session.loop, &handlers);
	/* A command may take its time to end: what it does then is still counted. */
	child_end(&session.loop.child, session.loop.signal ?: SIGTERM);
	point_begin(&ended);
	tracer_stop(session.tracer);
	ret = finish(&session, &ended, err);
	if (!ret && run_error && run_error != -EPIPE)
		ret = fail(err, STATUS_FAILED, "stopped early: %s", strerror(-run_error));
	if (!ret && options->command)
		ret = session.loop.child.status;
out:
	close_session(&session);
	return ret;
}
