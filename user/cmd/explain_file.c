// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "advice/document.h"
#include "advice/print.h"
#include "base/outfile.h"
#include "base/printable.h"
#include "cmd/explain_file.h"
#include "doc/import.h"

/*
 * Of the same kernel on the same CPU: then it is this host, or one of a kind that is set up
 * as this one is, as far as anyone can tell from a document.
 */
static bool is_this_host(const struct host *host)
{
	struct host here;

	host_describe(&here);
	return !strcmp(here.kernel, host->kernel) && !strcmp(here.cpu, host->cpu) &&
	       here.isa == host->isa;
}

static void print_source(FILE *out, const struct host_document *doc, const struct facts *facts,
			 const struct findings *findings)
{
	print_line(out, "%s: of Linux %s, %s", doc->file, doc->host.kernel, doc->host.cpu);
	fprintf(out, facts->known ? "host: this one, or one like it; it is looked at as it is now\n"
				  : "host: another one, so nothing of it is checked\n");
	if (findings_wrong(findings))
		print_line(out, "note: the file was changed after it was written: %s",
			   findings->list[0].field);
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

static int tell(const struct host_document *doc, const struct findings *findings, const char *json,
		struct error *err)
{
	struct run run = host_document_run(doc);
	FILE *out = outfile_beside(json);
	struct facts facts = { 0 };
	struct advice advice;
	int ret;

	if (is_this_host(&doc->host))
		facts_read(&facts, "");
	if (advice_judge(&advice, &run, &facts, false))
		return fail(err, STATUS_FAILED, "out of memory for what is said of %s", doc->file);
	print_source(out, doc, &facts, findings);
	advice_print(out, &advice);
	ret = write_json(json, &advice, err);
	advice_free(&advice);
	if (!ret && fflush(out))
		ret = fail(err, STATUS_FAILED, "cannot print what is said of %s", doc->file);
	return ret;
}

int explain_file(const char *file, const char *json, struct error *err)
{
	struct findings findings = { 0 };
	struct host_document doc;
	int ret = -1;

	if (json && outfile_check(json, err))
		return -1;
	if (!import_host(&doc, file, &findings, err)) {
		ret = tell(&doc, &findings, json, err);
		host_document_free(&doc);
	}
	findings_free(&findings);
	return ret ? -1 : STATUS_OK;
}
