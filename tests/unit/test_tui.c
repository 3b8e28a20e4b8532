// SPDX-License-Identifier: GPL-2.0-only
/* The full-screen view without a terminal: what stands in its cells. Keys: test_tui_keys.c. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "allocations.h"
#include "doc/frames.h"
#include "stage.h"
#include "tui/spark.h"
#include "unit.h"

/* --- the mouse ------------------------------------------------------------------------------- */

static void mouse(struct stage *stage, enum mouse what, int at_line, int column)
{
	assert_int_equal(tui_mouse(&stage->tui, what, at_line, column), 0);
}

static void test_mouse(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage);
	mouse(&stage, MOUSE_WHEEL_DOWN, 0, 0);
	assert_int_equal(cursor(&stage), 1);
	mouse(&stage, MOUSE_WHEEL_UP, 0, 0);
	assert_int_equal(cursor(&stage), 0);
	mouse(&stage, MOUSE_CLICK, FIRST_ROW + 2, 3);
	assert_int_equal(cursor(&stage), 2);
	mouse(&stage, MOUSE_CLICK, HEADING, 1);
	expect_row(&stage, 0, "vm0 ");
	mouse(&stage, MOUSE_CLICK, HEADING, 1);
	expect_row(&stage, 0, "vm2 ");
	/* Neither what cannot be sorted by, nor what is no row. */
	mouse(&stage, MOUSE_CLICK, HEADING, 99);
	mouse(&stage, MOUSE_CLICK, FIRST_ROW + 9, 0);
	mouse(&stage, MOUSE_CLICK, 0, 0);
	mouse(&stage, MOUSE_CLICK, 23, 0);
	expect_row(&stage, 0, "vm2 ");
	mouse(&stage, MOUSE_CLICK, FIRST_ROW + 1, 3);
	mouse(&stage, MOUSE_CLICK, FIRST_ROW + 1, 3);
	expect(&stage, "vm1 (1001): reasons");
	end(&stage);
}

/* --- what is said ------------------------------------------------------------------------------
 */

static void test_losses_and_cost(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage);
	expect(&stage, "losses: 0 not counted, 0 not timed, 0 missed\n");
	assert_int_equal(grid_line(&stage.tui.grid, 1)->look, LOOK_PLAIN);
	/* A thousand runs, 250 ns each; 3 ms of a second. */
	expect(&stage,
	       "cost of tracing: 250ns an exit, 0.03% of a CPU in BPF; 0.30% in this process");
	stage.host.snap.losses = (struct losses){ 1, 22, 333, 4444 };
	take(&stage);
	for (int i = 0; i < 3; i++) {
		expect(&stage,
		       "losses: 1 not counted, 22 not timed, 333 missed, 4444 keys not seen");
		assert_true(grid_line(&stage.tui.grid, 1)->look & LOOK_ALARM);
		press(&stage, i ? KEY_IS_ENTER : '?');
		press(&stage, 'x');
	}
	stage.host.run.self = NULL;
	take(&stage);
	/* Not each interval is measured: the last one that was is told. */
	expect(&stage, "0.30% in this process, 1.00s before\n");
	stage.host.run.self = &stage.host.self;
	take(&stage);
	expect(&stage, "0.30% in this process, 2.00s before\n");
	take(&stage);
	expect(&stage, "0.30% in this process\n");
	assert_int_equal(tui_end(&stage.tui, "cut at byte 7"), 0);
	expect(&stage, "keys not seen; cut at byte 7");
	stage.tui.replay = true;
	press(&stage, 'x');
	expect(&stage, "END OF THE FILE");
	end(&stage);
}

/* By a column that the list does not have. */
static void test_odd_sort(void **state)
{
	static const char *const columns[] = { "P50", "LEVEL", "REASON", "KVM" };

	(void)state;
	for (size_t i = 0; i < COUNT(columns); i++) {
		struct stage stage;
		unsigned int column;

		assert_true(columns_find(columns[i], &column));
		begin_sized(&stage, 3, 2, 24, 100, 0);
		tui_free(&stage.tui);
		tui_init(&stage.tui, NS_OF(1), column);
		stage.host.run.parts = 0;
		assert_int_equal(tui_resize(&stage.tui, 24, 100), 0);
		take(&stage);
		for (int j = 0; j < 3; j++) {
			press(&stage, 's');
			press(&stage, KEY_IS_ENTER);
			press(&stage, KEY_IS_TAB);
		}
		end(&stage);
	}
}

