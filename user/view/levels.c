// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/figures.h"
#include "base/printable.h"
#include "base/table.h"
#include "view/groups.h"
#include "view/levels.h"

static const struct table_column columns[] = {
	{ "LEVEL", .width = 5, .left = true },
	{ "EXITS", .width = 9, .gap = 1 },
	{ "EXITS/S", .width = 9, .gap = 1 },
	{ "TIME", .width = 8, .gap = 1 },
	{ "MOST TIME", .width = 9, .gap = 2, .left = true },
};

void levels_print(FILE *out, const struct levels *levels)
{
	uint64_t ratio;

	if (!levels->l2)
		return;
	ratio = levels_l1_per_1000(levels);
	fprintf(out,
		"nested: %" PRIu64 " exits of L2, %" PRIu64 " of which went to L1; %" PRIu64
		".%03" PRIu64 " exits of L1 for each of L2\n",
		levels->l2, levels->reflected, ratio / 1000, ratio % 1000);
}

/* A group of one level: the first of its rows has had most time. */
static void add_level(struct table *table, const struct group *group, const struct run *run)
{
	char took[32], most[REASON_NAME_LEN];

	duration(took, sizeof(took), group->sum_ns);
	reason_name(most, group->rows[0].isa, group->rows[0].reason);
	table_add(table, "L%u", group->rows[0].level);
	table_add(table, "%" PRIu64, group->count);
	table_add(table, "%.0f", (double)group->count * (double)NS_PER_SEC / (double)run->ns);
	table_add(table, "%s", took);
	table_add(table, "%s", most);
}

/* Its groups are the first n. */
static int print_vm(FILE *out, const struct run *run, const struct group *groups, size_t n)
{
	struct table table = { .columns = columns, .ncolumns = COUNT_OF(columns) };
	const struct vm_stat *vm = groups->vm;

	if (!groups->levels.l2)
		return 0;
	print_line(out, "%s (pid %u): its own exits (L1) and its guests' (L2)", vm->name, vm->pid);
	for (size_t i = 0; i < n; i++)
		add_level(&table, &groups[i], run);
	if (table_print(&table, out, true))
		return -ENOMEM;
	levels_print(out, &groups->levels);
	return 0;
}

int levels_tables(FILE *out, const struct run *run)
{
	struct view view;
	size_t n = 0;
	int err = 0;

	if (view_make(&view, run, BY_LEVEL))
		return -ENOMEM;
	for (size_t i = 0; !err && i < view.ngroups; i += n) {
		for (n = 1; i + n < view.ngroups && view.groups[i + n].vm == view.groups[i].vm;)
			n++;
		err = print_vm(out, run, &view.groups[i], n);
	}
	view_free(&view);
	return err;
}
