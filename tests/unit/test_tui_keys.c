// SPDX-License-Identifier: GPL-2.0-only
/* What each key of the full-screen view does. The keys are the help's: one without a test fails. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "doc/import.h"
#include "stage.h"
#include "unit.h"

/* With slowest exits, and a nested guest in the first VM, on a screen of so many lines. */
static void begin_more(struct stage *stage, int lines)
{
	begin_sized(stage, 3, 2, lines, 100, 0);
	assert_int_equal(synthetic_more(&stage->host), 0);
	for (int i = 0; i < 12; i++)
		take(stage);
}

static void key_up(struct stage *stage, int code)
{
	press(stage, KEY_IS_DOWN);
	press(stage, KEY_IS_DOWN);
	press(stage, code);
	assert_int_equal(cursor(stage), 1);
	press(stage, code);
	press(stage, code);
	assert_int_equal(cursor(stage), 0);
}

static void key_down(struct stage *stage, int code)
{
	assert_int_equal(cursor(stage), 0);
	press(stage, code);
	assert_int_equal(cursor(stage), 1);
	for (int i = 0; i < 9; i++)
		press(stage, code);
	assert_int_equal(cursor(stage), 2);
}

/* A hundred rows. */
static void many_rows(struct stage *stage)
{
	end(stage);
	begin_sized(stage, 100, 1, 24, 100, 2);
}

static void key_page_down(struct stage *stage, int code)
{
	many_rows(stage);
	press(stage, code);
	assert_int_equal(stage->tui.places[0].at, 17);
	press(stage, code);
	assert_int_equal(stage->tui.places[0].at, 34);
	assert_int_equal(cursor(stage), 17);
	for (int i = 0; i < 9; i++)
		press(stage, code);
	assert_int_equal(stage->tui.places[0].at, 99);
}

static void key_page_up(struct stage *stage, int code)
{
	many_rows(stage);
	press(stage, 'G');
	press(stage, code);
	assert_int_equal(stage->tui.places[0].at, 82);
	for (int i = 0; i < 9; i++)
		press(stage, code);
	assert_int_equal(cursor(stage), 0);
}

static void key_home(struct stage *stage, int code)
{
	many_rows(stage);
	press(stage, KEY_IS_PAGE_DOWN);
	press(stage, KEY_IS_PAGE_DOWN);
	press(stage, code);
	assert_int_equal(cursor(stage), 0);
	assert_int_equal(stage->tui.places[0].top, 0);
}

static void key_end(struct stage *stage, int code)
{
	many_rows(stage);
	press(stage, code);
	assert_int_equal(cursor(stage), 17);
	assert_int_equal(stage->tui.places[0].top, 82);
}

/* VMs, a VM, a vCPU, a reason. */
static void key_open(struct stage *stage, int code)
{
	expect_row(stage, 0, "vm2 (1002) ");
	press(stage, code);
	expect(stage, "vm2 (1002): reasons");
	expect_row(stage, 0, "HLT ");
	press(stage, KEY_IS_TAB);
	press(stage, KEY_IS_DOWN);
	press(stage, code);
	expect(stage, "vm2 (1002), vCPU ");
	press(stage, KEY_IS_DOWN);
	press(stage, code);
	expect(stage, ", IO_INSTRUCTION");
	press(stage, KEY_IS_END);
	expect(stage, "Intel VMX, exit reason 30");
	press(stage, code);
	expect(stage, ", IO_INSTRUCTION");
}

static void key_back(struct stage *stage, int code)
{
	press(stage, KEY_IS_DOWN);
	press(stage, KEY_IS_ENTER);
	press(stage, KEY_IS_ENTER);
	press(stage, code);
	expect(stage, "vm1 (1001): reasons");
	press(stage, code);
	expect(stage, "all VMs: VMs");
	/* On the same row. */
	assert_int_equal(cursor(stage), 1);
	press(stage, code);
	expect(stage, "all VMs: VMs");
}

static void key_view(struct stage *stage, int code)
{
	press(stage, code);
	expect(stage, "all VMs: vCPUs");
	expect(stage, "vCPU 1 of vm2 (1002)");
	press(stage, code);
	expect(stage, "all VMs: reasons");
	/* 500 a second of each of two vCPUs, times 1, 2 and 3. */
	expect_row(stage, 1, "IO_INSTRUCTION ");
	expect_cell(stage, 1, "EXITS/S", "6000");
	press(stage, code);
	expect(stage, "all VMs: VMs");
	press(stage, KEY_IS_ENTER);
	press(stage, code);
	expect(stage, "vm2 (1002): vCPUs");
	expect_row(stage, 0, "vCPU ");
	press(stage, code);
	expect(stage, "vm2 (1002): reasons");
}

