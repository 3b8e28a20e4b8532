// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "base/tail.h"
#include "cmd/record_sink.h"
#include "cmd/screen.h"
#include "cmd/sinks.h"
#include "cmd/trace_run.h"
#include "doc/guest_symbols.h"
#include "trace/session.h"

/* The file first: a closed terminal must not cost the numbers. */
#define MAX_SINKS 4

#define INTERVALS_UNACCOUNTED 15

struct tracing {
	struct session session; /* first: the loop's handlers get both */
	const struct trace_options *options;
	struct session_options session_options;
	uint64_t last_ns;
	struct snapshot last;	/* at the end of the last interval */
	struct series series;	/* with --snapshots */
	struct answers answers; /* the same, where KVM answers */
	struct guests_symbols symbols;
	struct json_sink json;
	struct record_sink record;
	struct text_sink text;
	struct csv_sink csv;
	struct advice_sink advice;
	bool has_screen;
	struct screen screen;
	bool accounting;	  /* what tracing costs is measured now, */
	uint64_t accounted_runs;  /* and these were before */
	unsigned int unaccounted; /* intervals since it was not */
	struct tail tail;	  /* of what the command prints meanwhile */
	struct sink *sinks[MAX_SINKS];
	size_t nsinks;
};

/* --- sinks ------------------------------------------------------------------- */

static int begin_each(struct tracing *tracing, struct error *err)
{
	for (size_t i = 0; i < tracing->nsinks; i++)
		if (tracing->sinks[i]->begin && tracing->sinks[i]->begin(tracing->sinks[i], err))
			return -1;
	return 0;
}

/* No tables: its own progress goes to the terminal. */
static int begin_recording(struct tracing *tracing, struct error *err)
{
	tracing->record = record_sink(&tracing->options->record);
	tracing->sinks[tracing->nsinks++] = &tracing->record.sink;
	return begin_each(tracing, err);
}

static int begin_sinks(struct tracing *tracing, struct error *err)
{
	const struct trace_options *options = tracing->options;
	FILE *out = outfile_beside(options->host.json);

	if (options->host.json) {
		tracing->json = json_sink(options->host.json);
		tracing->sinks[tracing->nsinks++] = &tracing->json.sink;
	}
	if (options->record.path)
		return begin_recording(tracing, err);
	if (options->csv) {
		tracing->csv = csv_sink(out, options->tables.by);
		tracing->sinks[tracing->nsinks++] = &tracing->csv.sink;
		return begin_each(tracing, err);
	}
	tracing->text = (isatty(fileno(out)) ? terminal_sink : lines_sink)(out, options->tables.by,
									   options->histograms);
	if (tracing->has_screen) {
		tracing->sinks[tracing->nsinks++] = &tracing->screen.sink;
		/* After it comes the summary alone. */
		tracing->text.sink.interval = NULL;
	}
	if (!options->only_screen || !tracing->has_screen)
		tracing->sinks[tracing->nsinks++] = &tracing->text.sink;
	if (options->explain) {
		tracing->advice = advice_sink(out);
		tracing->sinks[tracing->nsinks++] = &tracing->advice.sink;
	}
	return begin_each(tracing, err);
}

static int show_interval(struct tracing *tracing, const struct run *growth,
			 const struct snapshot *total)
{
	int err = 0;

	for (size_t i = 0; i < tracing->nsinks && !err; i++)
		if (tracing->sinks[i]->interval)
			err = tracing->sinks[i]->interval(tracing->sinks[i], growth, total);
	return err;
}

/* All of them, whatever comes of one; what went wrong first is what is told. */
static int end_sinks(struct tracing *tracing, const struct run *run, struct error *err)
{
	struct error later;
	int ret = 0;

	for (size_t i = 0; i < tracing->nsinks; i++)
		if (tracing->sinks[i]->end &&
		    tracing->sinks[i]->end(tracing->sinks[i], run, ret ? &later : err))
			ret = -1;
	return ret;
}

/* --- snapshots --------------------------------------------------------------- */

/* A snapshot that is read; when says when that began. */
static int keep_point(struct tracing *tracing, struct point *when, const struct snapshot *snap,
		      bool last)
{
	if (!tracing->options->snapshots)
		return 0;
	when->took_ns = monotonic_ns() - when->start_ns;
	return series_add(&tracing->series, when, snap, last);
}

static int begin(struct tracing *tracing, struct error *err)
{
	struct snapshot snap;
	struct point when;
	int ret;

	tracing->last_ns = tracing->session.start_ns;
	if (tracing->has_screen)
		tracing->accounting = !tracer_account(tracing->session.tracer, true);
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
	return answers_take(tracer_answers(tracing->session.tracer), take_answer,
			    &tracing->answers);
}

