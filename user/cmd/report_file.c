// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/outfile.h"
#include "base/printable.h"
#include "cmd/report_file.h"
#include "cmd/report_html.h"
#include "doc/host_write.h"
#include "model/settle.h"
#include "view/csv.h"
#include "view/notes.h"
#include "view/tables.h"

struct report {
	const struct report_options *options;
	struct part part;
	FILE *out;	      /* tables, or rows */
	FILE *aside;	      /* what is said beside them */
	bool shown;	      /* a piece has been */
	bool lost;	      /* what a piece says that was not counted, */
	struct losses losses; /* of all pieces */
	uint64_t under_way;   /* exits that are in the document of a part, and of the one before */
};

/* --- beside the numbers ---------------------------------------------------------------- */

static double seconds(uint64_t ns)
{
	return (double)ns / (double)NS_PER_SEC;
}

static void time_text(char text[32], const struct timespec *when)
{
	struct tm tm;

	if (!localtime_r(&when->tv_sec, &tm) || !strftime(text, 32, "%Y-%m-%d %H:%M:%S", &tm))
		strcpy(text, "-");
}

static void print_part(const struct report *report)
{
	const struct part *part = &report->part;
	const struct timespec start = clock_later(&frames_head(part->frames)->start, part->from_ns);
	char text[32];

	if (part->whole)
		return;
	time_text(text, &start);
	print_line(report->aside, "part: from %.3f s (%s) to %.3f s, of %.3f s%s",
		   seconds(part->from_ns), text, seconds(part->to_ns), seconds(part->end_ns),
		   part->moved ? ": what was asked for, as far as the file has frames" : "");
}

static void print_source(const struct report *report)
{
	const struct run *head = frames_head(report->part.frames);
	char text[32];

	time_text(text, &head->start);
	print_line(report->aside, "%s: of Linux %s, %s; from %s, %.1f s", report->part.file,
		   head->host->kernel, head->host->cpu, text, seconds(report->part.end_ns));
	if (report->part.cut)
		print_line(report->aside, "note: %s: %s", report->part.file, report->part.cut);
	print_part(report);
}

/* What is not known of a part, and reads as if it were. */
static void print_unknown(const struct report *report)
{
	const struct report_options *options = report->options;
	const struct part *part = &report->part;

	if (part->plain)
		print_line(report->aside,
			   "note: the snapshots of %s have counts and times only: of a part no "
			   "distribution, detail or split is known, nor what went to L1",
			   part->file);
	if (part->from_ns && !part->plain && frames_head(part->frames)->nslowest)
		print_line(report->aside,
			   "note: the slowest exits of this part are those that were among the %u "
			   "slowest of the run until then",
			   frames_head(part->frames)->nslowest);
	if (report->under_way)
		print_line(report->aside,
			   "note: %" PRIu64 " exits that were under way when the part began are in "
			   "its document, and in that of the part before it",
			   report->under_way);
	if (options->selection.npids || options->selection.nvcpus)
		print_line(report->aside, "note: losses are of all VMs");
}

/* --- what is asked for of it ------------------------------------------------------------ */

static int show_piece(struct report *report, const struct run *run, struct error *err)
{
	const struct report_options *options = report->options;
	enum group_by by = options->tables.by;
	bool first = !report->shown;
	int ret;

	report->shown = true;
	if (options->csv)
		ret = csv_print(report->out, run, by, first);
	else if (options->per_ns)
		ret = render_lines(report->out, run, by, first);
	else
		ret = render_summary(report->out, run, by, options->histograms);
	return ret ? fail(err, STATUS_FAILED, "cannot print the report: %s", strerror(-ret)) : 0;
}

/* A summary says it itself. */
static void add_losses(struct report *report, const struct losses *losses)
{
	report->losses.map_full += losses->map_full;
	report->losses.unpaired += losses->unpaired;
	report->losses.missed += losses->missed;
	report->losses.keys += losses->keys;
	report->lost |= report->options->csv || report->options->per_ns;
}

