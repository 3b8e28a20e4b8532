// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "base/clock.h"
#include "base/csv.h"
#include "view/columns.h"
#include "view/csv.h"

static void print_row(FILE *out, const struct run *run, const struct row *row)
{
	const struct group *group = row->group;
	char text[CLOCK_STAMP_LEN] = "", name[REASON_NAME_LEN];

	clock_stamp(text, &run->start);
	fprintf(out, "%s,%.6f,", text, (double)run->ns / (double)NS_PER_SEC);
	if (group->vm) {
		csv_text(out, group->vm->name);
		fprintf(out, ",%u,", group->vm->pid);
	} else {
		fputs(",,", out);
	}
	if (group->vcpu)
		fprintf(out, "%u", group->vcpu->id);
	reason_name(name, row->reason->isa, row->reason->reason);
	fputc(',', out);
	csv_text(out, name);
	columns_csv_add(out, row);
	fputs(CSV_END, out);
}

int csv_print(FILE *out, const struct run *run, enum group_by by, bool header)
{
	struct view view;
	int err = view_make(&view, run, by);

	if (err)
		return err;
	err = columns_sort(&view, run);
	if (header && !err) {
		fputs("start,seconds,vm,pid,vcpu,reason", out);
		columns_csv_names(out, &view, run->parts);
		fputs(CSV_END, out);
	}
	for (size_t i = 0; !err && i < view.ngroups; i++) {
		const struct group *group = &view.groups[i];

		for (size_t j = 0; j < group->nrows; j++)
			print_row(out, run,
				  &(struct row){ .reason = &group->rows[j],
						 .group = group,
						 .ns = run->ns,
						 .parts = run->parts,
						 .view = &view });
	}
	view_free(&view);
	errno = 0;
	if (!err && (fflush(out) || ferror(out)))
		err = errno ? -errno : -EIO;
	return err;
}
