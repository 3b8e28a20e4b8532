// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/figures.h"
#include "base/printable.h"
#include "cmd/record_sink.h"

/* --- progress ---------------------------------------------------------------------- */

/* Redrawn, so it must fit: of an 80 column terminal the last one stays free. */
static void print_progress(const struct record_sink *record, const struct run *run, bool last)
{
	const struct losses *losses = &run->snap->losses;
	uint64_t lost = losses->map_full + losses->unpaired + losses->missed;
	uint64_t bytes = record->bytes_gone + recording_bytes(record->recording);
	char line[PATH_MAX + 256], time[16], loss[48] = "", fitting[80];

	if (!record->progress)
		return;
	duration(time, sizeof(time), run->ns);
	if (lost)
		snprintf(loss, sizeof(loss), ", %" PRIu64 " LOST", lost);
	snprintf(line, sizeof(line),
		 "%s%s: %zu VMs, %" PRIu64 " exits%s, %" PRIu64 " moments in %.1f KB: %s",
		 last ? "recorded " : "", time, run->snap->nvms, snapshot_count(run->snap), loss,
		 record->moments, (double)bytes / 1000, record->options->path);
	make_printable(line);
	copy_cut(fitting, sizeof(fitting), line);
	fprintf(record->progress, "\r\033[K%s%s", fitting, last ? "\n" : "");
	fflush(record->progress);
}

/* --- files ------------------------------------------------------------------------- */

static int name_file(const struct record_sink *record, char name[PATH_MAX], uint32_t number,
		     struct error *err)
{
	if (snprintf(name, PATH_MAX, "%s.%" PRIu32, record->options->path, number) < PATH_MAX)
		return 0;
	return fail(err, STATUS_FAILED, "%s: the name is too long for --rotate",
		    record->options->path);
}

/* Each gets the next number, and the last is gone. */
static int put_aside(const struct record_sink *record, struct error *err)
{
	const char *path = record->options->path;
	char from[PATH_MAX], to[PATH_MAX];

	for (uint32_t i = record->options->rotate_files; i; i--) {
		if (name_file(record, to, i, err) || (i > 1 && name_file(record, from, i - 1, err)))
			return -1;
		if (rename(i > 1 ? from : path, to) && (errno != ENOENT || i == 1))
			return fail(err, STATUS_FAILED, "cannot rename %s to %s: %s",
				    i > 1 ? from : path, to, strerror(errno));
	}
	return 0;
}

static bool is_full(const struct record_sink *record)
{
	uint64_t now = recording_bytes(record->recording);

	/* Another moment like the last would not fit; the first is larger than others. */
	return record->options->rotate_bytes && record->bytes &&
	       now + (now - record->bytes) > record->options->rotate_bytes;
}

static int add(struct record_sink *record, const struct run *run, bool last, struct error *err)
{
	if (!record->recording && recording_create(&record->recording, record->options->path, err))
		return -1;
	record->bytes = recording_bytes(record->recording);
	return recording_add(record->recording, run, last, err);
}

static int close_file(struct record_sink *record, struct error *err)
{
	struct recording *recording = record->recording;

	record->recording = NULL;
	return recording_close(recording, err);
}

/* This moment ends a file that is whole, and begins the next. */
static int rotate(struct record_sink *record, const struct run *run, struct error *err)
{
	if (add(record, run, true, err))
		return -1;
	record->bytes_gone += recording_bytes(record->recording);
	if (close_file(record, err) || put_aside(record, err))
		return -1;
	return add(record, run, false, err);
}

/* --- the sink ----------------------------------------------------------------------- */

static int begin_record(struct sink *sink, struct error *err)
{
	struct record_sink *record = (struct record_sink *)sink;
	const char *path = record->options->path;
	struct stat st;

	/* Who would look for /dev/null under another name? */
	if (record->options->rotate_bytes && !stat(path, &st) && !S_ISREG(st.st_mode))
		return fail(err, STATUS_FAILED, "--rotate renames files, and %s is none", path);
	record->progress = isatty(STDERR_FILENO) ? stderr : NULL;
	return recording_check(path, err);
}

static int record_interval(struct sink *sink, const struct run *growth,
			   const struct snapshot *total)
{
	struct record_sink *record = (struct record_sink *)sink;
	struct run run = *growth;
	int ret;

	record->ns += growth->ns;
	run.ns = record->ns;
	run.snap = total;
	if (record->recording && is_full(record))
		ret = rotate(record, &run, &record->error);
	else
		ret = add(record, &run, false, &record->error);
	if (ret) {
		record->failed = true;
		return -EIO;
	}
	record->moments++;
	print_progress(record, &run, false);
	return 0;
}

static int end_record(struct sink *sink, const struct run *run, struct error *err)
{
	struct record_sink *record = (struct record_sink *)sink;

	if (record->failed) {
		*err = record->error;
		return -1;
	}
	if (add(record, run, true, err))
		return -1;
	record->moments++;
	print_progress(record, run, true);
	return close_file(record, err);
}

struct record_sink record_sink(const struct record_options *options)
{
	return (struct record_sink){
		.sink = { .begin = begin_record, .interval = record_interval, .end = end_record },
		.options = options,
	};
}

void record_sink_free(struct record_sink *record)
{
	close_file(record, NULL);
}
