// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/outfile.h"
#include "cmd/serve_http.h"
#include "cmd/serve_run.h"
#include "metrics/exposure.h"
#include "trace/session.h"

/* For what must not wait for the next request. */
#define TICK_NS NS_PER_SEC

/* Ends of vCPUs are told; should that have failed, they are found so much later. */
#define TAKE_NS (15 * NS_PER_SEC)

struct serving {
	struct session session; /* first: the loop's handlers get both */
	const struct serve_options *options;
	struct session_options session_options;
	struct fleet fleet;
	struct snapshot losses; /* of the last snapshot nothing else */
	uint64_t taken_ns;
	struct http *http; /* NULL: only a file is written */
	uint64_t next_write_ns;
	bool write_failed; /* the last time */
};

/* --- what there is to tell ------------------------------------------------------------ */

static void forget(void *arg, uint64_t serial)
{
	reader_forget(arg, serial);
}

/* The counters, as they are now. 0 or -errno. */
static int take(struct serving *serving)
{
	struct reader *reader = serving->session.reader;
	uint64_t now_ns = monotonic_ns();
	struct snapshot snap;
	int err = reader_take(reader, &snap);

	if (err)
		return err;
	err = fleet_take(&serving->fleet, &snap, now_ns, forget, reader);
	serving->losses.losses = snap.losses;
	serving->taken_ns = now_ns;
	snapshot_free(&snap);
	return err;
}

/* What the programs ran is accounted for with --self only; reading it needs no privilege. */
static void read_self(const struct serving *serving, struct self *self)
{
	*self = (struct self){ .process_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) };
	if (serving->session_options.tracer.self && tracer_read_self(serving->session.tracer, self))
		self->nprograms = 0;
}

static int write_metrics(struct serving *serving, FILE *out, enum metrics_format format)
{
	const struct session *session = &serving->session;
	struct self self;
	struct run run = {
		.host = &session->host,
		.start = session->start,
		.snap = &serving->losses,
		.self = &self,
		.parts = tracer_parts(session->tracer),
		.no_levels = !tracer_tells_levels(session->tracer),
	};
	const struct exposure exposure = {
		.run = &run,
		.fleet = &serving->fleet,
		.max_series = serving->options->max_series,
		.vm_histograms = serving->options->vm_histograms,
	};
	int64_t ret;

	read_self(serving, &self);
	ret = exposure_write(out, &exposure, format);
	return ret < 0 ? (int)ret : 0;
}

static int make_metrics(void *arg, enum metrics_format format, char **text, size_t *len)
{
	struct serving *serving = arg;
	int err = take(serving);
	FILE *out = err ? NULL : open_memstream(text, len);

	if (err || !out)
		return err ?: -ENOMEM;
	err = write_metrics(serving, out, format);
	if (fclose(out) && !err)
		err = -ENOMEM;
	if (!err)
		return 0;
	free(*text);
	*text = NULL;
	return err;
}

/* --- a file ---------------------------------------------------------------------------- */

static int write_textfile(struct serving *serving, struct error *err)
{
	char *text = NULL;
	size_t len;
	int ret = make_metrics(serving, METRICS_PROMETHEUS, &text, &len);

	if (ret)
		return fail(err, STATUS_FAILED, "cannot read the counters: %s", strerror(-ret));
	ret = outfile_write_text(serving->options->textfile, text, err);
	free(text);
	return ret;
}

/* A disk that is full now need not be so for good: it is said once, and tried again. */
static void update_textfile(struct serving *serving)
{
	uint64_t now_ns = monotonic_ns();
	struct error err;
	bool failed;

	if (!serving->options->textfile || now_ns < serving->next_write_ns)
		return;
	serving->next_write_ns = now_ns + serving->options->write_ns;
	failed = write_textfile(serving, &err);
	if (failed && !serving->write_failed)
		fprintf(stderr, "exitstat-bpf: %s\n", err.text);
	else if (!failed && serving->write_failed)
		fprintf(stderr, "exitstat-bpf: %s is written again\n", serving->options->textfile);
	serving->write_failed = failed;
}