static uint64_t read_count(const char *path, struct host_document *doc)
{
	struct findings findings = { 0 };
	struct error err;

	if (import_host(doc, path, &findings, &err))
		fail_msg("%s", err.text);
	assert_int_equal(findings_wrong(&findings), 0);
	findings_free(&findings);
	return snapshot_count(&doc->snap);
}

/* Of all, of a VM, of a reason; back is where it came from. */
static void key_exits(struct stage *stage, int code)
{
	char path[] = "/dev/shm/exitstat-tui-XXXXXX";
	struct host_document doc;

	press(stage, code);
	expect(stage, "all VMs: slowest exits, nested guests");
	expect(stage, "The slowest exits are not known: --slowest tells.");
	expect(stage, "Nested guests, in the time that is on show:\n  no exits\n");
	end(stage);
	begin_more(stage, 60);
	press(stage, code);
	expect(stage, "vm1 (pid 1001): the 2 slowest exits, without HLT\n");
	expect(stage, ":11.987998  12.0ms, vCPU 1, IO_INSTRUCTION, io out 0x3f8 COM1 THR/DLL\n"
		      "    KVM 6.00ms, VMM 6.00ms\n");
	expect(stage, "vm0 (pid 1000): its own exits (L1) and its guests' (L2)\n");
	expect(stage, "L1         2220      2220 ");
	expect(stage, "L2          100       100    400us  CPUID\n");
	expect(stage, "nested: 100 exits of L2, 40 of which went to L1; 22.200 exits of L1 for ");
	/* All of them, and one earlier. */
	press(stage, 't');
	expect(stage, "L2         1200       100 ");
	press(stage, '[');
	expect(stage, ":10.988998  11.0ms, vCPU 0, IO_INSTRUCTION");
	expect(stage, "    KVM 5.50ms, VMM 5.50ms, after kworker/0:1/77\n");
	expect_none(stage, "12.0ms");
	press(stage, code);
	press(stage, KEY_IS_ENTER);
	press(stage, KEY_IS_TAB);
	expect(stage, "all VMs: slowest exits, nested guests");
	press(stage, KEY_IS_BACKSPACE);
	expect(stage, "all VMs: VMs");
	/* A document has them, too. */
	close(mkstemp(path));
	write_to(stage, 'w', path);
	assert_int_equal(read_count(path, &doc), 12 * 13320 + 11 * 100);
	assert_int_equal(doc.nslowest, 2);
	host_document_free(&doc);
	unlink(path);
	press(stage, KEY_IS_ENTER);
	press(stage, KEY_IS_ENTER);
	press(stage, code);
	expect(stage, "vm2 (1002), HLT: slowest exits, nested guests");
	expect(stage, "Since the start of the run:\n  no exit has ended\n");
	expect_none(stage, "IO_INSTRUCTION");
	press(stage, KEY_IS_BACKSPACE);
	expect(stage, "Distribution of the time");
	/* Where levels are not known, that none is of a nested guest is not either. */
	stage->host.run.no_levels = true;
	take(stage);
	press(stage, code);
	expect(stage, "show:\n  not known where KVM has no BTF");
}

static void key_sort(struct stage *stage, int code)
{
	press(stage, code);
	expect(stage, "Sort by: ");
	expect(stage, "[x] BUSY\n");
	press(stage, KEY_IS_HOME);
	press(stage, KEY_IS_ENTER);
	expect_row(stage, 0, "vm0 ");
	/* Each column that there is, and then the other way round. */
	for (int i = 1; i < 9; i++) {
		press(stage, code);
		press(stage, KEY_IS_HOME);
		for (int j = 0; j < i; j++)
			press(stage, KEY_IS_DOWN);
		press(stage, KEY_IS_ENTER);
		if (i < 7)
			expect_row(stage, 0, "vm2 ");
	}
	press(stage, code);
	press(stage, KEY_IS_HOME);
	press(stage, KEY_IS_ESCAPE);
	expect_none(stage, "Sort by: ");
	press(stage, code);
	press(stage, KEY_IS_HOME);
	press(stage, KEY_IS_ENTER);
	press(stage, code);
	press(stage, KEY_IS_ENTER);
	expect_row(stage, 0, "vm2 ");
	expect(stage, "VM (PID)^");
}

