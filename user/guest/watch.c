// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/outfile.h"
#include "doc/guest_write.h"
#include "guest/growth.h"
#include "guest/show.h"
#include "guest/watch.h"

struct session {
	const struct guest_options *options;
	struct source *source;
	struct plan plan;
	struct show show;
	/* The first and the last few; with --json all of them. */
	struct reading *readings;
	size_t nreadings;
	uint64_t taken;
	sigset_t signals; /* that end it */
};

static int fail_print(int err_number, struct error *err)
{
	return fail(err, STATUS_FAILED, "cannot print: %s", strerror(-err_number));
}

static void forget(struct session *session, size_t i)
{
	reading_free(&session->readings[i]);
	session->nreadings--;
	memmove(&session->readings[i], &session->readings[i + 1],
		(session->nreadings - i) * sizeof(*session->readings));
}

/* --- one after the other ------------------------------------------------------------- */

/* It is not among the readings: what is shown and written has only grown. */
static int fail_growth(struct session *session, const struct reading *now, struct error *err)
{
	const struct reading *before = &session->readings[session->nreadings - 1];
	struct reading again;

	if (reading_take(&again, &session->plan, session->source, err))
		return -1;
	growth_fail(before, now, &again, session->plan.who.isa, err);
	reading_free(&again);
	return -1;
}

static int keep(struct session *session, struct reading *next, struct error *err)
{
	struct reading *now;
	int ret;

	now = array_append(&session->readings, &session->nreadings, sizeof(*next));
	if (!now) {
		reading_free(next);
		return fail(err, STATUS_FAILED, "out of memory");
	}
	*now = *next;
	now->number = ++session->taken;
	ret = now->number == 1 ? show_reading(&session->show, now)
			       : show_growth(&session->show, now - 1, now);
	if (!session->options->json && session->nreadings > SHOW_READINGS)
		forget(session, 1);
	return ret ? fail_print(ret, err) : 0;
}

static int take(struct session *session, struct error *err)
{
	struct reading next;

	if (reading_take(&next, &session->plan, session->source, err))
		return -1;
	if (!session->nreadings || growth_holds(&session->readings[session->nreadings - 1], &next))
		return keep(session, &next, err);
	fail_growth(session, &next, err);
	reading_free(&next);
	return -1;
}

/* Wait until then; whether a signal came before. */
static bool is_stopped(const struct session *session, uint64_t until_ns)
{
	for (;;) {
		uint64_t now = monotonic_ns(), left = until_ns > now ? until_ns - now : 0;
		struct timespec timeout = { (time_t)(left / NS_PER_SEC),
					    (long)(left % NS_PER_SEC) };

		if (sigtimedwait(&session->signals, NULL, &timeout) > 0)
			return true;
		if (errno == EAGAIN)
			return false;
	}
}

static int take_all(struct session *session, struct error *err)
{
	const struct guest_options *options = session->options;
	uint64_t next_ns = monotonic_ns();

	for (;;) {
		if (take(session, err))
			return -1;
		if (!options->watch_ns || session->taken == options->count)
			return 0;
		next_ns += options->watch_ns;
		if (is_stopped(session, next_ns))
			return 0;
	}
}

/* --- at the end ------------------------------------------------------------------------ */

static int write_json(const struct session *session, struct error *err)
{
	struct host guest;
	json_t *doc;
	int ret;

	host_describe(&guest);
	doc = document_make(&guest, &session->plan, session->options->all, session->readings,
			    session->nreadings);
	if (!doc)
		return fail(err, STATUS_FAILED, "out of memory for the JSON");
	ret = outfile_write(session->options->json, doc, err);
	json_decref(doc);
	return ret;
}

/* The file first: a closed terminal must not cost the numbers. */
static int finish(struct session *session, struct error *err)
{
	int ret;

	if (!session->nreadings)
		return 0;
	if (session->options->json && write_json(session, err))
		return -1;
	if (session->nreadings < 2)
		return 0;
	while (session->nreadings > SHOW_READINGS)
		forget(session, 1);
	ret = show_readings(&session->show, session->readings, session->nreadings);
	return ret ? fail_print(ret, err) : 0;
}

/* From the start, so that no signal costs what has been read. */
static void block_signals(struct session *session)
{
	sigemptyset(&session->signals);
	sigaddset(&session->signals, SIGINT);
	sigaddset(&session->signals, SIGTERM);
	sigaddset(&session->signals, SIGHUP);
	if (session->options->watch_ns)
		sigprocmask(SIG_BLOCK, &session->signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int watch(const struct guest_options *options, struct source *source, struct error *err)
{
	struct session session = {
		.options = options,
		.source = source,
		.show = { outfile_beside(options->json), &session.plan, options->all },
	};
	struct error late;
	int ret = -1;

	block_signals(&session);
	if (plan_make(&session.plan, source, options->filters, options->nfilters, err))
		return -1;
	if (options->json && outfile_check(options->json, err))
		goto out;
	ret = take_all(&session, err);
	/* What went wrong first is what is told. */
	if (finish(&session, ret ? &late : err))
		ret = -1;
out:
	while (session.nreadings)
		forget(&session, session.nreadings - 1);
	free(session.readings);
	plan_free(&session.plan);
	return ret;
}