int report_narrow(const struct report_options *options, const struct run *whole, struct run *run,
		  struct snapshot *selected, struct error *err)
{
	*run = *whole;
	*selected = (struct snapshot){ 0 };
	table_options_apply(&options->tables, run);
	run->filters = options->filters;
	run->nfilters = options->nfilters;
	run->slowest_idle |= options->nfilters > 0;
	if (!options->selection.npids && !options->selection.nvcpus && !options->nfilters)
		return 0;
	/* Those are held against all that a guest has. */
	run->series = NULL;
	run->answers = NULL;
	if (snapshot_select(selected, whole->snap, &options->selection))
		return fail(err, STATUS_FAILED, "out of memory for %s", options->file);
	run->snap = selected;
	return 0;
}

static int take_piece(void *arg, const struct run *whole, struct error *err)
{
	struct report *report = arg;
	struct snapshot selected;
	struct run run;
	int ret = report_narrow(report->options, whole, &run, &selected, err);

	add_losses(report, &run.snap->losses);
	if (!ret)
		ret = show_piece(report, &run, err);
	snapshot_free(&selected);
	return ret;
}

/* A document is of a run of its own. */
static int settle(struct report *report, struct run *run, struct snapshot *selected,
		  struct error *err)
{
	if (run->snap != selected && snapshot_copy(selected, run->snap))
		return fail(err, STATUS_FAILED, "out of memory for %s", report->part.file);
	run->snap = selected;
	report->under_way = snapshot_settle(selected);
	return 0;
}

static int take_document(void *arg, const struct run *whole, struct error *err)
{
	struct report *report = arg;
	struct snapshot selected;
	json_t *doc = NULL;
	struct run run;
	int ret;

	if (report->part.plain)
		return fail(err, STATUS_CANNOT,
			    "--json: the snapshots of %s have no distributions, so there is no "
			    "document of a part: leave out --from and --to",
			    report->part.file);
	ret = report_narrow(report->options, whole, &run, &selected, err);
	if (!ret && !report->part.whole)
		ret = settle(report, &run, &selected, err);
	if (!ret) {
		doc = export_json(&run);
		ret = doc ? outfile_write(report->options->json, doc, err)
			  : fail(err, STATUS_FAILED, "out of memory for the JSON");
	}
	json_decref(doc);
	snapshot_free(&selected);
	return ret;
}

static int show(struct report *report, struct error *err)
{
	const struct report_options *options = report->options;
	uint64_t every_ns = options->per_ns ?: PART_AT_ONCE;

	if (options->html)
		return report_html(options, &report->part, err) ? -1 : STATUS_OK;
	print_source(report);
	if (!options->csv)
		fputc('\n', report->out);
	/* The file first: a closed terminal must not cost the numbers. */
	if (options->json && part_each(&report->part, PART_AT_ONCE, take_document, report, err))
		return -1;
	if (part_each(&report->part, every_ns, take_piece, report, err))
		return -1;
	print_unknown(report);
	if (report->lost)
		notes_losses(report->aside, &report->losses);
	if (fflush(report->out) || fflush(report->aside))
		return fail(err, STATUS_FAILED, "cannot print the report");
	return STATUS_OK;
}

/* A column that only --split fills, of a run without it, would be empty. */
static int check_split(const struct report *report, const struct run *head, struct error *err)
{
	const char *column, *option = table_options_need_split(&report->options->tables, &column);

	if (!option || head->parts)
		return 0;
	return fail(err, STATUS_CANNOT, "%s %s: %s was written without --split", option, column,
		    report->options->file);
}

int report_file(const struct report_options *options, struct error *err)
{
	FILE *out = outfile_beside(options->json);
	struct report report = { .options = options, .out = out, .aside = out };
	struct frames *frames;
	int ret;

	if (options->csv)
		report.aside = stderr;
	if (options->json && outfile_check(options->json, err))
		return -1;
	if (options->html && outfile_check(options->html, err))
		return -1;
	if (frames_open(&frames, options->file, err))
		return -1;
	ret = part_find(&report.part, frames, options->file, &options->times, err);
	if (!ret)
		ret = check_split(&report, frames_head(frames), err);
	if (!ret)
		ret = show(&report, err);
	frames_close(frames);
	return ret;
}
