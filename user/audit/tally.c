// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "audit/tally.h"

/* --- VMs --------------------------------------------------------------------------- */

size_t audit_tally_vm(struct audit_tally *tally, uint64_t serial, uint32_t pid, const char *name)
{
	struct audited_vm *vm;

	for (size_t i = tally->nvms; i-- > 0;)
		if (tally->vms[i].serial == serial)
			return i;
	vm = array_append(&tally->vms, &tally->nvms, sizeof(*vm));
	if (!vm)
		return SIZE_MAX;
	*vm = (struct audited_vm){ .serial = serial, .pid = pid, .name = strdup(name) };
	if (vm->name)
		return tally->nvms - 1;
	tally->nvms--;
	return SIZE_MAX;
}

/* --- what earlier answers have left -------------------------------------------------- */

struct kept_past {
	uint64_t serial;
	uint32_t function, index;
	struct past past;
};

static int compare_pasts(const void *a, const void *b)
{
	const struct kept_past *x = a, *y = b;

	if (x->serial != y->serial)
		return x->serial < y->serial ? -1 : 1;
	if (x->function != y->function)
		return x->function < y->function ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

struct past *audit_tally_past(struct audit_tally *tally, uint64_t serial, uint32_t function,
			      uint32_t index)
{
	const struct kept_past key = { .serial = serial, .function = function, .index = index };
	struct kept_past **node = tfind(&key, &tally->pasts, compare_pasts);
	struct kept_past *made;

	if (node)
		return &(*node)->past;
	made = malloc(sizeof(*made));
	if (!made)
		return NULL;
	*made = key;
	if (!tsearch(made, &tally->pasts, compare_pasts)) {
		free(made);
		return NULL;
	}
	return &made->past;
}

/* --- findings ------------------------------------------------------------------------ */

static void count(struct audit_score *score, const struct ruling *ruling)
{
	score->checked++;
	score->by_verdict[ruling->verdict]++;
	score->by_cause[ruling->cause]++;
}

static void add_excess(struct audit_tally *tally, const struct ruling *ruling)
{
	int64_t excess = ruling->excess;

	distribution_add(&tally->excess, excess < 0 ? 0 : (uint64_t)excess / ruling->excess_exits);
	if (ruling->excess_exits > tally->most_exits) {
		tally->most_exits = ruling->excess_exits;
		tally->most_excess = excess;
	}
}

int audit_tally_add(struct audit_tally *tally, const struct audit_finding *finding)
{
	const struct audit_subject *subject = &finding->subject;
	const struct ruling *ruling = &finding->ruling;
	struct audited_vm *vm = &tally->vms[subject->vm];
	struct audit_finding *kept;

	count(subject->counter ? &tally->counters : &tally->answers, ruling);
	count(subject->counter ? &vm->counters : &vm->answers, ruling);
	if (ruling->has_excess)
		add_excess(tally, ruling);
	if (ruling->verdict == VERDICT_AGREE || tally->nkept >= AUDIT_TALLY_MAX_KEPT)
		return 0;
	kept = array_append(&tally->kept, &tally->nkept, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = *finding;
	return 0;
}

const char *audit_finding_why(const struct audit_finding *finding)
{
	return finding->ruling.what ?: cause_text(finding->ruling.cause);
}

void audit_tally_free(struct audit_tally *tally)
{
	for (size_t i = 0; i < tally->nvms; i++)
		free(tally->vms[i].name);
	free(tally->vms);
	free(tally->kept);
	tdestroy(tally->pasts, free);
	memset(tally, 0, sizeof(*tally));
}
