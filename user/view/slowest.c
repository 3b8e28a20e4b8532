// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/figures.h"
#include "base/printable.h"
#include "base/table.h"
#include "model/keys.h"
#include "model/slowest.h"
#include "model/split.h"
#include "view/groups.h"
#include "view/slowest.h"

static const struct table_column columns[] = {
	{ "AT", .width = 15, .left = true },
	{ "VCPU", .width = 4, .gap = 1 },
	{ "REASON", .width = 6, .gap = 2, .left = true },
	{ "TIME", .width = 8, .gap = 1 },
	{ "KVM", .width = 8, .gap = 1 },
	{ "VMM", .width = 8, .gap = 1 },
	{ "POLLED", .width = 8, .gap = 1 },
	{ "BLOCKED", .width = 8, .gap = 1 },
	{ "RUNNABLE", .width = 8, .gap = 1 },
	{ "AFTER", .width = 5, .gap = 2, .left = true },
	{ "ABOUT", .width = 5, .gap = 2, .left = true },
};

/* Of its columns those that are parts, from this one on. */
#define PARTS_AT 4

static const unsigned int parts[] = { PART_KVM, EXITSTAT_USER, EXITSTAT_POLLED, EXITSTAT_BLOCKED,
				      EXITSTAT_RUNNABLE };

#define TIME_LEN  40
#define OTHER_LEN (EXITSTAT_COMM_LEN + 16)
#define ABOUT_LEN (KEY_TEXT_LEN + KEY_NAME_LEN + 64)

/* --- one exit, as text ------------------------------------------------------------------- */

static void time_text(char text[TIME_LEN], const struct timespec *when)
{
	char clock[16] = "-";
	struct tm tm;

	if (localtime_r(&when->tv_sec, &tm) && !strftime(clock, sizeof(clock), "%H:%M:%S", &tm))
		strcpy(clock, "-");
	snprintf(text, TIME_LEN, "%s.%06ld", clock, when->tv_nsec / 1000);
}

static uint64_t part_of(const struct slow *slow, unsigned int part)
{
	struct reason_stat alone = { .sum_ns = slow->ns };

	memcpy(alone.part_ns, slow->part_ns, sizeof(alone.part_ns));
	return reason_part(&alone, part);
}

/* Who had the CPU before, if it has waited for that or slept. */
static void other_text(char text[OTHER_LEN], const struct slow *slow)
{
	char name[sizeof(slow->other)];

	strcpy(name, slow->other);
	make_printable(name);
	snprintf(text, OTHER_LEN, "%s/%u", name, slow->other_tid);
	if (!slow->other_tid)
		strcpy(text, "-");
}

static void about_text(char about[ABOUT_LEN], const struct detail *key)
{
	const char *access = access_name(key->kind, key->access);
	char text[KEY_TEXT_LEN], name[KEY_NAME_LEN];

	if (!key->accesses) {
		strcpy(about, "-");
		return;
	}
	key_text(text, key);
	if (!key_name(name, key))
		name[0] = '\0';
	snprintf(about, ABOUT_LEN, "%s%s%s %s%s%s", kind_name(key->kind), access ? " " : "",
		 access ?: "", text, name[0] ? " " : "", name);
}

/* --- as tables --------------------------------------------------------------------------- */

static void add_row(struct table *table, const struct run *run, const struct slowest *one)
{
	const struct timespec when = slowest_time(run, one->slow);
	char name[ROW_NAME_LEN], text[TIME_LEN], other[OTHER_LEN], about[ABOUT_LEN];

	time_text(text, &when);
	table_add(table, "%s", text);
	table_add(table, "%u", one->vcpu->id);
	row_name(name, one->reason);
	table_add(table, "%s", name);
	duration(text, sizeof(text), one->slow->ns);
	table_add(table, "%s", text);
	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		duration(text, sizeof(text), part_of(one->slow, parts[i]));
		table_add(table, "%s", run->parts & 1u << parts[i] ? text : "-");
	}
	other_text(other, one->slow);
	table_add(table, "%s", other);
	about_text(about, &one->slow->key);
	table_add(table, "%s", about);
}

int slowest_fill(struct table *table, const struct run *run, const struct vm_stat *vm)
{
	struct slowest *found;
	size_t n;

	*table = (struct table){ .columns = columns, .ncolumns = COUNT_OF(columns) };
	if (slowest_find(run, vm, &found, &n))
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		add_row(table, run, &found[i]);
	free(found);
	return 0;
}

static void print_title(FILE *out, const struct run *run, const struct vm_stat *vm, size_t n)
{
	print_line(out, "%s (pid %u): the %zu slowest exits%s", vm->name, vm->pid, n,
		   run->slowest_idle ? "" : ", without HLT");
}

static int print_vm(FILE *out, const struct run *run, const struct vm_stat *vm)
{
	struct table table;
	size_t n;

	if (slowest_fill(&table, run, vm))
		return -ENOMEM;
	n = table.ncells / table.ncolumns;
	if (!n && !table.no_memory)
		return 0;
	print_title(out, run, vm, n);
	if (table_print(&table, out, true))
		return -ENOMEM;
	fputc('\n', out);
	return 0;
}

int slowest_print(FILE *out, const struct run *run)
{
	int err = 0;

	for_each_vm(vm, run->snap)
		err = err ?: print_vm(out, run, vm);
	return err;
}

/* --- as a list --------------------------------------------------------------------------- */

/* Where its time went, but for the parts that had none of it. */
static void list_parts(FILE *out, const struct run *run, const struct slow *slow)
{
	const char *before = "    ";
	char text[32], other[OTHER_LEN];

	for (size_t i = 0; i < COUNT_OF(parts); i++) {
		uint64_t ns = part_of(slow, parts[i]);

		if (!ns || !(run->parts & 1u << parts[i]))
			continue;
		duration(text, sizeof(text), ns);
		fprintf(out, "%s%s %s", before, columns[PARTS_AT + i].name, text);
		before = ", ";
	}
	if (slow->other_tid) {
		other_text(other, slow);
		fprintf(out, "%safter %s", before, other);
	}
	if (run->parts || slow->other_tid)
		fputc('\n', out);
}

static void list_one(FILE *out, const struct run *run, const struct slowest *one)
{
	const struct timespec when = slowest_time(run, one->slow);
	char at[TIME_LEN], took[32], name[ROW_NAME_LEN], about[ABOUT_LEN];

	time_text(at, &when);
	row_name(name, one->reason);
	duration(took, sizeof(took), one->slow->ns);
	about_text(about, &one->slow->key);
	print_line(out, "  %s  %s, vCPU %u, %s%s%s", at, took, one->vcpu->id, name,
		   one->slow->key.accesses ? ", " : "", one->slow->key.accesses ? about : "");
	list_parts(out, run, one->slow);
}

int slowest_list(FILE *out, const struct run *run)
{
	for_each_vm(vm, run->snap) {
		struct slowest *found;
		size_t n;

		if (slowest_find(run, vm, &found, &n))
			return -ENOMEM;
		if (n)
			print_title(out, run, vm, n);
		for (size_t i = 0; i < n; i++)
			list_one(out, run, &found[i]);
		free(found);
	}
	return 0;
}
