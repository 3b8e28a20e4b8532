// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/ioctl.h>

#include "advice/print.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "cmd/sinks.h"
#include "doc/host_write.h"
#include "view/csv.h"
#include "view/notes.h"
#include "view/tables.h"

/* --- text ------------------------------------------------------------------- */

static struct screen terminal_size(FILE *out)
{
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return (struct screen){ 24, 80 };
	return (struct screen){ size.ws_row, size.ws_col };
}

static int draw_interval(struct sink *sink, const struct run *growth, const struct snapshot *total)
{
	struct text_sink *text = (struct text_sink *)sink;

	text->shown = true;
	return render_live(text->out, growth, total, text->by, terminal_size(text->out));
}

static int print_interval(struct sink *sink, const struct run *growth, const struct snapshot *total)
{
	struct text_sink *text = (struct text_sink *)sink;
	bool first = !text->shown;

	(void)total;
	text->shown = true;
	return render_lines(text->out, growth, text->by, first);
}

static int summarize(struct text_sink *text, const struct run *run, const char *before,
		     struct error *err)
{
	int ret;

	if (text->shown)
		fputs(before, text->out);
	ret = render_summary(text->out, run, text->by, text->histograms);
	return ret ? fail(err, STATUS_FAILED, "cannot print the summary: %s", strerror(-ret)) : 0;
}

static int end_terminal(struct sink *sink, const struct run *run, struct error *err)
{
	return summarize((struct text_sink *)sink, run, "\033[H\033[J", err);
}

static int end_lines(struct sink *sink, const struct run *run, struct error *err)
{
	return summarize((struct text_sink *)sink, run, "\n", err);
}

struct text_sink terminal_sink(FILE *out, enum group_by by, bool histograms)
{
	return (struct text_sink){
		{ .interval = draw_interval, .end = end_terminal }, out, by, histograms, false
	};
}

struct text_sink lines_sink(FILE *out, enum group_by by, bool histograms)
{
	return (struct text_sink){
		{ .interval = print_interval, .end = end_lines }, out, by, histograms, false
	};
}

/* --- comma-separated values ------------------------------------------------- */

static int print_rows(struct csv_sink *csv, const struct run *growth)
{
	struct run run = *growth;
	bool first = !csv->shown;

	run.start = clock_later(&growth->start, csv->ns);
	csv->shown = true;
	csv->ns += run.ns;
	return csv_print(csv->out, &run, csv->by, first);
}

static int csv_interval(struct sink *sink, const struct run *growth, const struct snapshot *total)
{
	struct csv_sink *csv = (struct csv_sink *)sink;

	snapshot_free(&csv->last);
	return snapshot_copy(&csv->last, total) ?: print_rows(csv, growth);
}

static int print_rest(struct csv_sink *csv, const struct run *whole)
{
	struct run run = *whole;
	struct snapshot growth;
	int ret = snapshot_subtract(&growth, whole->snap, &csv->last);

	if (ret)
		return ret;
	run.snap = &growth;
	run.ns = whole->ns > csv->ns ? whole->ns - csv->ns : 1;
	ret = print_rows(csv, &run);
	snapshot_free(&growth);
	return ret;
}

/* Beside the rows, what a summary says below its tables. */
static int end_csv(struct sink *sink, const struct run *run, struct error *err)
{
	int ret = print_rest((struct csv_sink *)sink, run);

	notes_clock(stderr, run);
	notes_levels(stderr, run);
	if (run->self)
		notes_self(stderr, run);
	notes_losses(stderr, &run->snap->losses);
	return ret ? fail(err, STATUS_FAILED, "cannot print the rows: %s", strerror(-ret)) : 0;
}

struct csv_sink csv_sink(FILE *out, enum group_by by)
{
	return (struct csv_sink){ .sink = { .interval = csv_interval, .end = end_csv },
				  .out = out,
				  .by = by };
}

void csv_sink_free(struct csv_sink *sink)
{
	snapshot_free(&sink->last);
}

/* --- JSON ------------------------------------------------------------------- */

static int begin_json(struct sink *sink, struct error *err)
{
	return outfile_check(((struct json_sink *)sink)->path, err);
}

static int end_json(struct sink *sink, const struct run *run, struct error *err)
{
	json_t *doc = export_json(run);
	int ret;

	if (!doc)
		return fail(err, STATUS_FAILED, "out of memory for the JSON");
	ret = outfile_write(((struct json_sink *)sink)->path, doc, err);
	json_decref(doc);
	return ret;
}

struct json_sink json_sink(const char *path)
{
	return (struct json_sink){ { .begin = begin_json, .end = end_json }, path };
}

/* --- advice ----------------------------------------------------------------- */

static int end_advice(struct sink *sink, const struct run *run, struct error *err)
{
	FILE *out = ((struct advice_sink *)sink)->out;
	struct advice advice;
	struct facts facts;

	facts_read(&facts, "");
	if (advice_judge(&advice, run, &facts, true))
		return fail(err, STATUS_FAILED, "out of memory for --explain");
	fputc('\n', out);
	advice_print(out, &advice);
	advice_free(&advice);
	return fflush(out) ? fail(err, STATUS_FAILED, "cannot print what --explain says") : 0;
}

struct advice_sink advice_sink(FILE *out)
{
	return (struct advice_sink){ { .end = end_advice }, out };
}
