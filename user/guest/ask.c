// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "base/array.h"
#include "base/args.h"
#include "base/clock.h"
#include "guest/ask.h"
#include "model/reasons.h"

static void ask(struct source *source, struct cpuid_regs *regs, uint32_t leaf, uint32_t subleaf)
{
	source->asked++;
	source->ask(regs, leaf, subleaf);
}

static int ask_who(struct source *source, struct who *who, struct error *err)
{
	struct cpuid_regs signature, rest = { 0 };

	ask(source, &signature, LEAF_WHO, 0);
	if (who_is_signed(&signature))
		ask(source, &rest, LEAF_WHO, 1);
	return who_decode(who, &signature, &rest, err);
}

/* An enum answer, or -1 with err. */
static int ask_value(struct source *source, const struct who *who, enum leaf leaf, uint32_t code,
		     uint64_t *value, struct error *err)
{
	uint32_t number = leaf_number(who->layout, leaf);
	struct cpuid_regs regs;
	enum answer answer;

	ask(source, &regs, number, code);
	answer = leaf_decode(leaf, &regs, value);
	if (answer != ANSWER_NONSENSE)
		return answer;
	return fail(
		err, STATUS_FAILED,
		"CPUID leaf 0x%x, ECX 0x%x: EAX-EDX %08x %08x %08x %08x is no answer of ABI %u: "
		"check the host's KVM patch",
		number, code, regs.eax, regs.ebx, regs.ecx, regs.edx, who->abi);
}

/* --- what to read -------------------------------------------------------------- */

static int add_code(struct plan *plan, uint32_t code, struct error *err)
{
	uint32_t *last = array_append(&plan->codes, &plan->ncodes, sizeof(code));

	if (!last)
		return fail(err, STATUS_FAILED, "out of memory");
	*last = code;
	return 0;
}

/*
 * Which reasons are defined is the host's to know: ask about every code there can
 * be, until all that the host says there are have been found.
 */
static int find_codes(struct plan *plan, struct source *source, struct error *err)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = { { 0, 0xff }, { 0x400, 0x43f }, { UINT32_MAX - 1, UINT32_MAX } };
	uint64_t value;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		uint32_t n = ranges[i].last - ranges[i].first + 1;

		for (uint32_t j = 0; j < n && plan->ncodes < plan->who.reasons; j++) {
			uint32_t code = ranges[i].first + j;
			int answer = ask_value(source, &plan->who, LEAF_COUNT, code, &value, err);

			if (answer < 0 || (answer == ANSWER_VALUE && add_code(plan, code, err)))
				return -1;
		}
	}
	return 0;
}

/* The code that a filter means here; -1 where it names a reason of the other ISA only. */
static int chosen_code(const struct reason_filter *filter, uint32_t isa, uint32_t *code)
{
	if (filter->is_number)
		*code = filter->code;
	else
		*code = isa == EXITSTAT_ISA_VMX ? filter->vmx_code : filter->svm_code;
	return filter->is_number || (isa == EXITSTAT_ISA_VMX ? filter->on_vmx : filter->on_svm)
		       ? 0
		       : -1;
}