/* A hundred times a second: each moment is kept, and not each is drawn. */
static void test_fast(void **state)
{
	struct stage stage;

	(void)state;
	begin_sized(&stage, 2, 1, 24, 100, 1);
	for (int i = 0; i < 1500; i++) {
		stage.host.run.ns = NS_OF(1) * 2;
		assert_int_equal(synthetic_second(&stage.host), 0);
		stage.host.run.ns = NS_OF(1) + NS_OF(1) / 100 * (uint64_t)(i + 1);
		assert_int_equal(tui_take(&stage.tui, &stage.host.run, NULL), 0);
		if (i < 3)
			expect(&stage, "after 1.00s");
	}
	assert_int_equal(stage.tui.history.n, 1501);
	press(&stage, 'x');
	expect(&stage, "after 16.0s");
	/* In 10 ms 1110 times two, of the second VM. */
	expect_cell(&stage, 0, "EXITS/S", "222000");
	press(&stage, KEY_IS_ENTER);
	press(&stage, KEY_IS_ENTER);
	expect(&stage, "the last 60.0s");
	end(&stage);
}

/* Its numbers, its rate, its histogram, its keys, what it is. */
static void test_reason(void **state)
{
	struct stage stage;

	(void)state;
	begin_sized(&stage, 3, 2, 60, 80, 12);
	press(&stage, KEY_IS_ENTER);
	press(&stage, KEY_IS_DOWN);
	press(&stage, KEY_IS_ENTER);
	expect(&stage, "vm2 (1002), IO_INSTRUCTION");
	expect(&stage, "EXITS/S   SHARE   TIME%     BUSY");
	expect(&stage, "     3000  45.05%");
	expect(&stage, "P50      P99");
	expect(&stage, "      0/s");
	expect(&stage, "the last 60.0s");
	expect(&stage, "Distribution of the time");
	expect(&stage, "|####");
	expect(&stage, "io out   0x3f8  COM1");
	expect(&stage, "Intel VMX, exit reason 30");
	expect(&stage, "Manual");
	/* Without keys it says how to get them; what there was none of, too. */
	stage.host.run.kinds = 0;
	stage.host.run.ns += NS_OF(1);
	assert_int_equal(tui_take(&stage.tui, &stage.host.run, NULL), 0);
	expect(&stage, "no such exit in this time");
	expect(&stage, "--detail tells");
	/* A small screen is scrolled. */
	assert_int_equal(tui_resize(&stage.tui, 20, 80), 0);
	expect(&stage, "below: Down");
	expect_none(&stage, "Manual");
	press(&stage, KEY_IS_END);
	expect(&stage, "Manual");
	expect_none(&stage, "below: Down");
	press(&stage, KEY_IS_UP);
	expect(&stage, "below: Down");
	end(&stage);
}

static void test_glance(void **state)
{
	struct stage stage;

	(void)state;
	begin_sized(&stage, 3, 2, 24, 140, 12);
	/* HLT's time without what it slept; the rest is less. */
	expect(&stage, "HLT 60% IO_INSTRUCTION 33% MSR_WRITE 3%");
	expect(&stage, "3 VMs  13320 exits/s");
	/* One that has ended is there for one interval more. */
	stage.host.snap.vms[2].ended = true;
	take(&stage);
	expect(&stage, "2 VMs");
	expect_row(&stage, 0, "vm2 (1002, ended) ");
	snapshot_free(&stage.host.snap);
	end(&stage);
}

/* From what the command has found out anyway, or from the history: it is the same. */
static void test_with_growth(void **state)
{
	static const int keys[][3] = {
		{ 0 }, { KEY_IS_TAB }, { KEY_IS_ENTER }, { KEY_IS_ENTER, KEY_IS_ENTER }, { 't' }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct snapshot last, growth;
		struct stage stage, other;

		begin(&stage);
		begin(&other);
		for (size_t j = 0; j < 3 && keys[i][j]; j++) {
			press(&stage, keys[i][j]);
			press(&other, keys[i][j]);
		}
		assert_int_equal(snapshot_copy(&last, &other.host.snap), 0);
		take(&stage);
		assert_int_equal(synthetic_second(&other.host), 0);
		assert_int_equal(snapshot_subtract(&growth, &other.host.snap, &last), 0);
		assert_int_equal(tui_take(&other.tui, &other.host.run, &growth), 0);
		snapshot_free(&growth);
		snapshot_free(&last);
		assert_string_equal(screen(&other), screen(&stage));
		press(&stage, 'x');
		press(&other, 'x');
		assert_string_equal(screen(&other), screen(&stage));
		end(&stage);
		end(&other);
	}
}

/* --- sizes and characters -------------------------------------------------------------------- */

