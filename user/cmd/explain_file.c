// SPDX-License-Identifier: GPL-2.0-only
#include <sys/stat.h>

#include "advice/document.h"
#include "advice/print.h"
#include "base/outfile.h"
#include "base/printable.h"
#include "cmd/explain_file.h"
#include "doc/import.h"
#include "doc/part.h"

/* What a file is asked for. */
struct question {
	const char *file, *json;
	const struct findings *findings;
	const char *cut; /* what is missing of it, NULL: nothing */
};

static void print_source(FILE *out, const struct question *question, const struct run *run,
			 const struct facts *facts)
{
	print_line(out, "%s: of Linux %s, %s", question->file, run->host->kernel, run->host->cpu);
	if (question->cut)
		print_line(out, "note: %s: %s", question->file, question->cut);
	fprintf(out, facts->known ? "host: this one, or one like it; it is looked at as it is now\n"
				  : "host: another one, so nothing of it is checked\n");
	if (findings_wrong(question->findings))
		print_line(out, "note: the file was changed after it was written: %s",
			   question->findings->list[0].field);
}

static int write_json(const char *json, const struct advice *advice, struct error *err)
{
	json_t *doc;
	int ret;

	if (!json)
		return 0;
	doc = advice_document(advice);
	if (!doc)
		return fail(err, STATUS_FAILED, "out of memory for the JSON");
	ret = outfile_write(json, doc, err);
	json_decref(doc);
	return ret;
}

static int tell(void *arg, const struct run *run, struct error *err)
{
	const struct question *question = arg;
	FILE *out = outfile_beside(question->json);
	struct facts facts;
	struct advice advice;
	int ret;

	facts_read_of(&facts, run->host);
	if (advice_judge(&advice, run, &facts, false))
		return fail(err, STATUS_FAILED, "out of memory for what is said of %s",
			    question->file);
	print_source(out, question, run, &facts);
	advice_print(out, &advice);
	ret = write_json(question->json, &advice, err);
	advice_free(&advice);
	if (!ret && fflush(out))
		ret = fail(err, STATUS_FAILED, "cannot print what is said of %s", question->file);
	return ret;
}

static int tell_document(struct question *question, struct error *err)
{
	struct findings findings = { 0 };
	struct host_document doc;
	int ret = import_host(&doc, question->file, &findings, err);

	if (!ret) {
		struct run run = host_document_run(&doc);

		question->findings = &findings;
		ret = tell(question, &run, err);
		host_document_free(&doc);
	}
	findings_free(&findings);
	return ret;
}

/* All of it, as far as it goes. */
static int tell_recording(struct question *question, struct frames *frames, struct error *err)
{
	static const struct findings none;
	struct part part;
	int ret = part_find(&part, frames, question->file, &(struct part_times){ 0 }, err);

	question->findings = &none;
	question->cut = ret ? NULL : part.cut;
	return ret ?: part_each(&part, PART_AT_ONCE, tell, question, err);
}

int explain_file(const char *file, const char *json, struct error *err)
{
	struct question question = { .file = file, .json = json };
	struct frames *frames;
	struct stat about;
	int ret;

	if (json && outfile_check(json, err))
		return -1;
	/* A recording is gone through twice, and what a pipe had is gone once it was looked at. */
	if (stat(file, &about) || !S_ISREG(about.st_mode))
		return tell_document(&question, err) ? -1 : STATUS_OK;
	if (frames_open(&frames, file, err))
		return -1;
	ret = frames_are_recorded(frames) ? tell_recording(&question, frames, err)
					  : tell_document(&question, err);
	frames_close(frames);
	return ret ? -1 : STATUS_OK;
}