static int take_events(void *arg)
{
	struct tracing *tracing = arg;
	int err = take_answers(tracing);

	err = err ?: session_take_vcpus(&tracing->session);
	if (err || !tracing->has_screen)
		return err;
	if (tracing->session.loop.child.output)
		tail_read(&tracing->tail);
	return screen_events(&tracing->screen);
}

/* --- while it runs ------------------------------------------------------------- */

static struct run make_run(const struct tracing *tracing, const struct snapshot *snap, uint64_t ns)
{
	const struct trace_options *options = tracing->options;
	bool has_answers = answers_fd(tracer_answers(tracing->session.tracer)) >= 0;
	struct run run = {
		.host = &tracing->session.host,
		.start = tracing->session.start,
		.start_ns = tracing->session.start_ns,
		.ns = ns ? ns : 1,
		.snap = snap,
		.series = options->snapshots ? &tracing->series : NULL,
		.answers = has_answers ? &tracing->answers : NULL,
		.filters = options->filters,
		.nfilters = options->nfilters,
		.kinds = options->host.session.tracer.kinds,
		.parts = tracer_parts(tracing->session.tracer),
		.nslowest = options->host.session.tracer.nslowest,
		.slowest_idle = options->nfilters > 0,
		.no_levels = !tracer_tells_levels(tracing->session.tracer),
	};

	table_options_apply(&options->tables, &run);
	clock_gettime(CLOCK_REALTIME, &run.end);
	return run;
}

static uint64_t runs_of(const struct self *self)
{
	uint64_t runs = 0;

	for (size_t i = 0; i < self->nprograms; i++)
		runs += self->programs[i].runs;
	return runs;
}

/*
 * What it costs, which the screen shows. The kernel's account costs two readings of the clock
 * a program: it is on for one interval in sixteen, or until there was an exit in one.
 */
static void add_cost(struct tracing *tracing, struct run *run, struct self *self)
{
	struct tracer *tracer = tracing->session.tracer;

	if (!tracing->has_screen ||
	    (!tracing->accounting && ++tracing->unaccounted < INTERVALS_UNACCOUNTED))
		return;
	if (tracer_read_self(tracer, self))
		return;
	self->process_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	run->self = self;
	if (!tracing->accounting) {
		tracing->accounting = !tracer_account(tracer, true);
		tracing->accounted_runs = runs_of(self);
	} else if (runs_of(self) > tracing->accounted_runs &&
		   !tracing->options->host.session.tracer.self) {
		tracing->accounting = false;
		tracing->unaccounted = 0;
		tracer_account(tracer, false);
	}
}

static int take_interval(void *arg)
{
	struct tracing *tracing = arg;
	struct self self;
	struct snapshot now, growth;
	struct point when;
	struct run run;
	int err;

	point_begin(&when);
	err = reader_take(tracing->session.reader, &now);
	if (err)
		return err;
	/* Else they are named at the end. */
	if (tracing->options->record.path || tracing->has_screen)
		guests_symbols_apply(&tracing->symbols, &now);
	err = keep_point(tracing, &when, &now, false);
	if (!err)
		err = snapshot_subtract(&growth, &now, &tracing->last);
	if (err) {
		snapshot_free(&now);
		return err;
	}
	run = make_run(tracing, &growth, when.start_ns - tracing->last_ns);
	add_cost(tracing, &run, &self);
	err = show_interval(tracing, &run, &now);
	tracing->last_ns = when.start_ns;
	snapshot_free(&growth);
	snapshot_free(&tracing->last);
	tracing->last = now;
	return err;
}

/* --- at the end ------------------------------------------------------------------ */

/* Counting has ended after "ended". */
static int finish(struct tracing *tracing, struct point *ended, struct error *err)
{
	struct tracer *tracer = tracing->session.tracer;
	struct snapshot snap;
	struct self self;
	struct run run;
	int ret, told = 0;

	if (take_answers(tracing) || reader_take(tracing->session.reader, &snap))
		return fail(err, STATUS_FAILED, "out of memory for the summary");
	tracing->answers.dropped += tracer_answers_dropped(tracer);
	if (keep_point(tracing, ended, &snap, true)) {
		snapshot_free(&snap);
		return fail(err, STATUS_FAILED, "out of memory for the snapshots");
	}
	guests_symbols_apply(&tracing->symbols, &snap);
	run = make_run(tracing, &snap, monotonic_ns() - tracing->session.start_ns);
	run.clock_set_ns = clock_was_set(&run.start, run.ns, &run.end);
	if (tracing->options->host.session.tracer.self) {
		told = tracer_read_self(tracer, &self);
		self.process_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
		run.self = told ? NULL : &self;
	}
	ret = end_sinks(tracing, &run, err);
	snapshot_free(&snap);
	if (!ret && told)
		return fail(
			err, STATUS_FAILED,
			"the kernel does not tell of its programs (%s): all but --self is there",
			strerror(-told));
	return ret;
}