/* --- while it runs ---------------------------------------------------------------------- */

static int take_events(void *arg)
{
	struct serving *serving = arg;
	bool due;
	int err = session_poll_vcpus(&serving->session, &due);

	/* What has ended is to be told of, and its slots are wanted again. */
	if (!err && due)
		err = take(serving);
	if (err)
		return err;
	return serving->http ? http_run(serving->http) : 0;
}

static int tick(void *arg)
{
	struct serving *serving = arg;

	if (serving->http)
		http_tick(serving->http);
	update_textfile(serving);
	if (monotonic_ns() - serving->taken_ns < TAKE_NS)
		return 0;
	return take(serving);
}

/* --- set up ------------------------------------------------------------------------------ */

/* *fd: -1 where there is only a file. 0, or -1 with err. */
static int open_listener(const struct serve_options *options, int *fd, struct error *err)
{
	if (listen_inherit(fd, err))
		return -1;
	if (*fd >= 0 && options->listen)
		return fail(err, STATUS_USAGE,
			    "systemd has handed over a socket: without --listen it is used");
	if (*fd >= 0 || (options->textfile && !options->listen))
		return 0;
	*fd = listen_open(&options->address, err);
	return *fd < 0 ? -1 : 0;
}

/*
 * Before Linux 5.19 (c8644cd0efe7) bpf() is refused as a whole to whoever has no capability, where
 * kernel.unprivileged_bpf_disabled says so.
 */
static int check_reading(const struct session *session, struct error *err)
{
	struct self self;
	int ret = tracer_read_self(session->tracer, &self);

	if (!ret)
		return 0;
	return fail(
		err, STATUS_CANNOT,
		"without capabilities this kernel does not let counters be read (%s): use Linux "
		"5.19 or newer, or set kernel.unprivileged_bpf_disabled to 0",
		strerror(-ret));
}

/* What needs a privilege is done before. */
static int give_up_privileges(struct serving *serving, struct error *err)
{
	const struct serve_options *options = serving->options;

	if (tracer_keep_growing(serving->session.tracer, &options->user))
		return fail(err, STATUS_FAILED, "out of memory or processes");
	if (privileges_drop(&options->user, err) || check_reading(&serving->session, err))
		return -1;
	return options->textfile ? outfile_check(options->textfile, err) : 0;
}

static void announce(const struct serving *serving, int fd)
{
	char text[LISTEN_TEXT_LEN];

	if (fd < 0) {
		fprintf(stderr, "exitstat-bpf: writing %s\n", serving->options->textfile);
		return;
	}
	listen_text(fd, text);
	fprintf(stderr, "exitstat-bpf: listening on %s\n", text);
}

static int open_http(struct serving *serving, int fd, struct error *err)
{
	if (fd < 0)
		return 0;
	serving->http = http_open(fd, &serving->session.loop, make_metrics, serving, err);
	return serving->http ? 0 : -1;
}

static int serve(struct serving *serving, int fd, struct error *err)
{
	const struct loop_handlers handlers = { tick, take_events, serving };
	struct session *session = &serving->session;
	int ret;

	if (session_init(session, &serving->session_options, err) || session_open(session, err)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (open_http(serving, fd, err) || give_up_privileges(serving, err))
		return -1;
	announce(serving, fd);
	update_textfile(serving);
	ret = take(serving) ?: loop_run(&session->loop, &handlers);
	if (ret)
		return fail(err, STATUS_FAILED, "stopped early: %s", strerror(-ret));
	return STATUS_OK;
}

int serve_run(const struct serve_options *options, struct error *err)
{
	struct serving serving = {
		.options = options,
		.session_options = options->host.session,
		.fleet.keep_ns = options->keep_ns,
	};
	int ret, fd;

	serving.session_options.interval_ns = TICK_NS;
	if (open_listener(options, &fd, err))
		return -1;
	ret = serve(&serving, fd, err);
	http_close(serving.http);
	fleet_free(&serving.fleet);
	session_close(&serving.session);
	return ret;
}
