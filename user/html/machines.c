// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/figures.h"
#include "html/machines.h"
#include "html/reasons.h"
#include "html/table.h"
#include "html/text.h"
#include "html/vms.h"
#include "view/slowest.h"

/* Of a VM: so many of its vCPUs have a row. */
#define VCPUS_SHOWN 64u
#define TOP	    3u

static void add_rate(struct table *table, uint64_t count, uint64_t ns)
{
	table_add(table, "%" PRIu64, count);
	table_add(table, "%.0f", ns ? (double)count * (double)NS_PER_SEC / (double)ns : 0);
}

static void add_duration(struct table *table, uint64_t ns)
{
	char text[32];

	duration(text, sizeof(text), ns);
	table_add(table, "%s", text);
}

/* The run of this VM alone; it lives as long as one. */
static struct run run_of(const struct run *run, const struct vm_stat *vm, struct snapshot *one)
{
	struct run alone = *run;

	*one = (struct snapshot){ .nvms = 1, .vms = (struct vm_stat *)vm };
	alone.snap = one;
	return alone;
}

/* Those of most exits: of equals the first, after the one that was found before. */
static const struct reason_stat *next_most(const struct group *group,
					   const struct reason_stat *after)
{
	const struct reason_stat *most = NULL;

	for_each_element(r, group->rows, group->nrows)
		if ((!after || r->count < after->count ||
		     (r->count == after->count && r > after)) &&
		    (!most || r->count > most->count))
			most = r;
	return most;
}

/* "CPUID 40.12%, IO 20.01%" */
static void top_reasons(char *text, size_t size, const struct group *group)
{
	const struct reason_stat *most = NULL;
	char name[ROW_NAME_LEN], share[32];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < TOP && len < size; i++) {
		most = next_most(group, most);
		if (!most || !most->count)
			return;
		row_name(name, most);
		percent(share, sizeof(share), most->count, group->count);
		len += (size_t)snprintf(text + len, size - len, "%s%s %s", i ? ", " : "", name,
					share);
	}
}

/* --- the table of all ---------------------------------------------------------------------- */

static int add_vm(struct table *table, const struct run *run, const struct shown_vm *shown)
{
	const struct vm_stat *vm = shown->vm;
	struct snapshot one;
	const struct run alone = run_of(run, vm, &one);
	char top[512] = "";
	struct view view;

	if (view_make(&view, &alone, BY_VM))
		return -ENOMEM;
	if (view.ngroups)
		top_reasons(top, sizeof(top), view.groups);
	view_free(&view);
	table_add(table, "%s%s", vm->name, vm->ended ? " (ended)" : "");
	table_add(table, "%" PRIu32, vm->pid);
	table_add(table, "%zu", vm->nvcpus);
	add_rate(table, shown->count, run->ns);
	add_duration(table, shown->sum_ns);
	add_duration(table, shown->busy_ns);
	table_add(table, "%s", top);
	return 0;
}

static void add_others(struct table *table, const struct run *run, const struct shown_vm *vms,
		       size_t n)
{
	struct shown_vm sum = { 0 };
	size_t vcpus = 0;

	for_each_element(shown, vms, n) {
		sum.count += shown->count;
		sum.sum_ns += shown->sum_ns;
		sum.busy_ns += shown->busy_ns;
		vcpus += shown->vm->nvcpus;
	}
	table_add(table, "%zu more VMs", n);
	table_add(table, "%s", "");
	table_add(table, "%zu", vcpus);
	add_rate(table, sum.count, run->ns);
	add_duration(table, sum.sum_ns);
	add_duration(table, sum.busy_ns);
	table_add(table, "%s", "");
}

static int print_table(FILE *out, const struct run *run, const struct shown_vm *vms, size_t n)
{
	static const struct table_column columns[] = {
		{ .name = "VM", .left = true },
		{ .name = "PID" },
		{ .name = "VCPUS" },
		{ .name = "EXITS" },
		{ .name = "EXITS/S" },
		{ .name = "TIME" },
		{ .name = "BUSY" },
		{ .name = "MOST EXITS", .left = true },
	};
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	size_t shown = n < VMS_SHOWN ? n : VMS_SHOWN;

	for (size_t i = 0; i < shown; i++)
		if (add_vm(&table, run, &vms[i]))
			table.no_memory = true;
	if (n > shown)
		add_others(&table, run, vms + shown, n - shown);
	return html_table(out, &table, "All VMs, those of most exits first");
}

