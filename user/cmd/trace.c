// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "doc/host_write.h"
#include "base/outfile.h"
#include "view/tables.h"
#include "trace/session.h"
#include "cmd/trace.h"

struct tracing {
	struct session session;
	uint64_t last_ns;
	struct snapshot last;	/* at the end of the last interval */
	struct series series;	/* with --snapshots */
	struct answers answers; /* the same, where KVM answers */
	bool live;		/* the tables go to a terminal */
	bool shown;		/* an interval has been shown */
};

/* --- snapshots --------------------------------------------------------------- */

/* A snapshot that is read; when says when that began. */
static int keep_point(struct tracing *tracing, struct point *when, const struct snapshot *snap,
		      bool last)
{
	if (!tracing->session.options->snapshots)
		return 0;
	when->took_ns = monotonic_ns() - when->start_ns;
	return series_add(&tracing->series, when, snap, last);
}

static int begin(struct tracing *tracing, struct error *err)
{
	struct snapshot snap;
	struct point when;
	int ret;

	tracing->live = isatty(fileno(tracing->session.out));
	tracing->last_ns = tracing->session.start_ns;
	point_begin(&when);
	if (reader_take(tracing->session.reader, &snap))
		return fail(err, STATUS_FAILED, "out of memory");
	ret = keep_point(tracing, &when, &snap, true);
	snapshot_free(&snap);
	return ret ? fail(err, STATUS_FAILED, "out of memory") : 0;
}

static int take_answer(void *arg, const struct exitstat_answer *answer)
{
	return answers_add(arg, answer);
}

static int take_answers(struct tracing *tracing)
{
	return tracer_take_answers(tracing->session.tracer, take_answer, &tracing->answers);
}

static int take_events(void *arg)
{
	struct tracing *tracing = arg;
	int err = take_answers(tracing);

	return err ?: session_take_vcpus(&tracing->session);
}

/* --- while it runs ------------------------------------------------------------- */

static struct run make_run(const struct tracing *tracing, const struct snapshot *snap, uint64_t ns)
{
	struct run run = {
		.host = &tracing->session.host,
		.start = tracing->session.start,
		.ns = ns ? ns : 1,
		.snap = snap,
		.series = tracing->session.options->snapshots ? &tracing->series : NULL,
		.answers = tracer_answers_fd(tracing->session.tracer) < 0 ? NULL
									  : &tracing->answers,
		.filters = tracing->session.options->filters,
		.nfilters = tracing->session.options->nfilters,
	};

	clock_gettime(CLOCK_REALTIME, &run.end);
	return run;
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
	struct tracing *tracing = arg;
	struct snapshot now, growth;
	struct run run;
	struct point when;
	uint64_t ns;
	int err;

	point_begin(&when);
	ns = when.start_ns;
	err = reader_take(tracing->session.reader, &now);
	if (err)
		return err;
	err = keep_point(tracing, &when, &now, false);
	if (!err)
		err = snapshot_subtract(&growth, &now, &tracing->last);
	if (err) {
		snapshot_free(&now);
		return err;
	}
	run = make_run(tracing, &growth, ns - tracing->last_ns);
	if (tracing->live)
		err = render_live(tracing->session.out, &run, &now, tracing->session.options->by,
				  terminal_lines());
	else
		err = render_lines(tracing->session.out, &run, tracing->session.options->by,
				   !tracing->shown);
	tracing->shown = true;
	tracing->last_ns = ns;
	snapshot_free(&growth);
	snapshot_free(&tracing->last);
	tracing->last = now;
	return err;
}

/* --- at the end ------------------------------------------------------------------ */

static int write_json(const struct tracing *tracing, const struct run *run, struct error *err)
{
	json_t *doc = export_json(run);
	int ret;

	if (!doc)
		return fail(err, STATUS_FAILED, "out of memory for the JSON");
	ret = outfile_write(tracing->session.options->json, doc, err);
	json_decref(doc);
	return ret;
}

/*
 * Counting has ended after "ended". The file first: a closed terminal must not cost
 * the numbers.
 */
static int finish(struct tracing *tracing, struct point *ended, struct error *err)
{
	const struct options *options = tracing->session.options;
	struct snapshot snap;
	struct run run;
	struct self self;
	int ret = 0;

	if (take_answers(tracing) || reader_take(tracing->session.reader, &snap))
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	tracing->answers.dropped += tracer_answers_dropped(tracing->session.tracer);
	if (keep_point(tracing, ended, &snap, true)) {
		snapshot_free(&snap);
		return fail(err, STATUS_FAILED, "out of memory for the snapshots");
	}
	run = make_run(tracing, &snap, monotonic_ns() - tracing->session.start_ns);
	if (options->self) {
		tracer_read_self(tracing->session.tracer, &self);
		self.process_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		run.self = &self;
	}
	if (options->json)
		ret = write_json(tracing, &run, err);
	if (tracing->live && tracing->shown)
		fprintf(tracing->session.out, "\033[H\033[J");
	else if (tracing->shown)
		fputc('\n', tracing->session.out);
	if (render_summary(tracing->session.out, &run, options->by, options->histograms) && !ret)
		ret = fail(err, STATUS_FAILED, "cannot print the summary: %s", strerror(errno));
	snapshot_free(&snap);
	return ret;
}

int trace(const struct options *options, struct error *err)
{
	struct tracing tracing = { 0 };
	struct session *session = &tracing.session;
	const struct loop_handlers handlers = { show_interval, take_events, &tracing };
	struct point ended;
	int ret = -1, run_error;

	if (session_open(session, options, err) || begin(&tracing, err) ||
	    session_start_command(session, err))
		goto out;
	run_error = loop_run(&session->loop, &handlers);
	session_end_command(session);
	point_begin(&ended);
	tracer_stop(session->tracer);
	ret = finish(&tracing, &ended, err);
	if (!ret && run_error && run_error != -EPIPE)
		ret = fail(err, STATUS_FAILED, "stopped early: %s", strerror(-run_error));
	if (!ret && options->command)
		ret = session->loop.child.status;
out:
	snapshot_free(&tracing.last);
	series_free(&tracing.series);
	answers_free(&tracing.answers);
	session_close(session);
	return ret;
}
