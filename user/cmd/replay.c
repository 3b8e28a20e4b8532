// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include <unistd.h>

#include "cmd/replay.h"
#include "cmd/screen.h"
#include "cmd/sinks.h"
#include "doc/frames.h"

struct replay {
	struct loop loop;
	const struct trace_options *options;
	struct frames *frames;
	struct screen screen;
	struct error *err; /* of the file, once failed */
	bool failed;
	bool ended; /* there is no more in the file */
};

/* What the user asked for, beside what the file has. */
static struct run shown_run(const struct replay *replay, const struct run *run)
{
	struct run shown = *run;

	if (replay->options->nfilters) {
		shown.filters = replay->options->filters;
		shown.nfilters = replay->options->nfilters;
	}
	table_options_apply(&replay->options->tables, &shown);
	return shown;
}

/* --- on a terminal ----------------------------------------------------------------------- */

static int take_next(void *arg)
{
	struct replay *replay = arg;
	const struct run *run;
	struct run shown;
	int ret;

	if (replay->ended)
		return 0;
	ret = frames_next(replay->frames, &run, replay->err);
	if (ret < 0) {
		replay->failed = true;
		replay->loop.done = true;
		return 0;
	}
	if (!ret) {
		replay->ended = true;
		return screen_end(&replay->screen, frames_cut(replay->frames));
	}
	shown = shown_run(replay, run);
	return screen_take(&replay->screen, &shown, NULL);
}

/* While it is frozen, the file is not read on. */
static int tick(void *arg)
{
	struct replay *replay = arg;

	return replay->screen.tui.frozen ? 0 : take_next(replay);
}

static int events(void *arg)
{
	struct replay *replay = arg;

	return screen_events(&replay->screen);
}

static int show(struct replay *replay, struct error *err)
{
	const struct loop_handlers handlers = { tick, events, replay };
	uint64_t interval_ns = replay->options->host.session.interval_ns;
	int ret;

	screen_init(&replay->screen, interval_ns, replay->options->tables.sort);
	replay->screen.tui.replay = true;
	replay->screen.next = take_next;
	replay->screen.next_arg = replay;
	if (loop_init(&replay->loop, err))
		return -1;
	ret = loop_start(&replay->loop, interval_ns, 0, STDIN_FILENO);
	if (ret)
		return fail(err, STATUS_FAILED, "out of memory or file descriptors");
	if (screen_open(&replay->screen, &replay->loop, err))
		return -1;
	/* The first is there at once. */
	ret = take_next(replay) ?: loop_run(&replay->loop, &handlers);
	screen_close(&replay->screen);
	if (ret)
		return fail(err, STATUS_FAILED, "stopped early: %s", strerror(-ret));
	return replay->failed ? -1 : STATUS_OK;
}

/* --- elsewhere --------------------------------------------------------------------------- */

static int print_interval(struct replay *replay, struct text_sink *lines, const struct run *run,
			  struct snapshot *last, uint64_t *last_ns)
{
	struct run growth = shown_run(replay, run);
	struct snapshot grown, copy;
	int err = snapshot_subtract(&grown, run->snap, last);

	if (err)
		return err;
	growth.snap = &grown;
	growth.ns = run->ns > *last_ns ? run->ns - *last_ns : 1;
	err = lines->sink.interval(&lines->sink, &growth, run->snap);
	snapshot_free(&grown);
	err = err ?: snapshot_copy(&copy, run->snap);
	if (err)
		return err;
	snapshot_free(last);
	*last = copy;
	*last_ns = run->ns;
	return 0;
}

static int print(struct replay *replay, struct error *err)
{
	struct text_sink lines = lines_sink(stdout, BY_VM, false);
	struct snapshot last = { 0 };
	const struct run *run;
	uint64_t last_ns = 0;
	int ret, failed = 0;

	while (!failed && (ret = frames_next(replay->frames, &run, err)) > 0)
		failed = print_interval(replay, &lines, run, &last, &last_ns);
	snapshot_free(&last);
	if (failed)
		return fail(err, STATUS_FAILED, "cannot print the intervals: %s",
			    strerror(-failed));
	if (ret < 0)
		return -1;
	if (frames_cut(replay->frames))
		printf("%s\n", frames_cut(replay->frames));
	return fflush(stdout) ? fail(err, STATUS_FAILED, "cannot print the intervals") : STATUS_OK;
}

int replay_run(const struct trace_options *options, struct error *err)
{
	struct replay replay = { .loop = { .signal_fd = -1, .timer_fd = -1, .epoll_fd = -1 },
				 .options = options,
				 .err = err };
	int ret;

	if (frames_open(&replay.frames, options->replay, err))
		return -1;
	ret = screen_is_able() ? show(&replay, err) : print(&replay, err);
	screen_close(&replay.screen);
	loop_close(&replay.loop);
	frames_close(replay.frames);
	return ret;
}
