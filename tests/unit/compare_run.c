// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "compare_run.h"
#include "pair_sample.h"
#include "compare/self.h"
#include "unit.h"

static void compare_read(struct compare_run *run)
{
	hostcheck(&run->host, &run->findings);
	guestcheck(&run->guest, &run->findings);
	assert_int_equal(timeline_make(&run->timeline, &run->host, 0), 0);
	run->ret = compare_guest(&run->compared, &run->timeline, &run->guest, &run->findings,
				 &run->err);
}

struct compare_run compare_documents(json_t *host, json_t *guest)
{
	struct compare_run run = { 0 };

	run.ret = hostdoc_read(&run.host, "host", json_incref(host), &run.err);
	run.ret = run.ret ?: guestdoc_read(&run.guest, "guest", json_incref(guest), &run.err);
	if (!run.ret)
		compare_read(&run);
	return run;
}

struct compare_run compare_text(json_t *host, const char *text)
{
	struct compare_run run = { 0 };

	assert_int_equal(hostdoc_read(&run.host, "host", json_incref(host), &run.err), 0);
	run.ret =
		guestdoc_read_text(&run.guest, "text", text, strlen(text), &run.findings, &run.err);
	if (!run.ret)
		compare_read(&run);
	return run;
}

void end_run(struct compare_run *run)
{
	compared_free(&run->compared);
	timeline_free(&run->timeline);
	guestdoc_free(&run->guest);
	hostdoc_free(&run->host);
	findings_free(&run->findings);
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
		if (!run->findings.list[i].explained && !strcmp(run->findings.list[i].field, field))
			return true;
	return false;
}

struct compare_run finish_pair(void)
{
	json_t *host = pair_host(), *guest = pair_guest();
	struct compare_run run = compare_documents(host, guest);

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
