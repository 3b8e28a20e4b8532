// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "audit/tally.h"
#include "model/reasons.h"
#include "model/vmname.h"

/* --- VMs --------------------------------------------------------------------------- */

size_t ledger_vm(struct ledger *ledger, uint64_t serial, uint32_t pid, const char *comm)
{
	struct audited_vm *vm;
	char name[VM_NAME_LEN];

	for (size_t i = ledger->nvms; i-- > 0;)
		if (ledger->vms[i].serial == serial)
			return i;
	vm = array_append(&ledger->vms, &ledger->nvms, sizeof(*vm));
	if (!vm)
		return SIZE_MAX;
	vm_name(name, pid, comm);
	*vm = (struct audited_vm){ .serial = serial, .pid = pid, .name = strdup(name) };
	if (vm->name)
		return ledger->nvms - 1;
	ledger->nvms--;
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

struct past *ledger_past(struct ledger *ledger, uint64_t serial, uint32_t function, uint32_t index)
{
	const struct kept_past key = { .serial = serial, .function = function, .index = index };
	struct kept_past **node = tfind(&key, &ledger->pasts, compare_pasts);
	struct kept_past *made;

	if (node)
		return &(*node)->past;
	made = malloc(sizeof(*made));
	if (!made)
		return NULL;
	*made = key;
	if (!tsearch(made, &ledger->pasts, compare_pasts)) {
		free(made);
		return NULL;
	}
	return &made->past;
}

/* --- findings ------------------------------------------------------------------------ */

static void count(struct score *score, const struct ruling *finding)
{
	score->checked++;
	score->by_verdict[finding->verdict]++;
	score->by_cause[finding->cause]++;
}

static void add_excess(struct ledger *ledger, const struct ruling *finding)
{
	struct reason_stat *excess = &ledger->excess;
	uint64_t each = finding->excess < 0 ? 0 : (uint64_t)finding->excess / finding->excess_exits;

	if (!excess->timed || each < excess->min_ns)
		excess->min_ns = each;
	if (each > excess->max_ns)
		excess->max_ns = each;
	if (finding->excess_exits > ledger->most_exits) {
		ledger->most_exits = finding->excess_exits;
		ledger->most_excess = finding->excess;
	}
	excess->timed++;
	excess->sum_ns += each;
	ledger->hist[exitstat_bucket(each)]++;
}

uint64_t ledger_excess(const struct ledger *ledger, double percent)
{
	struct bucket buckets[EXITSTAT_HIST_BUCKETS];
	struct reason_stat excess = ledger->excess;

	excess.buckets = buckets;
	for (uint32_t i = 0; i < EXITSTAT_HIST_BUCKETS; i++)
		if (ledger->hist[i])
			buckets[excess.nbuckets++] =
				(struct bucket){ .index = i, .count = ledger->hist[i] };
	return reason_percentile(&excess, percent);
}

int ledger_add(struct ledger *ledger, const struct subject *subject, const struct ruling *finding)
{
	struct disagreement *kept;

	count(subject->counter ? &ledger->counters : &ledger->answers, finding);
	if (!subject->counter)
		count(&ledger->vms[subject->vm].answers, finding);
	if (finding->has_excess)
		add_excess(ledger, finding);
	if (finding->verdict == VERDICT_AGREE || ledger->nkept >= LEDGER_MAX_KEPT)
		return 0;
	kept = array_append(&ledger->kept, &ledger->nkept, sizeof(*kept));
	if (!kept)
		return -ENOMEM;
	*kept = (struct disagreement){ *subject, *finding };
	return 0;
}

/* --- for people ------------------------------------------------------------------------ */

static void describe_sum(FILE *out, const struct subject *subject, const struct ruling *finding)
{
	static const char *const sums[] = {
		[LEAF_COUNT_ALL] = "all exits",	      [LEAF_HANDLED_ALL] = "all cycles handled",
		[LEAF_AWAY_ALL] = "all cycles away",  [LEAF_COUNT] = "exits of",
		[LEAF_HANDLED] = "cycles handled of", [LEAF_AWAY] = "cycles away of",
	};
	char name[REASON_NAME_LEN];

	if (finding->who) {
		fprintf(out, "who answers, ECX %" PRIu32, subject->reason);
		return;
	}
	fputs(sums[finding->leaf], out);
	if (finding->leaf < LEAF_COUNT)
		return;
	reason_name(name, subject->isa, subject->reason);
	fprintf(out, " %s", name);
}

static void describe_numbers(FILE *out, const struct ruling *finding)
{
	fprintf(out, ": KVM says %" PRIu64 ", ", finding->told);
	if (finding->high == UINT64_MAX)
		fprintf(out, "we say %" PRIu64 " or more", finding->low);
	else if (finding->low == finding->high)
		fprintf(out, "we say %" PRIu64, finding->low);
	else
		fprintf(out, "we say %" PRIu64 " to %" PRIu64, finding->low, finding->high);
}

void ledger_describe(FILE *out, const struct ledger *ledger, const struct subject *subject,
		     const struct ruling *finding)
{
	const struct audited_vm *vm = &ledger->vms[subject->vm];

	fprintf(out, "%s: VM %" PRIu32 " %s, ", ruling_name(finding->verdict), vm->pid, vm->name);
	if (subject->counter)
		fprintf(out, "vCPU %" PRIu32 "'s counter, ", subject->vcpu);
	describe_sum(out, subject, finding);
	if (!finding->who)
		describe_numbers(out, finding);
	fprintf(out, ": %s", finding->what ?: cause_text(finding->cause));
	if (subject->vcpus > 1)
		fprintf(out, " (%" PRIu32 " of %" PRIu32 " vCPUs were not in the guest)",
			subject->waiting, subject->vcpus);
	fputc('\n', out);
}

void ledger_free(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->nvms; i++)
		free(ledger->vms[i].name);
	free(ledger->vms);
	free(ledger->kept);
	tdestroy(ledger->pasts, free);
	memset(ledger, 0, sizeof(*ledger));
}