static void key_reverse(struct stage *stage, int code)
{
	press(stage, code);
	expect_row(stage, 0, "vm0 ");
	expect(stage, "BUSY^");
	press(stage, code);
	expect_row(stage, 0, "vm2 ");
}

static void key_filter(struct stage *stage, int code)
{
	press(stage, code);
	type(stage, "VM1");
	expect(stage, "rows with: VM1_");
	expect_row(stage, 0, "vm1 ");
	expect_row(stage, 1, "");
	press(stage, KEY_IS_BACKSPACE);
	press(stage, 0xe4); /* no name has it */
	expect(stage, "no row has this text");
	press(stage, KEY_IS_BACKSPACE);
	expect(stage, "rows with: VM_");
	expect_row(stage, 2, "vm0 ");
	press(stage, '0');
	press(stage, KEY_IS_ENTER);
	expect(stage, "only \"VM0\"");
	/* Back is without it; and a name that was found is gone into. */
	press(stage, KEY_IS_BACKSPACE);
	expect_none(stage, "only");
	press(stage, code);
	press(stage, '1');
	press(stage, KEY_IS_ESCAPE);
	expect_none(stage, "only");
	press(stage, code);
	type(stage, "vm1");
	press(stage, KEY_IS_ENTER);
	press(stage, KEY_IS_ENTER);
	expect(stage, "vm1 (1001): reasons");
	expect_row(stage, 5, "PREEMPTION_TIMER");
}

static void key_columns(struct stage *stage, int code)
{
	press(stage, KEY_IS_TAB);
	press(stage, KEY_IS_TAB);
	expect_none(stage, "COUNT");
	press(stage, code);
	expect(stage, "[x] EXITS/S\n");
	expect(stage, "[ ] COUNT\n");
	press(stage, ' ');
	expect(stage, "[ ] EXITS/S\n");
	for (int i = 0; i < 5; i++)
		press(stage, KEY_IS_DOWN);
	press(stage, ' ');
	press(stage, KEY_IS_ENTER);
	expect_none(stage, "EXITS/S");
	expect_cell(stage, 1, "COUNT", "6000");
	/* Each of them can be shown, the last minute hidden. */
	press(stage, code);
	press(stage, KEY_IS_END);
	press(stage, ' ');
	press(stage, code == 'f' ? KEY_IS_ENTER : code);
	expect_none(stage, "LAST MINUTE");
	/* More than there is room for is said. */
	press(stage, code);
	for (int i = 0; i < 17; i++) {
		press(stage, KEY_IS_HOME);
		for (int j = 0; j < i; j++)
			press(stage, KEY_IS_DOWN);
		if (strchr(" ", line(stage, FIRST_ROW + i)[3]))
			press(stage, ' ');
	}
	press(stage, KEY_IS_ENTER);
	expect(stage, "columns hidden");
}

static void key_total(struct stage *stage, int code)
{
	press(stage, KEY_IS_TAB);
	press(stage, KEY_IS_TAB);
	press(stage, code);
	/* Twelve seconds, one of which had twice as many. */
	expect(stage, ", all since ");
	expect_cell(stage, 1, "EXITS/S", "6500");
	press(stage, code);
	expect_none(stage, "all since");
	expect_cell(stage, 1, "EXITS/S", "6000");
}

static void key_reset(struct stage *stage, int code)
{
	end(stage);
	begin_sized(stage, 3, 2, 24, 150, 9);
	press(stage, KEY_IS_TAB);
	press(stage, KEY_IS_TAB);
	press(stage, code);
	press(stage, 't');
	take(stage);
	take(stage);
	/* 12000 and 6000. */
	expect_cell(stage, 1, "COUNT", "18000");
	press(stage, code);
	take(stage);
	expect_cell(stage, 1, "COUNT", "6000");
	/* What was before it, is since the start. */
	press(stage, '[');
	press(stage, '[');
	expect_cell(stage, 1, "COUNT", "66000");
}

static void key_slower(struct stage *stage, int code)
{
	expect(stage, "every 1.00s");
	press(stage, code);
	assert_int_equal(stage->tui.interval_ns, NS_OF(2));
	expect(stage, "every 2.00s");
	for (int i = 0; i < 9; i++)
		press(stage, code);
	assert_int_equal(stage->tui.interval_ns, NS_OF(10));
}

