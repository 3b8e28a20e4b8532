// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_run.h"
#include "pair_sample.h"
#include "doc/cpuid_text.h"
#include "unit.h"

static void compare_read(struct compare_run *run)
{
	run->timeline = timeline_of(&run->host, &run->host.snap.vms[0]);
	run->ret = compare_guest(&run->compared, &run->timeline, &run->guest, &run->findings,
				 &run->err);
	assert_int_equal(run->findings.no_memory, 0);
}

struct compare_run *compare_documents(json_t *host, json_t *guest)
{
	struct compare_run *run = calloc(1, sizeof(*run));

	assert_non_null(run);
	run->ret = host_read(&run->host, "host", host, &run->err);
	run->ret = run->ret ?: guest_read(&run->guest, "guest", guest, &run->err);
	if (!run->ret)
		compare_read(run);
	return run;
}

struct compare_run *compare_text(json_t *host, const char *text)
{
	struct compare_run *run = calloc(1, sizeof(*run));

	assert_non_null(run);
	assert_int_equal(host_read(&run->host, "host", host, &run->err), 0);
	run->ret =
		cpuid_text_read(&run->guest, "text", text, strlen(text), &run->findings, &run->err);
	if (!run->ret)
		compare_read(run);
	return run;
}

void end_run(struct compare_run *run)
{
	compared_free(&run->compared);
	guest_doc_free(&run->guest);
	host_document_free(&run->host);
	findings_free(&run->findings);
	free(run);
}

void expect_agreement(struct compare_run *run)
{
	if (run->ret)
		fail_msg("%s", run->err.text);
	for (size_t i = 0; i < run->findings.n; i++) {
		const struct finding *f = &run->findings.list[i];

		fail_msg("%s: %s is %s, not %s: %s", f->file, f->field, f->value, f->expected,
			 f->why);
	}
	assert_true(run->compared.checked > 0);
	assert_int_equal(run->compared.wrong + run->compared.explained, 0);
}

bool names(const struct compare_run *run, const char *field)
{
	for (size_t i = 0; i < run->findings.n; i++)
		if (run->findings.list[i].verdict == VERDICT_DISAGREE &&
		    !strcmp(run->findings.list[i].field, field))
			return true;
	return false;
}

struct compare_run *finish_pair(void)
{
	json_t *host = pair_host(), *guest = pair_guest();
	struct compare_run *run = compare_documents(host, guest);

	json_decref(host);
	json_decref(guest);
	pair_end();
	return run;
}

bool has_note(const struct compare_run *run, const char *text)
{
	for (size_t i = 0; i < run->compared.nnotes; i++)
		if (strstr(run->compared.notes[i], text))
			return true;
	return false;
}
