// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>

#include "advice/measure.h"
#include "bpf/exitstat.h"
#include "model/reasons.h"

#define REGION_SHIFT 21 /* 2 MiB: a huge page */

static void amount_add(struct amount *to, uint64_t count, uint64_t sum_ns)
{
	to->count += count;
	to->sum_ns += sum_ns;
}

/* Of the VM itself: what its nested guests' exits are about is their hypervisor's to know. */
static bool is_among(const struct reason_stat *reason, const struct rule_reason *of, size_t n)
{
	if (reason->level != EXITSTAT_L1)
		return false;
	for (const struct rule_reason *r = of; r < of + n && r->isa; r++)
		if (r->isa == reason->isa && r->code == reason_code(reason->isa, reason->reason))
			return true;
	return false;
}

static bool of_keys(const struct rule *rule, const struct detail *detail)
{
	const struct rule_keys *k = rule->keys;

	for (; k < rule->keys + RULE_KEYS && k->accesses; k++)
		if (k->kind == detail->kind && detail->key >= k->first && detail->key <= k->last &&
		    k->accesses & 1u << detail->access)
			return true;
	return false;
}

uint32_t rule_kinds(const struct rule *rule)
{
	uint32_t kinds = 0;

	for (const struct rule_keys *k = rule->keys; k < rule->keys + RULE_KEYS && k->accesses; k++)
		kinds |= 1u << k->kind;
	return kinds;
}

/* Of each vCPU its own list: one for all. */
static int keep_keys(struct measure *measure, const struct details *keys)
{
	return keys->n ? details_accumulate(&measure->keys, keys) : 0;
}

/* The rule goes by keys: what has none of any kind may be of those that were not asked for. */
static int add_keyed(struct measure *measure, const struct rule *rule, const struct run *run,
		     const struct reason_stat *reason)
{
	const struct detail all = details_total(&reason->details);
	struct amount none = { reason->count - all.count, reason->sum_ns - all.sum_ns };
	struct details keys = { 0 };
	int err = 0;

	for_each_element(detail, reason->details.list, reason->details.n) {
		if (detail->kind == DETAIL_REST)
			amount_add(&measure->roomless, detail->count, detail->sum_ns);
		/* Of what has no other key: it is where in the guest that was. */
		if (detail->kind == EXITSTAT_RIP)
			amount_add(&none, detail->count, detail->sum_ns);
		if (!of_keys(rule, detail))
			continue;
		amount_add(&measure->rule, detail->count, detail->sum_ns);
		if (!details_add(&keys, detail))
			err = -ENOMEM;
	}
	if (rule_kinds(rule) & ~run->kinds)
		amount_add(&measure->unasked, none.count, none.sum_ns);
	else if (run->snap->losses.keys)
		amount_add(&measure->roomless, none.count, none.sum_ns);
	err = err ?: keep_keys(measure, &keys);
	details_free(&keys);
	return err;
}

/* All exits of the reason are the rule's. */
static int add_whole(struct measure *measure, const struct rule *rule,
		     const struct reason_stat *reason)
{
	struct details keys = { 0 };
	int err = 0;

	amount_add(&measure->rule, reason->count, reason->sum_ns);
	for_each_element(detail, reason->details.list, reason->details.n)
		if (detail->kind < EXITSTAT_KINDS && rule->tells & 1u << detail->kind &&
		    !details_add(&keys, detail))
			err = -ENOMEM;
	err = err ?: keep_keys(measure, &keys);
	details_free(&keys);
	return err;
}

/* Of idleness nothing is known without split. */
static void add_part(struct measure *measure, const struct rule *rule, const struct run *run,
		     const struct reason_stat *reason)
{
	if (has_part(run, rule->spent.part))
		amount_add(&measure->rule, reason->count, reason_part(reason, rule->spent.part));
	else
		amount_add(&measure->unasked, reason->count, reason_busy_ns(reason, false));
}

static int add_exits(struct measure *measure, const struct rule *rule, const struct run *run,
		     const struct reason_stat *reason, bool whole)
{
	uint64_t before = measure->rule.count;
	int err = whole ? add_whole(measure, rule, reason) : add_keyed(measure, rule, run, reason);

	for (unsigned int part = 0; measure->rule.count > before && part <= PART_KVM; part++)
		measure->part_ns[part] += reason_part(reason, part);
	return err;
}

static int add_reason(struct measure *measure, const struct rule *rule, const struct run *run,
		      const struct reason_stat *reason)
{
	bool of_rule = is_among(reason, rule->reasons, RULE_REASONS);
	bool whole = is_among(reason, rule->whole, RULE_WHOLE);
	int err = 0;

	amount_add(&measure->vm, reason->count, reason->sum_ns);
	if (rule->measured == MEASURE_PART)
		add_part(measure, rule, run, reason);
	else if (rule->measured == MEASURE_LITTLE && !of_rule)
		amount_add(&measure->rule, reason->count, reason->sum_ns);
	else if (rule->measured == MEASURE_EXITS && (of_rule || whole))
		err = add_exits(measure, rule, run, reason, whole || !rule_kinds(rule));
	return err;
}

int measure_vm(struct measure *measure, const struct rule *rule, const struct run *run,
	       const struct vm_stat *vm)
{
	int err = 0;

	*measure = (struct measure){ 0 };
	for_each_vcpu(vcpu, vm) {
		for_each_reason(reason, vcpu)
			err = err ?: add_reason(measure, rule, run, reason);
	}
	if (err)
		measure_free(measure);
	return err;
}

void measure_free(struct measure *measure)
{
	details_free(&measure->keys);
}

bool has_part(const struct run *run, unsigned int part)
{
	return run->parts & 1u << part;
}

double measure_share(const struct measure *measure, unsigned int part)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i <= PART_KVM; i++)
		all += measure->part_ns[i];
	return all ? (double)measure->part_ns[part] * 100 / (double)all : 0;
}

bool rule_of_pages(const struct rule *rule)
{
	return rule->crowd > 0 || rule->pages;
}

/* They are sorted by key, but a page is there once for each access. */
static size_t count_regions(const struct measure *measure, unsigned int shift)
{
	uint64_t region = UINT64_MAX;
	size_t regions = 0;

	for_each_element(detail, measure->keys.list, measure->keys.n) {
		regions += detail->key >> shift != region;
		region = detail->key >> shift;
	}
	return regions;
}

size_t measure_pages(const struct measure *measure)
{
	return count_regions(measure, 0);
}

double measure_again(const struct measure *measure)
{
	size_t n = measure->keys.n;

	return n ? (double)measure->rule.count / (double)n : 0;
}

double measure_crowd(const struct measure *measure)
{
	size_t regions = count_regions(measure, REGION_SHIFT);

	return regions ? (double)measure_pages(measure) / (double)regions : 0;
}