static void key_faster(struct stage *stage, int code)
{
	press(stage, code);
	assert_int_equal(stage->tui.interval_ns, NS_OF(1) / 2);
	for (int i = 0; i < 9; i++)
		press(stage, code);
	assert_int_equal(stage->tui.interval_ns, NS_OF(1) / 10);
}

/* Numbers stay, and can be looked at from all sides. */
static void key_freeze(struct stage *stage, int code)
{
	for (int i = 0; i < 7; i++)
		take(stage);
	press(stage, code);
	expect_cell(stage, 0, "EXITS/S", "6660");
	take(stage); /* the twentieth, which has twice as many */
	expect_cell(stage, 0, "EXITS/S", "6660");
	expect(stage, " PAUSED at ");
	expect(stage, "1.00s back");
	press(stage, 'S');
	expect_row(stage, 0, "vm0 ");
	press(stage, KEY_IS_END);
	press(stage, KEY_IS_ENTER);
	expect_cell(stage, 1, "EXITS/S", "3000");
	expect(stage, " PAUSED at ");
	press(stage, KEY_IS_BACKSPACE);
	press(stage, code);
	expect_none(stage, "PAUSED");
	expect_cell(stage, 2, "EXITS/S", "13320");
}

static void key_earlier(struct stage *stage, int code)
{
	char when[9];

	snprintf(when, sizeof(when), "%s", line(stage, 0) + strlen("exitstat-bpf "));
	press(stage, code);
	press(stage, code);
	/* Of twelve seconds the tenth. */
	expect(stage, " PAUSED at ");
	expect(stage, "2.00s back");
	expect_cell(stage, 0, "EXITS/S", "13320");
	expect(stage, "after 10.0s");
	assert_int_not_equal(strncmp(when, line(stage, 0) + strlen("exitstat-bpf "), 8), 0);
	for (int i = 0; i < 20; i++)
		press(stage, code);
	expect(stage, "after 1.00s");
	expect(stage, "nothing earlier is kept");
}

static void key_later(struct stage *stage, int code)
{
	press(stage, code);
	expect(stage, "this is the last");
	press(stage, '[');
	press(stage, '[');
	press(stage, '[');
	press(stage, code);
	expect_cell(stage, 0, "EXITS/S", "13320");
	press(stage, code);
	expect_cell(stage, 0, "EXITS/S", "6660");
	expect(stage, "1.00s back");
	/* Of a file: what it has next. */
	stage->tui.replay = true;
	press(stage, code);
	assert_false(stage->tui.wants_next);
	press(stage, code);
	assert_true(stage->tui.wants_next);
	take(stage);
	assert_false(stage->tui.wants_next);
	expect(stage, "after 13.0s");
	expect(stage, " PAUSED at ");
}

static void key_order(struct stage *stage, int code)
{
	press(stage, code);
	expect(stage, "ORDER FROZEN");
	/* The first VM makes a million exits. */
	stage->host.snap.vms[0].vcpus[0].reasons[3].count += 1000000;
	stage->host.snap.vms[0].vcpus[0].reasons[3].sum_ns += NS_OF(1000);
	take(stage);
	expect_row(stage, 0, "vm2 ");
	expect_row(stage, 2, "vm0 ");
	expect_cell(stage, 2, "EXITS/S", "1002220");
	/* A VM that is new comes last. */
	assert_non_null(snapshot_add_vm(&stage->host.snap, 9, 1, "another"));
	take(stage);
	expect_row(stage, 2, "vm0 ");
	expect_row(stage, 3, "another");
	press(stage, code);
	expect_none(stage, "ORDER FROZEN");
	stage->host.snap.vms[0].vcpus[0].reasons[3].sum_ns += NS_OF(1000);
	stage->host.snap.vms[0].vcpus[0].reasons[3].count++;
	take(stage);
	expect_row(stage, 0, "vm0 ");
}

