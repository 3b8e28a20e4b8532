// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/printable.h"
#include "bpf/exitstat.h"
#include "model/split.h"
#include "tui/rows.h"

bool row_key_is_same(const struct row_key *a, const struct row_key *b)
{
	return a->serial == b->serial && a->vcpu == b->vcpu && a->isa == b->isa &&
	       a->reason == b->reason && a->level == b->level;
}

void part_make(struct part *part, const struct snapshot *snap, const struct count_scope *scope)
{
	const struct vm_stat *vm = scope->one_vm ? snapshot_find_vm(snap, scope->serial) : NULL;
	const struct vcpu_stat *vcpu = vm && scope->one_vcpu ? vm_find_vcpu(vm, scope->vcpu) : NULL;

	*part = (struct part){ .snap = *snap };
	if (!scope->one_vm)
		return;
	part->snap.nvms = vm ? 1 : 0;
	part->snap.vms = vm ? &part->vm : NULL;
	if (!vm)
		return;
	part->vm = *vm;
	if (!scope->one_vcpu)
		return;
	part->vm.nvcpus = vcpu ? 1 : 0;
	part->vm.vcpus = vcpu ? &part->vcpu : NULL;
	if (vcpu)
		part->vcpu = *vcpu;
}

/* --- making them --------------------------------------------------------------------- */

/* Counts and times alone: of so different exits no percentile would tell anything. */
static void add_vcpu(struct rows *rows, struct screen_row *row, const struct vcpu_stat *vcpu,
		     const struct run *run)
{
	for_each_reason(reason, vcpu) {
		uint64_t busy = reason_busy_ns(reason, run->parts);

		if (!filters_match(run->filters, run->nfilters, reason->isa, reason->reason))
			continue;
		row->sum.count += reason->count;
		row->sum.timed += reason->timed;
		row->sum.sum_ns += reason->sum_ns;
		for (int i = 0; i < EXITSTAT_PARTS; i++)
			row->sum.part_ns[i] += reason->part_ns[i];
		row->busy_ns += busy;
		rows->total.count += reason->count;
		rows->total.sum_ns += reason->sum_ns;
		rows->total.busy_ns += busy;
	}
}

static struct screen_row *add_row(struct rows *rows)
{
	struct screen_row *row = array_append(&rows->list, &rows->n, sizeof(*row));

	if (row)
		reason_init(&row->sum, EXITSTAT_ISA_VMX, 0);
	return row;
}

static int add_vm(struct rows *rows, const struct vm_stat *vm, const struct run *run)
{
	struct screen_row *row;

	/* One that has ended is of no interest any more, unless it did in that time. */
	if (vm->ended && !vm_count(vm))
		return 0;
	row = add_row(rows);
	if (!row)
		return -ENOMEM;
	row->vm = vm;
	row->key.serial = vm->serial;
	for_each_vcpu(vcpu, vm)
		add_vcpu(rows, row, vcpu, run);
	return 0;
}

static int add_vcpus(struct rows *rows, const struct vm_stat *vm, const struct run *run)
{
	if (vm->ended && !vm_count(vm))
		return 0;
	for_each_vcpu(vcpu, vm) {
		struct screen_row *row = add_row(rows);

		if (!row)
			return -ENOMEM;
		row->vm = vm;
		row->key.serial = vm->serial;
		row->key.vcpu = vcpu->id;
		add_vcpu(rows, row, vcpu, run);
	}
	return 0;
}

static int add_reasons(struct rows *rows, const struct run *run)
{
	if (view_make(&rows->view, run, BY_REASON))
		return -ENOMEM;
	for (size_t i = 0; i < rows->view.ngroups; i++) {
		const struct group *group = &rows->view.groups[i];

		rows->total.count = group->count;
		rows->total.sum_ns = group->sum_ns;
		rows->total.busy_ns = group->busy_ns;
		for_each_element(reason, group->rows, group->nrows) {
			struct screen_row *row = add_row(rows);

			if (!row)
				return -ENOMEM;
			row->key.isa = reason->isa;
			row->key.reason = reason->reason;
			row->key.level = reason->level;
			row->sum = *reason;
		}
	}
	return 0;
}

int rows_make(struct rows *rows, const struct run *run, enum rows_of of,
	      const struct count_scope *scope)
{
	struct run of_part = *run;
	struct part part;
	int err = 0;

	*rows = (struct rows){ .of = of, .one_vm = scope->one_vm };
	part_make(&part, run->snap, scope);
	of_part.snap = &part.snap;
	if (of == ROWS_REASONS)
		return add_reasons(rows, &of_part);
	/* VMs are borrowed from the run, as the part ends here. */
	for_each_vm(vm, run->snap) {
		if (scope->one_vm && vm->serial != scope->serial)
			continue;
		err = err ?: of == ROWS_VMS ? add_vm(rows, vm, run) : add_vcpus(rows, vm, run);
	}
	return err;
}