/* Before anything is traced: a file that cannot be read must not cost a run. */
static int read_symbols(struct tracing *tracing, struct error *err)
{
	const struct trace_options *options = tracing->options;

	for (size_t i = 0; i < options->nsymbols; i++)
		if (guest_symbols_read(&tracing->symbols, options->symbols[i], err))
			return -1;
	return 0;
}

/* A VM that is written in another way than it is called would not be noticed. */
static void tell_unused(const struct guests_symbols *symbols)
{
	for_each_element(guest, symbols->list, symbols->n)
		if (!guest->used)
			fprintf(stderr,
				"exitstat-bpf: --guest-symbols: no VM is called '%s' or has that "
				"pid: it names nothing\n",
				guest->vm);
}

/* --- the screen -------------------------------------------------------------------- */

static void init_screen(struct tracing *tracing)
{
	const struct trace_options *options = tracing->options;

	tracing->session_options = options->host.session;
	if (!options->screen || !screen_is_able() ||
	    (options->host.json && !strcmp(options->host.json, "-")))
		return;
	tracing->has_screen = true;
	screen_init(&tracing->screen, options->host.session.interval_ns, options->tables.sort);
}

/* A command would draw over it: what it prints waits. */
static int begin_command(struct tracing *tracing, struct error *err)
{
	struct session *session = &tracing->session;
	int ret = 0;

	if (tracing->has_screen && session->options->command) {
		ret = tail_init(&tracing->tail);
		ret = ret ?: loop_watch(&session->loop, tracing->tail.in);
		session->loop.child.output = tracing->tail.out;
	}
	if (ret)
		return fail(err, STATUS_FAILED, "no pipe for the command: %s", strerror(-ret));
	return session_start_command(session, err);
}

static int open_screen(struct tracing *tracing, struct error *err)
{
	struct loop *loop = &tracing->session.loop;
	int ret = tracing->has_screen ? loop_watch(loop, STDIN_FILENO) : 0;

	if (ret)
		return fail(err, STATUS_FAILED, "cannot watch the keys: %s", strerror(-ret));
	return tracing->has_screen ? screen_open(&tracing->screen, loop, err) : 0;
}

static void close_screen(struct tracing *tracing)
{
	if (tracing->has_screen)
		screen_close(&tracing->screen);
	if (tracing->session.loop.child.output) {
		while (tail_read(&tracing->tail))
			;
		tail_write(&tracing->tail, STDOUT_FILENO);
		tracing->session.loop.child.output = 0;
	}
}

/* --- all of it ---------------------------------------------------------------------- */

static int run_loop(struct tracing *tracing)
{
	const struct loop_handlers handlers = { take_interval, take_events, tracing };
	struct session *session = &tracing->session;
	int ret = loop_run(&session->loop, &handlers);

	session_end_command(session);
	close_screen(tracing);
	return ret;
}

static int trace(struct tracing *tracing, struct error *err)
{
	struct session *session = &tracing->session;
	struct point ended;
	int ret;

	if (session_init(session, &tracing->session_options, err) || read_symbols(tracing, err) ||
	    begin_sinks(tracing, err) || session_open(session, err) || begin(tracing, err) ||
	    open_screen(tracing, err) || begin_command(tracing, err))
		return -1;
	ret = run_loop(tracing);
	point_begin(&ended);
	tracer_stop(session->tracer);
	if (finish(tracing, &ended, err))
		return -1;
	tell_unused(&tracing->symbols);
	if (ret && ret != -EPIPE)
		return fail(err, STATUS_FAILED, "stopped early: %s", strerror(-ret));
	return session->options->command ? session->loop.child.status : STATUS_OK;
}

int trace_run(const struct trace_options *options, struct error *err)
{
	struct tracing tracing = { .options = options };
	int ret;

	init_screen(&tracing);
	ret = trace(&tracing, err);
	close_screen(&tracing);
	tail_free(&tracing.tail);
	record_sink_free(&tracing.record);
	snapshot_free(&tracing.last);
	series_free(&tracing.series);
	answers_free(&tracing.answers);
	guests_symbols_free(&tracing.symbols);
	csv_sink_free(&tracing.csv);
	session_close(&tracing.session);
	return ret;
}
