// SPDX-License-Identifier: GPL-2.0-only
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* term.h has macros of these names. */
#undef lines
#undef columns

#include "base/array.h"
#include "tui/terminal.h"
#include "tui/terminfo.h"

static SCREEN *screen;
static bool has_looks; /* colours, which NO_COLOR does not forbid */

enum {
	PAIR_GOOD = 1,
	PAIR_ALARM,
	PAIR_HEADING,
};

/* --- what it can do -------------------------------------------------------------------- */

/* By the host's terminfo or else by ours, which newterm() then finds, too. */
static bool is_described(const char *name)
{
	bool is = false;
	char *ours;
	int found;

	if (setupterm(name, STDOUT_FILENO, &found) == OK)
		return true;
	ours = terminfo_of(name);
	if (ours && !setenv("TERMINFO", ours, true))
		is = setupterm(name, STDOUT_FILENO, &found) == OK;
	free(ours);
	return is;
}

bool terminal_is_able(void)
{
	const char *name = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || !name || !*name)
		return false;
	if (!is_described(name))
		return false;
	/* To go to a place, and to clear: a dumb one, or one on paper, does neither. */
	return tigetstr("cup") && tigetstr("cup") != (char *)-1 && tigetstr("clear") &&
	       tigetstr("clear") != (char *)-1;
}

bool terminal_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	/* Where the C library has not even C.UTF-8, nothing more than ASCII can be written. */
	if (MB_CUR_MAX == 1)
		return false;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
	}
	return false;
}

/* --- a crash --------------------------------------------------------------------------- */

static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGQUIT };

/* Made beforehand: a handler can do little more than write it. */
static struct termios before;
static char restoring[512];
static size_t nrestoring;

/* Without the pauses that terminfo has for paper. */
static void add_restoring(const char *text)
{
	if (!text || text == (const char *)-1)
		return;
	for (; *text && nrestoring < sizeof(restoring); text++) {
		if (text[0] == '$' && text[1] == '<' && strchr(text, '>'))
			text = strchr(text, '>');
		else
			restoring[nrestoring++] = *text;
	}
}

static void crash(int signum)
{
	ssize_t written = write(STDOUT_FILENO, restoring, nrestoring);

	(void)written;
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
	/* SA_RESETHAND has put the default back. */
	raise(signum);
}

static void watch_crashes(void)
{
	static char stack[16384];
	const stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	const struct sigaction action = {
		.sa_handler = crash, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)
	};

	nrestoring = 0;
	add_restoring("\033[?1006l\033[?1002l\033[?1000l"); /* the mouse */
	add_restoring(tigetstr("sgr0"));
	add_restoring(tigetstr("cnorm"));
	add_restoring(tigetstr("rmkx"));
	add_restoring(tigetstr("rmcup"));
	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < COUNT_OF(crashes); i++)
		sigaction(crashes[i], &action, NULL);
}

static void forget_crashes(void)
{
	for (size_t i = 0; i < COUNT_OF(crashes); i++)
		signal(crashes[i], SIG_DFL);
}

/* --- opening --------------------------------------------------------------------------- */

static void choose_looks(void)
{
	const char *no = getenv("NO_COLOR");

	has_looks = has_colors() && !(no && *no);
	if (!has_looks)
		return;
	start_color();
	use_default_colors();
	init_pair(PAIR_GOOD, COLOR_GREEN, -1);
	init_pair(PAIR_ALARM, COLOR_RED, -1);
	init_pair(PAIR_HEADING, COLOR_BLACK, COLOR_GREEN);
}

int terminal_open(void)
{
	if (tcgetattr(STDIN_FILENO, &before))
		return -1;
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return -1;
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	choose_looks();
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	watch_crashes();
	return 0;
}

