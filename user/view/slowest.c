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

static void add_time(struct table *table, const struct timespec *when)
{
	char text[16];
	struct tm tm;

	if (!localtime_r(&when->tv_sec, &tm) || !strftime(text, sizeof(text), "%H:%M:%S", &tm))
		strcpy(text, "-");
	table_add(table, "%s.%06ld", text, when->tv_nsec / 1000);
}

static void add_parts(struct table *table, const struct slow *slow, uint32_t known)
{
	static const unsigned int order[] = { PART_KVM, EXITSTAT_USER, EXITSTAT_POLLED,
					      EXITSTAT_BLOCKED, EXITSTAT_RUNNABLE };
	struct reason_stat alone = { .sum_ns = slow->ns };
	char text[32];

	memcpy(alone.part_ns, slow->part_ns, sizeof(alone.part_ns));
	for (size_t i = 0; i < COUNT_OF(order); i++) {
		duration(text, sizeof(text), reason_part(&alone, order[i]));
		table_add(table, "%s", known & 1u << order[i] ? text : "-");
	}
}

/* Who had the CPU before, if it has waited for that or slept. */
static void add_other(struct table *table, const struct slow *slow)
{
	char name[sizeof(slow->other)];

	strcpy(name, slow->other);
	make_printable(name);
	if (slow->other_tid)
		table_add(table, "%s/%u", name, slow->other_tid);
	else
		table_add(table, "-");
}

static void add_key(struct table *table, const struct detail *key)
{
	const char *access = access_name(key->kind, key->access);
	char text[KEY_TEXT_LEN], name[KEY_NAME_LEN];

	if (!key->accesses) {
		table_add(table, "-");
		return;
	}
	key_text(text, key);
	if (!key_name(name, key))
		name[0] = '\0';
	table_add(table, "%s%s%s %s%s%s", kind_name(key->kind), access ? " " : "", access ?: "",
		  text, name[0] ? " " : "", name);
}

static void add_row(struct table *table, const struct run *run, const struct slowest *one)
{
	const struct timespec when = slowest_time(run, one->slow);
	char name[ROW_NAME_LEN], took[32];

	row_name(name, one->reason);
	duration(took, sizeof(took), one->slow->ns);
	add_time(table, &when);
	table_add(table, "%u", one->vcpu->id);
	table_add(table, "%s", name);
	table_add(table, "%s", took);
	add_parts(table, one->slow, run->parts);
	add_other(table, one->slow);
	add_key(table, &one->slow->key);
}

static int print_vm(FILE *out, const struct run *run, const struct vm_stat *vm)
{
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	struct slowest *found;
	char name[256];
	size_t n;

	if (slowest_find(run, vm, &found, &n))
		return -ENOMEM;
	if (!n)
		return 0;
	snprintf(name, sizeof(name), "%s", vm->name);
	make_printable(name);
	fprintf(out, "%s (pid %u): the %zu slowest exits%s\n", name, vm->pid, n,
		run->slowest_idle ? "" : ", without HLT");
	for (size_t i = 0; i < n; i++)
		add_row(&table, run, &found[i]);
	free(found);
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