static void test_sizes(void **state)
{
	static const int keys[] = {
		'x', KEY_IS_TAB,    KEY_IS_TAB, KEY_IS_ENTER,  '?', 'x',	   KEY_IS_BACKSPACE,
		's', KEY_IS_ESCAPE, 'f',	KEY_IS_ESCAPE, '/', KEY_IS_ESCAPE, ' ',
		'w'
	};
	struct stage stage;

	(void)state;
	begin_sized(&stage, 30, 3, 24, 80, 3);
	for (size_t i = 0; i < COUNT(keys); i++) {
		press(&stage, keys[i]);
		for (int columns = 1; columns <= 300; columns += 7)
			assert_int_equal(tui_resize(&stage.tui, 1 + columns % 61, columns), 0);
	}
	assert_int_equal(tui_resize(&stage.tui, 24, 79), 0);
	assert_string_equal(line(&stage, 0), "79x24: enlarge the terminal to 80x14");
	assert_int_equal(tui_resize(&stage.tui, 13, 80), 0);
	expect(&stage, "80x13: enlarge");
	assert_int_equal(tui_resize(&stage.tui, 14, 80), 0);
	expect(&stage, "losses: ");
	end(&stage);
}

/* What a narrow screen has no room for, a wide one has. */
static void test_wide(void **state)
{
	struct stage stage;

	(void)state;
	begin_sized(&stage, 3, 2, 24, 80, 12);
	expect(&stage, "EXITS/S");
	expect(&stage, "LAST MINUTE");
	expect(&stage, "BUSY WITH");
	expect_none(&stage, "RUNNABLE");
	assert_int_equal(tui_resize(&stage.tui, 24, 300), 0);
	expect(&stage, "RUNNABLE");
	expect(&stage, "PREEMPTION_TIMER 0%");
	end(&stage);
}

static void test_ascii(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage);
	expect(&stage, "█");
	stage.tui.grid.ascii = true;
	free(stage.host.snap.vms[2].name);
	stage.host.snap.vms[2].name = strdup("b\xc3\xbcro");
	take(&stage);
	expect_row(&stage, 0, "b?ro (1002)");
	for (const char *c = screen(&stage); *c; c++)
		assert_true((unsigned char)*c < 0x7f);
	expect(&stage, "#");
	end(&stage);
}

/* Of characters that take two columns. */
#define WIDE	  "\xe4\xb8\xad\xe6\x96\x87"
#define WIDE_NAME WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE WIDE

/* A VM is called what its user likes: it has no power over the screen. */
static void test_hostile_name(void **state)
{
	static const char *const names[] = {
		"\033[2J\033[31mred", "a\nb\tc", "\xff\xfe\x80", "\xe2\x80\xae evil", "",
		"%s%n%1000000d",      WIDE_NAME,
	};
	struct stage stage;
	char *longest = malloc(5000);

	(void)state;
	memset(longest, 'x', 4999);
	longest[4999] = '\0';
	begin(&stage);
	for (size_t i = 0; i <= COUNT(names); i++) {
		free(stage.host.snap.vms[2].name);
		stage.host.snap.vms[2].name = strdup(i < COUNT(names) ? names[i] : longest);
		take(&stage);
		for (const char *c = screen(&stage); *c; c++)
			assert_true(*c == '\n' || (unsigned char)*c >= ' ');
		expect_none(&stage, "\xe2\x80\xae");
		assert_int_equal(strlen(cell(&stage, 1, "EXITS/S")), 4);
		press(&stage, KEY_IS_ENTER);
		press(&stage, KEY_IS_TAB);
		press(&stage, KEY_IS_BACKSPACE);
	}
	free(longest);
	end(&stage);
}

static void test_grid(void **state)
{
	struct grid grid = { 0 };
	char *text;

	(void)state;
	assert_int_equal(grid_resize(&grid, 2, 10), 0);
	assert_int_equal(grid_put(&grid, 0, 0, -1, 0, "0123456789"), 10);
	assert_int_equal(grid_put(&grid, 1, 0, -1, 0, "0123456789a"), 10);
	assert_int_equal(grid_put(&grid, 2, 0, -1, 0, "not there"), 0);
	assert_int_equal(grid_put(&grid, -1, 0, -1, 0, "not there"), 0);
	text = grid_text(&grid);
	assert_string_equal(text, "0123456789\n012345678>\n");
	free(text);
	/* A character of two columns has both, or none. */
	grid_clear(&grid);
	assert_int_equal(grid_put(&grid, 0, 0, 4, 0, "中文"), 4);
	assert_int_equal(grid_put(&grid, 1, 0, 3, 0, "中文"), 3);
	text = grid_text(&grid);
	assert_string_equal(text, "中文\n中>\n");
	free(text);
	assert_int_equal(grid_line(&grid, 0)[1].c, 0);
	grid_free(&grid);
}