/* --- one of them ------------------------------------------------------------------------------ */

static int print_vcpus(FILE *out, const struct run *alone)
{
	static const struct table_column columns[] = {
		{ .name = "VCPU" }, { .name = "EXITS" }, { .name = "EXITS/S" },
		{ .name = "TIME" }, { .name = "BUSY" },	 { .name = "MOST EXITS", .left = true },
	};
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	struct view view;
	char top[512];
	int err;

	if (view_make(&view, alone, BY_VCPU))
		return -ENOMEM;
	for (size_t i = 0; i < view.ngroups && i < VCPUS_SHOWN; i++) {
		const struct group *group = &view.groups[i];

		top_reasons(top, sizeof(top), group);
		table_add(&table, "%s", strrchr(group->title, ' ') ?: group->title);
		add_rate(&table, group->count, alone->ns);
		add_duration(&table, group->sum_ns);
		add_duration(&table, group->busy_ns);
		table_add(&table, "%s", top);
	}
	err = html_table(out, &table, "Its vCPUs");
	if (!err && view.ngroups > VCPUS_SHOWN)
		html_element(out, "p class=note", "%zu more vCPUs have no row here.",
			     view.ngroups - VCPUS_SHOWN);
	view_free(&view);
	return err;
}

static int print_slowest(FILE *out, const struct run *run, const struct vm_stat *vm)
{
	struct table table;

	if (!run->nslowest)
		return 0;
	if (slowest_fill(&table, run, vm))
		return -ENOMEM;
	return html_table(out, &table,
			  run->slowest_idle ? "Its slowest exits"
					    : "Its slowest exits, those of an idle guest left out");
}

/* What of a hypervisor's exits are its guests'. */
static void print_levels(FILE *out, const struct levels *levels)
{
	char l2[32], reflected[32];

	if (!levels->l2)
		return;
	grouped(l2, sizeof(l2), levels->l2);
	grouped(reflected, sizeof(reflected), levels->reflected);
	html_element(
		out, "p",
		"It has guests of its own: %s exits were theirs (level 2), %s of which KVM handed "
		"to it; it made %.3f exits itself for each of them.",
		l2, reflected, (double)levels->l1 / (double)levels->l2);
}

static int print_vm(FILE *out, const struct run *run, const struct shown_vm *shown, bool open)
{
	struct snapshot one;
	const struct run alone = run_of(run, shown->vm, &one);
	char count[32];
	struct view view;
	int err = view_make(&view, &alone, BY_VM);

	if (err)
		return err;
	grouped(count, sizeof(count), shown->count);
	fprintf(out, "<details class=vm%s><summary>", open ? " open" : "");
	html_element(out, "b", "%s", shown->vm->name);
	html_element(out, "span class=brief", "pid %" PRIu32 "%s", shown->vm->pid,
		     shown->vm->ended ? ", ended" : "");
	html_element(out, "span class=num", "%s exits", count);
	fputs("</summary>\n", out);
	if (view.ngroups)
		print_levels(out, &view.groups[0].levels);
	if (view.ngroups)
		err = reasons_table(out, &view, view.groups, run, COLUMNS_SUMMARY, "Its reasons");
	view_free(&view);
	err = err ?: print_vcpus(out, &alone);
	err = err ?: print_slowest(out, run, shown->vm);
	fputs("</details>\n", out);
	return err;
}

int machines_print(FILE *out, const struct run *run)
{
	struct shown_vm *vms;
	size_t n;
	int err = vms_order(run, &vms, &n);

	if (err)
		return err;
	fputs("<section id=vms><h2>Which VMs</h2>\n", out);
	err = print_table(out, run, vms, n);
	for (size_t i = 0; !err && i < n && i < VMS_CLOSER; i++)
		err = print_vm(out, run, &vms[i], n == 1);
	if (n > VMS_CLOSER)
		html_element(out, "p class=note",
			     "%zu more VMs are only in the table above; a report of the file with "
			     "-p has them.",
			     n - VMS_CLOSER);
	fputs("</section>\n", out);
	free(vms);
	return err;
}
