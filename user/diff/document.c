// SPDX-License-Identifier: GPL-2.0-only
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/jsonwrite.h"
#include "base/version.h"
#include "bpf/exitstat.h"
#include "diff/document.h"
#include "model/reasons.h"

static json_t *make_losses(const struct losses *losses)
{
	return json_pack("{s:o, s:o, s:o}", "map_full", integer(losses->map_full), "unpaired",
			 integer(losses->unpaired), "missed", integer(losses->missed));
}

static json_t *make_side(const struct side *side)
{
	const struct run *head = frames_head(side->frames);
	const struct part *part = &side->part;
	const struct timespec start = clock_later(&head->start, part->from_ns);

	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "file", part->file,
			 "kernel", head->host->kernel, "cpu", head->host->cpu, "start",
			 timestamp(&start), "from_ns", integer(part->from_ns), "to_ns",
			 integer(part->to_ns), "intervals", integer(side->nintervals), "losses",
			 make_losses(&side->losses), "cut",
			 part->cut ? json_string(part->cut) : json_null());
}

/* JSON has no infinity: what was 0 before has no relative change. */
static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *value(const struct change *change, size_t side)
{
	return change->known[side] ? real(change->values[side]) : json_null();
}

static json_t *make_change(const struct change *change)
{
	static const char *const words[] = { "not judged", "noise", "changed" };
	bool known = change->known[0] && change->known[1];

	return json_pack("{s:o, s:o, s:o, s:s, s:o}", "a", value(change, 0), "b", value(change, 1),
			 "change", known ? real(change->relative) : json_null(), "judgement",
			 words[change->judgement], "p",
			 change->judgement == NOT_JUDGED ? json_null() : real(change->probability));
}

static json_t *make_row(const void *element, const void *with)
{
	const struct difference_row *row = element;
	const struct reason_stat *all = &row->like.all;
	char name[REASON_NAME_LEN] = "total";
	json_t *made;

	(void)with;
	if (!row->like.is_total)
		reason_name(name, all->isa, all->reason);
	made = json_pack("{s:o, s:s, s:o}", "vm", *row->vm ? json_string(row->vm) : json_null(),
			 "reason", name, "level",
			 row->like.is_total ? json_null() : integer(all->level));
	for (enum metric metric = 0; metric < METRICS; metric++)
		jsonwrite_member(&made, metric_name(metric), make_change(&row->changes[metric]));
	return made;
}

static json_t *make_check(const void *element, const void *with)
{
	const struct checked *checked = element;
	char name[DIFFERENCE_NAME_LEN];

	(void)with;
	if (checked->row)
		difference_name(name, checked->row);
	return json_pack("{s:s, s:o, s:s, s:b}", "condition", checked->condition->text, "of",
			 checked->row ? json_string(name) : json_null(), "outcome",
			 outcome_word(checked->outcome), "failed",
			 outcome_is_failure(checked->outcome));
}

json_t *difference_document(const struct difference *difference, const struct checks *checks)
{
	return json_pack(
		"{s:s, s:{s:s, s:s}, s:o, s:o, s:{s:f, s:f}, s:o, s:o, s:b}", "schema",
		EXITSTAT_DIFF_SCHEMA, "tool", "name", "exitstat-bpf", "version", exitstat_version,
		"a", make_side(difference->sides[0]), "b", make_side(difference->sides[1]),
		"method", "probability", DIFFERENCE_PROBABILITY, "least", difference->least, "rows",
		jsonwrite_array(difference->rows, difference->nrows, sizeof(*difference->rows),
				make_row, NULL),
		"conditions",
		jsonwrite_array(checks->list, checks->n, sizeof(*checks->list), make_check, NULL),
		"failed", checks->failed > 0);
}
