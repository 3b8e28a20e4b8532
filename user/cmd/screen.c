// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "cmd/screen.h"
#include "tui/terminal.h"

bool screen_is_able(void)
{
	return terminal_is_able();
}

static int take_interval(struct sink *sink, const struct run *growth, const struct snapshot *total)
{
	struct screen *screen = (struct screen *)sink;
	struct run run = *growth;

	/* The intervals follow each other without a gap. */
	screen->ns += growth->ns;
	run.ns = screen->ns;
	run.snap = total;
	return screen_take(screen, &run, growth->snap);
}

void screen_init(struct screen *screen, uint64_t interval_ns, unsigned int sort)
{
	*screen = (struct screen){ .sink = { .interval = take_interval } };
	tui_init(&screen->tui, interval_ns, sort);
}

static int show(struct screen *screen, int err)
{
	if (!err)
		terminal_show(&screen->tui.grid);
	return err;
}

int screen_open(struct screen *screen, struct loop *loop, struct error *err)
{
	int lines, columns, ret;

	if (terminal_open())
		return fail(err, STATUS_FAILED,
			    "cannot use this terminal (TERM=%s): TERM=dumb gives "
			    "plain tables",
			    getenv("TERM") ?: "");
	screen->loop = loop;
	screen->tui.grid.ascii = !terminal_is_utf8();
	terminal_size(&lines, &columns);
	ret = show(screen, tui_resize(&screen->tui, lines, columns));
	if (!ret)
		return 0;
	screen_close(screen);
	return fail(err, STATUS_FAILED, "cannot show the screen: %s", strerror(-ret));
}

void screen_close(struct screen *screen)
{
	if (screen->loop)
		terminal_close();
	screen->loop = NULL;
	tui_free(&screen->tui);
}

int screen_take(struct screen *screen, const struct run *run, const struct snapshot *growth)
{
	return show(screen, tui_take(&screen->tui, run, growth));
}

int screen_end(struct screen *screen, const char *notice)
{
	return show(screen, tui_end(&screen->tui, notice));
}

static int take_keys(struct screen *screen)
{
	struct tui *tui = &screen->tui;
	struct pressed pressed;
	enum event event;
	int err = 0;

	while (!err && !tui->quit && (event = terminal_read(&pressed)) != EVENT_NONE) {
		if (event == EVENT_KEY)
			err = tui_press(tui, pressed.key);
		else if (event == EVENT_MOUSE)
			err = tui_mouse(tui, pressed.what, pressed.line, pressed.column);
		else
			tui->quit = true;
		/* Before the next key, which is about that. */
		if (!err && tui->wants_next && screen->next)
			err = screen->next(screen->next_arg);
	}
	return err;
}

static int take_size(struct screen *screen)
{
	int lines, columns;

	if (!screen->loop->resized)
		return 0;
	terminal_size(&lines, &columns);
	terminal_resized(lines, columns);
	return tui_resize(&screen->tui, lines, columns);
}

int screen_events(struct screen *screen)
{
	uint64_t interval_ns = screen->tui.interval_ns;
	int err = take_size(screen);

	err = show(screen, err ?: take_keys(screen));
	if (!err && screen->tui.interval_ns != interval_ns)
		err = loop_set_interval(screen->loop, screen->tui.interval_ns);
	screen->loop->done |= screen->tui.quit;
	return err;
}