static int compare_codes(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int take_filters(struct plan *plan, const struct reason_filter *filters, size_t nfilters,
			struct error *err)
{
	uint32_t isa = plan->who.isa, code;
	char name[REASON_NAME_LEN];
	size_t kept = 0;

	for (size_t i = 0; i < nfilters; i++) {
		if (!chosen_code(&filters[i], isa, &code)) {
			if (add_code(plan, code, err))
				return -1;
			continue;
		}
		reason_name(name, EXITSTAT_ISA_VMX + EXITSTAT_ISA_SVM - isa,
			    filters[i].on_vmx ? filters[i].vmx_code : filters[i].svm_code);
		return fail(err, STATUS_USAGE,
			    "--reason '%s': the host's ISA, %s, has none: see --all", name,
			    isa_name(isa));
	}
	qsort(plan->codes, plan->ncodes, sizeof(*plan->codes), compare_codes);
	for (size_t i = 0; i < plan->ncodes; i++)
		if (!kept || plan->codes[kept - 1] != plan->codes[i])
			plan->codes[kept++] = plan->codes[i];
	plan->ncodes = kept;
	return 0;
}

int plan_make(struct plan *plan, struct source *source, const struct reason_filter *filters,
	      size_t nfilters, struct error *err)
{
	int ret;

	memset(plan, 0, sizeof(*plan));
	plan->chosen = nfilters > 0;
	if (ask_who(source, &plan->who, err))
		return -1;
	if (plan->chosen)
		ret = take_filters(plan, filters, nfilters, err);
	else
		ret = find_codes(plan, source, err);
	if (ret)
		plan_free(plan);
	return ret;
}

/* --- reading it ------------------------------------------------------------------- */

static int read_total(struct reading *reading, const struct plan *plan, struct source *source,
		      uint64_t asked_before, struct error *err)
{
	const struct who *who = &plan->who;
	struct sums *total = &reading->total;

	if (ask_value(source, who, LEAF_COUNT_ALL, 0, &total->count, err) < 0)
		return -1;
	reading->own_in_total = source->asked;
	if (ask_value(source, who, LEAF_HANDLED_ALL, 0, &total->handled, err) < 0 ||
	    ask_value(source, who, LEAF_AWAY_ALL, 0, &total->away, err) < 0)
		return -1;
	reading->own_so_far = source->asked;
	reading->own = source->asked - asked_before;
	return 0;
}

/* What has never happened has taken no cycles: two exits less. */
static int read_reason(struct reading *reading, struct reason_sums *reason, const struct plan *plan,
		       struct source *source, struct error *err)
{
	const struct who *who = &plan->who;
	struct sums *sums = &reason->sums;
	int answer = ask_value(source, who, LEAF_COUNT, reason->code, &sums->count, err);

	if (answer < 0)
		return -1;
	reason->defined = answer == ANSWER_VALUE;
	if (reason->code == cpuid_reason(who->isa)) {
		reading->own_in_cpuid = source->asked;
		reading->has_cpuid = true;
	}
	if (!sums->count)
		return 0;
	if (ask_value(source, who, LEAF_HANDLED, reason->code, &sums->handled, err) < 0 ||
	    ask_value(source, who, LEAF_AWAY, reason->code, &sums->away, err) < 0)
		return -1;
	return 0;
}

/* A VM that has moved may be answered by another KVM, or by none of ours. */
static int check_who(const struct plan *plan, struct source *source, struct error *err)
{
	struct who who;

	if (ask_who(source, &who, err))
		return fail(err, STATUS_FAILED,
			    "nobody answers any more: the VM has moved to a host that does not "
			    "count its exits");
	if (!memcmp(&who, &plan->who, sizeof(who)))
		return 0;
	return fail(err, STATUS_FAILED,
		    "another host answers than before: the VM has moved, start again");
}

static int read_all(struct reading *reading, const struct plan *plan, struct source *source,
		    struct error *err)
{
	uint64_t asked_before = source->asked;

	if (check_who(plan, source, err))
		return -1;
	for (size_t i = 0; i < plan->ncodes; i++) {
		reading->reasons[i].code = plan->codes[i];
		reading->nreasons++;
		if (read_reason(reading, &reading->reasons[i], plan, source, err))
			return -1;
	}
	/* Last, so that the total is not less than its parts. */
	return read_total(reading, plan, source, asked_before, err);
}

int reading_take(struct reading *reading, const struct plan *plan, struct source *source,
		 struct error *err)
{
	memset(reading, 0, sizeof(*reading));
	reading->reasons = calloc(plan->ncodes + 1, sizeof(*reading->reasons));
	if (!reading->reasons)
		return fail(err, STATUS_FAILED, "out of memory");
	clock_gettime(CLOCK_REALTIME, &reading->time);
	reading->start_ns = monotonic_ns();
	if (read_all(reading, plan, source, err)) {
		reading_free(reading);
		/* Nonsense is what another KVM says: then it is no fault of ours. */
		check_who(plan, source, err);
		return -1;
	}
	reading->ns = monotonic_ns() - reading->start_ns;
	return 0;
}
