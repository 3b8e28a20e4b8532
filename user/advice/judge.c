// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advice/judge.h"
#include "base/array.h"
#include "base/clock.h"

/* Do so many exits reach the rule's rate and time? */
static bool reaches(const struct rule *rule, const struct run *run, uint64_t count, uint64_t sum_ns)
{
	double seconds = (double)run->ns / (double)NS_PER_SEC;

	return count >= ADVICE_LEAST && (double)count >= rule->rate * seconds &&
	       (double)sum_ns * 100 >= rule->time * (double)run->ns;
}

/*
 * Do these exits have all that the rule wants? Where it goes by pages, those that were kept
 * tell of those that had no room.
 */
static bool fits(const struct rule *rule, const struct run *run, const struct measure *measure)
{
	struct amount found = measure->rule;

	if (rule_of_pages(rule)) {
		found.count += measure->roomless.count;
		found.sum_ns += measure->roomless.sum_ns;
	}
	return reaches(rule, run, found.count, found.sum_ns) &&
	       (!rule->average || found.sum_ns / found.count <= rule->average) &&
	       measure_pages(measure) >= rule->pages &&
	       (rule->again <= 0 || measure_again(measure) <= rule->again) &&
	       (rule->crowd <= 0 || measure_crowd(measure) >= rule->crowd);
}

static enum fit check_where(const struct rule *rule, const struct facts *facts)
{
	const char *text = facts->text[rule->where.fact];

	if (!rule->where.value)
		return FIT_CONSISTENT;
	if (!facts->known || !*text)
		return FIT_NO_FACT;
	return !strcmp(text, rule->where.value) == rule->where.is ? FIT_CONSISTENT : FIT_NOT;
}

/* They reach its thresholds: is their time where it must be, and the host as it must be? */
static enum fit check_others(const struct rule *rule, const struct run *run,
			     const struct facts *facts, const struct measure *measure)
{
	if (rule->spent.share > 0 && !has_part(run, rule->spent.part))
		return FIT_NO_SPLIT;
	if (measure_share(measure, rule->spent.part) < rule->spent.share)
		return FIT_NOT;
	return check_where(rule, facts);
}

static enum fit judge_exits(const struct rule *rule, const struct run *run,
			    const struct vm_stat *vm, const struct facts *facts,
			    const struct measure *measure)
{
	const struct amount *found = &measure->rule, *unasked = &measure->unasked,
			    *roomless = &measure->roomless;

	if (rule->apicv && is_inhibited(run, vm) != (rule->apicv == RULE_INHIBITED))
		return FIT_NOT;
	if (fits(rule, run, measure))
		return check_others(rule, run, facts, measure);
	if (unasked->count && reaches(rule, run, found->count + unasked->count + roomless->count,
				      found->sum_ns + unasked->sum_ns + roomless->sum_ns))
		return rule->measured == MEASURE_PART ? FIT_NO_SPLIT : FIT_NO_KEYS;
	if (roomless->count &&
	    reaches(rule, run, found->count + roomless->count, found->sum_ns + roomless->sum_ns))
		return FIT_NO_ROOM;
	return FIT_NOT;
}

static bool has_consistent(const struct vm_advice *of)
{
	for_each_element(judgment, of->judgments, of->n)
		if (judgment->fit == FIT_CONSISTENT)
			return true;
	return false;
}

/* Of a VM that was there for a part of the run only, nobody knows how long a vCPU's time was. */
static enum fit judge_little(const struct rule *rule, const struct run *run,
			     const struct vm_advice *of, const struct measure *measure, bool lives)
{
	const struct vm_stat *vm = of->vm;
	double all_ns = (double)run->ns * (double)vm->nvcpus;

	if (has_consistent(of) || measure->vm.count < ADVICE_LEAST_OF_VM ||
	    (double)measure->rule.sum_ns * 100 >= rule->time * all_ns)
		return FIT_NOT;
	if (!lives)
		return FIT_NO_LIVES;
	return vm->whole || vm->ended ? FIT_NOT : FIT_CONSISTENT;
}

/* Was the VM there before, as the rule wants? A file with snapshots says so, too. */
static enum fit check_old(const struct rule *rule, const struct run *run, const struct vm_stat *vm,
			  enum fit fit, bool lives)
{
	if (!rule->old)
		return fit;
	if (lives || run->series)
		return vm->whole ? FIT_NOT : fit;
	return fit == FIT_CONSISTENT ? FIT_NO_LIVES : fit;
}

/* 0 or -ENOMEM. */
static int judge_rule(struct vm_advice *of, const struct rule *rule, const struct advice *advice,
		      bool lives)
{
	struct measure measure;
	struct judgment *last;
	enum fit fit;

	if (measure_vm(&measure, rule, advice->run, of->vm))
		return -ENOMEM;
	fit = rule->measured == MEASURE_LITTLE
		      ? judge_little(rule, advice->run, of, &measure, lives)
		      : judge_exits(rule, advice->run, of->vm, advice->facts, &measure);
	fit = check_old(rule, advice->run, of->vm, fit, lives);
	last = fit == FIT_NOT ? NULL : array_append(&of->judgments, &of->n, sizeof(*last));
	if (last)
		*last = (struct judgment){ rule, fit, measure };
	else
		measure_free(&measure);
	return fit == FIT_NOT || last ? 0 : -ENOMEM;
}

static int judge_vm(struct advice *advice, const struct vm_stat *vm, bool lives)
{
	struct vm_advice *of = array_append(&advice->vms, &advice->nvms, sizeof(*of));
	int err = of ? 0 : -ENOMEM;

	if (of)
		of->vm = vm;
	for (size_t i = 0; !err && i < nrules; i++)
		err = judge_rule(of, &rules[i], advice, lives);
	return err;
}

int advice_judge(struct advice *advice, const struct run *run, const struct facts *facts,
		 bool lives)
{
	int err = 0;

	*advice = (struct advice){ .run = run, .facts = facts };
	for_each_vm(vm, run->snap)
		if (!err && vm_count(vm))
			err = judge_vm(advice, vm, lives);
	if (err)
		advice_free(advice);
	return err;
}

void advice_free(struct advice *advice)
{
	for_each_element(of, advice->vms, advice->nvms) {
		for_each_element(judgment, of->judgments, of->n)
			measure_free(&judgment->measure);
		free(of->judgments);
	}
	free(advice->vms);
	advice->vms = NULL;
	advice->nvms = 0;
}

bool is_inhibited(const struct run *run, const struct vm_stat *vm)
{
	return run->host->apicv.use == APICV_ON && vm->apicv.known && vm->apicv.inhibits;
}

size_t advice_count(const struct advice *advice, enum fit fit)
{
	size_t n = 0;

	for_each_element(of, advice->vms, advice->nvms)
		for_each_element(judgment, of->judgments, of->n)
			n += judgment->fit == fit;
	return n;
}