/* All; a VM; a reason of it. */
static void key_write(struct stage *stage, int code)
{
	char path[] = "/dev/shm/exitstat-tui-XXXXXX";
	struct host_document doc;

	close(mkstemp(path));
	write_to(stage, code, path);
	expect(stage, "written: /dev/shm/exitstat-tui-");
	assert_int_equal(read_count(path, &doc), 2220 + 4440 + 6660);
	assert_int_equal(doc.ns, NS_OF(1));
	assert_int_equal(doc.end.tv_sec - doc.start.tv_sec, 1);
	assert_int_equal(doc.parts, stage->host.run.parts);
	host_document_free(&doc);
	press(stage, KEY_IS_ENTER);
	write_to(stage, code, path);
	assert_int_equal(read_count(path, &doc), 6660);
	assert_string_equal(doc.snap.vms[0].name, "vm2");
	host_document_free(&doc);
	press(stage, KEY_IS_DOWN);
	press(stage, KEY_IS_ENTER);
	press(stage, 't');
	write_to(stage, code, path);
	assert_int_equal(read_count(path, &doc), 13 * 3000);
	assert_int_equal(doc.ns, NS_OF(12));
	host_document_free(&doc);
	unlink(path);
	write_to(stage, code, "/nowhere/at/all");
	expect(stage, "cannot write /nowhere/at/all");
	write_to(stage, code, "-");
	expect(stage, "a file is needed");
	press(stage, code);
	press(stage, KEY_IS_ESCAPE);
	expect_none(stage, "write to");
}

static void key_help(struct stage *stage, int code)
{
	press(stage, code);
	expect(stage, "  Up k            one row up");
	for (int i = 0; i < 30; i++)
		press(stage, KEY_IS_DOWN);
	expect(stage, "  q               quit");
	press(stage, code);
	expect(stage, "all VMs: VMs");
	expect_row(stage, 0, "vm2 ");
	/* All of them are on a screen that is high enough. */
	assert_int_equal(tui_resize(&stage->tui, 40, 100), 0);
	press(stage, code);
	for (size_t i = 0; i < key_nrows; i++)
		expect(stage, key_rows[i].does);
	press(stage, 'q');
	assert_false(stage->tui.quit);
}

static void key_quit(struct stage *stage, int code)
{
	press(stage, code);
	assert_true(stage->tui.quit);
}

static const struct {
	enum action action;
	void (*test)(struct stage *stage, int code);
} key_tests[] = {
	{ ACT_UP, key_up },	      { ACT_DOWN, key_down },
	{ ACT_PAGE_UP, key_page_up }, { ACT_PAGE_DOWN, key_page_down },
	{ ACT_HOME, key_home },	      { ACT_END, key_end },
	{ ACT_OPEN, key_open },	      { ACT_BACK, key_back },
	{ ACT_VIEW, key_view },	      { ACT_SORT, key_sort },
	{ ACT_REVERSE, key_reverse }, { ACT_FILTER, key_filter },
	{ ACT_COLUMNS, key_columns }, { ACT_TOTAL, key_total },
	{ ACT_RESET, key_reset },     { ACT_FASTER, key_faster },
	{ ACT_SLOWER, key_slower },   { ACT_FREEZE, key_freeze },
	{ ACT_EARLIER, key_earlier }, { ACT_LATER, key_later },
	{ ACT_ORDER, key_order },     { ACT_WRITE, key_write },
	{ ACT_HELP, key_help },	      { ACT_QUIT, key_quit },
	{ ACT_EXITS, key_exits },
};

static void test_key(const struct key_row *row)
{
	bool tested = false;

	for (size_t i = 0; i < COUNT(key_tests); i++) {
		for (size_t j = 0; j < COUNT_OF(row->codes) && row->codes[j]; j++) {
			struct stage stage;

			if (key_tests[i].action != row->action)
				continue;
			begin(&stage);
			key_tests[i].test(&stage, row->codes[j]);
			end(&stage);
			tested = true;
		}
	}
	if (!tested)
		fail_msg("the help has '%s', and there is no test of it", row->keys);
}

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < key_nrows; i++)
		test_key(&key_rows[i]);
}

/* A key that nobody knows does nothing; nor does any before there is something to show. */
static void test_no_key(void **state)
{
	struct stage stage;
	char *before;

	(void)state;
	begin(&stage);
	before = strdup(screen(&stage));
	press(&stage, 'x');
	press(&stage, 0x1f600);
	press(&stage, 0);
	assert_string_equal(screen(&stage), before);
	free(before);
	end(&stage);
	begin_sized(&stage, 1, 1, 24, 80, 0);
	expect(&stage, "no interval has passed yet");
	for (size_t i = 0; i < key_nrows; i++)
		press(&stage, key_rows[i].codes[0]);
	assert_int_equal(tui_mouse(&stage.tui, MOUSE_CLICK, 5, 5), 0);
	assert_true(stage.tui.quit);
	end(&stage);
}

UNIT_TESTS(tui_keys)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_no_key),
	};

	RUN_GROUP(tally, "tui_keys", tests);
}
