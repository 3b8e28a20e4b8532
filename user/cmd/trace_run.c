// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "cmd/sinks.h"
#include "cmd/trace_run.h"
#include "doc/guest_symbols.h"
#include "trace/session.h"

/* The file first: a closed terminal must not cost the numbers. */
#define MAX_SINKS 3

struct tracing {
	struct session session; /* first: the loop's handlers get both */
	const struct trace_options *options;
	uint64_t last_ns;
	struct snapshot last;	/* at the end of the last interval */
	struct series series;	/* with --snapshots */
	struct answers answers; /* the same, where KVM answers */
	struct guests_symbols symbols;
	struct json_sink json;
	struct text_sink text;
	struct advice_sink advice;
	struct sink *sinks[MAX_SINKS];
	size_t nsinks;
};

/* --- sinks ------------------------------------------------------------------- */

static int begin_sinks(struct tracing *tracing, struct error *err)
{
	const struct trace_options *options = tracing->options;
	FILE *out = outfile_beside(options->host.json);

	if (options->host.json) {
		tracing->json = json_sink(options->host.json);
		tracing->sinks[tracing->nsinks++] = &tracing->json.sink;
	}
	tracing->text = (isatty(fileno(out)) ? terminal_sink : lines_sink)(out, options->by,
									   options->histograms);
	tracing->sinks[tracing->nsinks++] = &tracing->text.sink;
	if (options->explain) {
		tracing->advice = advice_sink(out);
		tracing->sinks[tracing->nsinks++] = &tracing->advice.sink;
	}
	for (size_t i = 0; i < tracing->nsinks; i++)
		if (tracing->sinks[i]->begin && tracing->sinks[i]->begin(tracing->sinks[i], err))
			return -1;
	return 0;
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

	return err ?: session_take_vcpus(&tracing->session);
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
		.sort = options->sort,
		.no_levels = !tracer_tells_levels(tracing->session.tracer),
	};

	clock_gettime(CLOCK_REALTIME, &run.end);
	return run;
}

static int take_interval(void *arg)
{
	struct tracing *tracing = arg;
	struct snapshot now, growth;
	struct point when;
	struct run run;
	int err;

	point_begin(&when);
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
	run = make_run(tracing, &growth, when.start_ns - tracing->last_ns);
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

static int trace(struct tracing *tracing, struct error *err)
{
	struct session *session = &tracing->session;
	const struct loop_handlers handlers = { take_interval, take_events, tracing };
	struct point ended;
	int ret;

	if (session_init(session, &tracing->options->host.session, err) ||
	    read_symbols(tracing, err) || begin_sinks(tracing, err) || session_open(session, err) ||
	    begin(tracing, err) || session_start_command(session, err))
		return -1;
	ret = loop_run(&session->loop, &handlers);
	session_end_command(session);
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
	int ret = trace(&tracing, err);

	snapshot_free(&tracing.last);
	series_free(&tracing.series);
	answers_free(&tracing.answers);
	guests_symbols_free(&tracing.symbols);
	session_close(&tracing.session);
	return ret;
}
