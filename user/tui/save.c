// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/outfile.h"
#include "doc/host_write.h"
#include "doc/recording_write.h"
#include "tui/rows.h"
#include "tui/save.h"

void save_name(const struct tui *tui, char name[TUI_TEXT])
{
	struct tm tm;

	if (!localtime_r(&tui->shown.to.tv_sec, &tm) ||
	    !strftime(name, TUI_TEXT, "exitstat-%Y%m%d-%H%M%S.json", &tm))
		snprintf(name, TUI_TEXT, "exitstat.json");
}

/* The VM, vCPU and reason that are on show, or all of them. */
static int write_json(struct tui *tui, const char *path, struct error *err)
{
	const struct place *place = state_place(tui);
	struct reason_filter only = { .is_number = true, .code = place->reason.reason };
	struct run run = state_run(tui);
	struct part part;
	json_t *doc;
	int ret;

	part_make(&part, run.snap, &place->scope);
	run.snap = &part.snap;
	if (place->one_reason) {
		run.filters = &only;
		run.nfilters = 1;
	}
	doc = export_json(&run);
	if (!doc)
		return fail(err, STATUS_FAILED, "out of memory for the JSON");
	ret = outfile_check(path, err) ?: outfile_write(path, doc, err);
	json_decref(doc);
	return ret;
}

static int add_moment(struct tui *tui, struct recording *recording, size_t i, bool last,
		      struct error *err)
{
	const struct moment *moment = &tui->history.moments[i];
	struct run run = tui->run;
	struct snapshot snap;
	int ret;

	if (moment_unpack(moment, &snap))
		return fail(err, STATUS_FAILED, "out of memory for the recording");
	run.host = &tui->host;
	run.end = moment->time;
	run.ns = moment->ns;
	run.snap = &snap;
	run.self = moment->has_self ? &moment->self : NULL;
	ret = recording_add(recording, &run, last, err);
	snapshot_free(&snap);
	return ret;
}

/* All that is kept, up to the moment on show. */
static int write_recording(struct tui *tui, const char *path, struct error *err)
{
	size_t at = state_moment(tui);
	struct recording *recording;
	struct error later;
	int ret = recording_create(&recording, path, err);

	if (ret)
		return ret;
	for (size_t i = 0; !ret && i <= at; i++)
		ret = add_moment(tui, recording, i, i == at, err);
	return recording_close(recording, ret ? &later : err) ? -1 : ret;
}

int save_write(struct tui *tui, const char *path, struct error *err)
{
	size_t n = strlen(path), ending = strlen(SAVE_RECORDING);

	/* The screen is in the way. */
	if (!n || !strcmp(path, "-"))
		return fail(err, STATUS_FAILED, "a file is needed");
	if (n >= ending && !strcmp(path + n - ending, SAVE_RECORDING))
		return write_recording(tui, path, err);
	return write_json(tui, path, err);
}