static void test_spark(void **state)
{
	static const double rates[] = { RATE_UNKNOWN, 0, 1, 50, 100 };
	struct grid grid = { 0 };
	char *text;

	(void)state;
	assert_int_equal(grid_resize(&grid, 2, 5), 0);
	assert_true(spark_line(&grid, 1, 0, rates, 5) == 100);
	text = grid_text(&grid);
	assert_string_equal(text, "\n ·▁▄█\n");
	free(text);
	grid_clear(&grid);
	grid.ascii = true;
	assert_true(spark_chart(&grid, 1, 2, 0, rates, 5) == 100);
	text = grid_text(&grid);
	assert_string_equal(text, "    #\n _.##\n");
	free(text);
	grid_free(&grid);
}

/* What was written as a recording shows the same, moment by moment, as it was live. */
static void test_recording(void **state)
{
	char path[] = "/dev/shm/exitstat-tui-XXXXXX.exitrec", *live;
	struct stage stage, again;
	struct frames *frames;
	const struct run *run;
	struct error err;
	int n = 0;

	(void)state;
	begin(&stage);
	begin_sized(&again, 1, 1, 24, 100, 0);
	close(mkstemps(path, 8));
	press(&stage, '[');
	write_to(&stage, 'w', path);
	expect(&stage, "written: ");
	if (frames_open(&frames, path, &err))
		fail_msg("%s", err.text);
	while (frames_next(frames, &run, &err) == 1) {
		assert_int_equal(tui_take(&again.tui, run, NULL), 0);
		n++;
	}
	assert_int_equal(n, 11);
	assert_null(frames_cut(frames));
	for (int i = 0; i < 5; i++) {
		press(&stage, '[');
		press(&again, '[');
		press(&stage, i < 2 ? KEY_IS_ENTER : KEY_IS_BACKSPACE);
		press(&again, i < 2 ? KEY_IS_ENTER : KEY_IS_BACKSPACE);
		/* But how far back it is, of which one has a moment more; and what it cost. */
		live = strdup(strchr(strchr(strchr(screen(&stage), '\n') + 1, '\n') + 1, '\n'));
		assert_string_equal(
			strchr(strchr(strchr(screen(&again), '\n') + 1, '\n') + 1, '\n'), live);
		free(live);
	}
	frames_close(frames);
	unlink(path);
	write_to(&stage, 'w', "/nowhere/at/all.exitrec");
	expect(&stage, "/nowhere/at/all.exitrec");
	expect_none(&stage, "written: ");
	end(&again);
	end(&stage);
}

/* --- the bounds of memory ------------------------------------------------------------------- */

/* Whatever is pressed when memory is out: it is said, nothing is lost, nothing is leaked. */
static int play(struct stage *stage)
{
	static const int keys[] = { KEY_IS_TAB, KEY_IS_TAB, KEY_IS_DOWN,      KEY_IS_ENTER, 'r',
				    't',	'[',	    KEY_IS_BACKSPACE, 'o',	    'S' };
	int err = tui_take(&stage->tui, &stage->host.run, NULL);

	for (size_t i = 0; !err && i < COUNT(keys); i++)
		err = tui_press(&stage->tui, keys[i]);
	return err;
}

static void test_no_memory(void **state)
{
	size_t failed = 0, calls = 1;

	(void)state;
	/* At first none fails: so many there are. */
	for (size_t n = 0; n <= calls; n += n < 200 ? 1 : 7) {
		struct stage stage;
		int err;

		begin_sized(&stage, 1, 1, 24, 80, 2);
		assert_int_equal(synthetic_second(&stage.host), 0);
		allocations_fail(n ?: SIZE_MAX, false);
		err = play(&stage);
		if (n)
			allocations_end();
		else
			calls = allocations_end();
		failed += err != 0;
		/* It goes on. */
		take(&stage);
		press(&stage, 'x');
		expect(&stage, "losses: 0");
		end(&stage);
	}
	assert_true(failed > 50);
}

UNIT_TESTS(tui)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mouse),	     cmocka_unit_test(test_losses_and_cost),
		cmocka_unit_test(test_reason),	     cmocka_unit_test(test_odd_sort),
		cmocka_unit_test(test_fast),	     cmocka_unit_test(test_glance),
		cmocka_unit_test(test_with_growth),  cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_wide),	     cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_hostile_name), cmocka_unit_test(test_grid),
		cmocka_unit_test(test_spark),	     cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_recording),
	};

	RUN_GROUP(tally, "tui", tests);
}