void rows_free(struct rows *rows)
{
	view_free(&rows->view);
	free(rows->list);
	*rows = (struct rows){ 0 };
}

int rows_add_quiet(struct rows *rows, const struct counted *counted)
{
	const struct row_key key = { .isa = counted->isa,
				     .reason = counted->reason,
				     .level = counted->level };
	struct screen_row *row;

	for_each_element(known, rows->list, rows->n)
		if (row_key_is_same(&known->key, &key))
			return 0;
	row = add_row(rows);
	if (!row)
		return -ENOMEM;
	row->key = key;
	reason_init(&row->sum, key.isa, key.reason);
	row->sum.level = key.level;
	return 0;
}

/* --- names --------------------------------------------------------------------------- */

void rows_name(char name[SCREEN_NAME_LEN], const struct rows *rows, const struct screen_row *row)
{
	if (rows->of == ROWS_REASONS) {
		char reason[ROW_NAME_LEN];

		row_name(reason, &row->sum);
		snprintf(name, SCREEN_NAME_LEN, "%s", reason);
	} else if (rows->of == ROWS_VMS) {
		snprintf(name, SCREEN_NAME_LEN, "%.255s (%u%s)", row->vm->name, row->vm->pid,
			 row->vm->ended ? ", ended" : "");
	} else if (rows->one_vm) {
		snprintf(name, SCREEN_NAME_LEN, "vCPU %u", row->key.vcpu);
	} else {
		snprintf(name, SCREEN_NAME_LEN, "vCPU %u of %.255s (%u)", row->key.vcpu,
			 row->vm->name, row->vm->pid);
	}
	make_printable(name);
}

void rows_filter(struct rows *rows, const char *text)
{
	char name[SCREEN_NAME_LEN];
	size_t kept = 0;

	for (size_t i = 0; *text && i < rows->n; i++) {
		rows_name(name, rows, &rows->list[i]);
		if (strcasestr(name, text))
			rows->list[kept++] = rows->list[i];
	}
	if (*text)
		rows->n = kept;
}

/* --- order --------------------------------------------------------------------------- */

/* Numbers in names by their value: vCPU 2 before vCPU 10. */
static int compare_names(const struct rows *rows, const struct screen_row *x,
			 const struct screen_row *y)
{
	char a[SCREEN_NAME_LEN], b[SCREEN_NAME_LEN];

	rows_name(a, rows, x);
	rows_name(b, rows, y);
	return strverscmp(a, b);
}

struct order {
	const struct rows *rows;
	unsigned int column;
	bool reversed;
};

static int compare(const void *a, const void *b, void *arg)
{
	const struct screen_row *x = a, *y = b;
	const struct order *order = arg;
	int before = 0;

	if (order->column == SORT_BY_NAME)
		before = compare_names(order->rows, x, y);
	else
		before = (x->value < y->value) - (x->value > y->value);
	if (order->reversed)
		before = -before;
	return before ?: (x->place > y->place) - (x->place < y->place);
}

void rows_sort(struct rows *rows, unsigned int column, bool reversed, uint32_t parts)
{
	struct order order = { rows, column, reversed };

	for (size_t i = 0; i < rows->n; i++) {
		struct row row = rows_row(rows, &rows->list[i], 1, parts);

		rows->list[i].place = i;
		if (column != SORT_BY_NAME)
			rows->list[i].value = columns_value(column, &row);
	}
	if (rows->n > 1)
		qsort_r(rows->list, rows->n, sizeof(*rows->list), compare, &order);
}

struct row rows_row(const struct rows *rows, const struct screen_row *row, uint64_t ns,
		    uint32_t parts)
{
	return (struct row){
		.reason = &row->sum,
		.group = &rows->total,
		.ns = ns,
		.parts = parts,
		.several = rows->of != ROWS_REASONS,
		.busy_ns = row->busy_ns,
	};
}

/* --- a VM at a glance ---------------------------------------------------------------- */

#define TOP_REASONS 6

void rows_top_reasons(char *text, size_t size, const struct vm_stat *vm, const struct run *run)
{
	const struct count_scope scope = { .one_vm = true, .serial = vm->serial };
	struct rows rows;
	size_t used = 0;

	*text = '\0';
	if (!rows_make(&rows, run, ROWS_REASONS, &scope)) {
		unsigned int column;

		if (columns_find("BUSY", &column))
			rows_sort(&rows, column, false, run->parts);
		for (size_t i = 0; i < rows.n && i < TOP_REASONS; i++) {
			uint64_t busy = reason_busy_ns(&rows.list[i].sum, run->parts);
			char name[SCREEN_NAME_LEN];

			if (!busy || used >= size)
				break;
			rows_name(name, &rows, &rows.list[i]);
			used += (size_t)snprintf(text + used, size - used, "%s%s %.0f%%",
						 used ? " " : "", name,
						 100.0 * (double)busy / (double)rows.total.busy_ns);
		}
	}
	rows_free(&rows);
}
