// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <sys/ioctl.h>

#include "advice/print.h"
#include "base/outfile.h"
#include "cmd/sinks.h"
#include "doc/host_write.h"
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