void terminal_close(void)
{
	if (!screen)
		return;
	forget_crashes();
	endwin();
	delscreen(screen);
	screen = NULL;
	/* Whatever else has happened to it meanwhile. */
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

void terminal_size(int *lines, int *columns)
{
	struct winsize size;

	*lines = 24;
	*columns = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return;
	*lines = size.ws_row;
	*columns = size.ws_col;
}

void terminal_resized(int lines, int columns)
{
	resizeterm(lines, columns);
	/* Some have moved what stood there. */
	clearok(curscr, TRUE);
}

/* --- showing --------------------------------------------------------------------------- */

static attr_t attributes(unsigned int look, short *pair)
{
	attr_t attributes = A_NORMAL;

	*pair = 0;
	if (look & LOOK_BOLD)
		attributes |= A_BOLD;
	if (look & LOOK_DIM)
		attributes |= A_DIM;
	if (look & LOOK_REVERSE)
		attributes |= A_REVERSE;
	if (look & LOOK_GOOD && has_looks)
		*pair = PAIR_GOOD;
	if (look & LOOK_ALARM) {
		attributes |= A_BOLD;
		*pair = has_looks ? PAIR_ALARM : 0;
	}
	if (look & LOOK_HEADING) {
		*pair = has_looks ? PAIR_HEADING : 0;
		attributes |= has_looks ? 0 : A_REVERSE;
	}
	return attributes;
}

/* Cells that look alike go together. */
static void show_line(const struct grid *grid, int line)
{
	const struct cell *cells = grid_line(grid, line);
	wchar_t text[512];
	int at = 0;

	while (at < grid->columns) {
		unsigned int look = cells[at].look;
		int from = at, n = 0;
		attr_t how;
		short pair;

		for (; at < grid->columns && cells[at].look == look && n < (int)COUNT_OF(text) - 1;
		     at++)
			if (cells[at].c)
				text[n++] = cells[at].c;
		text[n] = L'\0';
		how = attributes(look, &pair);
		attr_set(how, pair, NULL);
		mvaddnwstr(line, from, text, n);
	}
}

void terminal_show(const struct grid *grid)
{
	for (int line = 0; line < grid->lines; line++)
		show_line(grid, line);
	attr_set(A_NORMAL, 0, NULL);
	refresh();
}

/* --- reading --------------------------------------------------------------------------- */

static int key_of(wint_t code)
{
	static const struct {
		wint_t code;
		int key;
	} keys[] = {
		{ KEY_UP, KEY_IS_UP },
		{ KEY_DOWN, KEY_IS_DOWN },
		{ KEY_LEFT, KEY_IS_LEFT },
		{ KEY_RIGHT, KEY_IS_RIGHT },
		{ KEY_PPAGE, KEY_IS_PAGE_UP },
		{ KEY_NPAGE, KEY_IS_PAGE_DOWN },
		{ KEY_HOME, KEY_IS_HOME },
		{ KEY_END, KEY_IS_END },
		{ KEY_FIND, KEY_IS_HOME },
		{ KEY_SELECT, KEY_IS_END },
		{ KEY_BACKSPACE, KEY_IS_BACKSPACE },
		{ KEY_ENTER, KEY_IS_ENTER },
		{ KEY_F(1), KEY_IS_F1 },
	};

	for (size_t i = 0; i < COUNT_OF(keys); i++)
		if (keys[i].code == code)
			return keys[i].key;
	return 0;
}

static enum event read_mouse(struct pressed *pressed)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return EVENT_KEY; /* one that does nothing */
	pressed->line = event.y;
	pressed->column = event.x;
	pressed->what = event.bstate & BUTTON4_PRESSED	 ? MOUSE_WHEEL_UP
			: event.bstate & BUTTON5_PRESSED ? MOUSE_WHEEL_DOWN
							 : MOUSE_CLICK;
	return EVENT_MOUSE;
}

/* Readable, and yet there is nothing: nobody will ever press a key again. */
static bool is_gone(void)
{
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };

	return poll(&in, 1, 0) > 0 && in.revents & (POLLHUP | POLLERR | POLLNVAL);
}

enum event terminal_read(struct pressed *pressed)
{
	wint_t code;
	int ret = get_wch(&code);

	*pressed = (struct pressed){ 0 };
	if (ret == ERR)
		return is_gone() ? EVENT_GONE : EVENT_NONE;
	if (ret == KEY_CODE_YES && code == KEY_MOUSE)
		return read_mouse(pressed);
	pressed->key = ret == KEY_CODE_YES ? key_of(code) : (int)code;
	return EVENT_KEY;
}
