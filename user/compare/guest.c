// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "compare/answers.h"
#include "compare/checks.h"
#include "compare/guest.h"
#include "compare/places.h"
#include "compare/started.h"
#include "model/reasons.h"

struct job {
	struct compared_guest *out;
	struct numbers numbers;
	struct findings *findings;
	bool no_memory;
};

static void note(struct job *job, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void note(struct job *job, const char *fmt, ...)
{
	char(*last)[256] = array_append(&job->out->notes, &job->out->nnotes, sizeof(*last));
	va_list args;

	if (!last) {
		job->no_memory = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(*last, sizeof(*last), fmt, args);
	va_end(args);
}

/* --- what came of it ---------------------------------------------------------------------- */

/* The host saw KVM answer something else. */
static bool is_denied(const struct number *number)
{
	return number->told && number->verdict == VERDICT_DISAGREE;
}

static void add_finding(struct job *job, const struct number *number)
{
	struct finding *f = findings_add(job->findings, job->out->doc->file, number->verdict, "%s",
					 number->o->where);

	if (number->o->defined)
		finding_set(f->value, "%" PRIu64, number->o->value);
	if (is_denied(number) && !number->told_defined)
		finding_set(f->expected, "EDX 0xffffffff");
	else if (number->low == number->high)
		finding_set(f->expected, "%" PRIu64, number->low);
	else if (number->high != UINT64_MAX)
		finding_set(f->expected, "%" PRIu64 " to %" PRIu64, number->low, number->high);
	else if (number->low)
		finding_set(f->expected, "%" PRIu64 " or more", number->low);
	finding_set(f->why, "%s", number->why);
}

/* How it was checked is counted, and whether that went well. */
static void count_number(struct compared_guest *out, const struct number *number)
{
	bool placed = number->seen || is_denied(number);
	bool checked = placed || number->low || number->high != UINT64_MAX ||
		       number->verdict == VERDICT_DISAGREE || !number->o->defined;

	out->placed += placed;
	out->bounded += checked && !placed;
	out->unchecked += !checked;
	out->checked += checked;
	out->explained += checked && number->verdict == VERDICT_EXPLAINED;
	out->wrong += number->verdict == VERDICT_DISAGREE;
	out->lines[number->line].readings += checked;
}

static void finish_number(struct job *job, struct number *number)
{
	struct compare_line *line = &job->out->lines[number->line];

	if (is_denied(number))
		number->low = number->high = number->told_value;
	line->leaf = number->o->leaf;
	line->code = number->o->leaf < LEAF_COUNT ? 0 : number->o->code;
	line->guest = number->o->value;
	line->low = number->low;
	line->high = number->high;
	if (number->verdict > line->verdict) {
		line->verdict = number->verdict;
		memcpy(line->why, number->why, sizeof(line->why));
	}
	count_number(job->out, number);
	if (number->verdict != VERDICT_AGREE)
		add_finding(job, number);
}

static void finish(struct job *job)
{
	job->out->lines = calloc(job->numbers.nlines + 1, sizeof(*job->out->lines));
	if (!job->out->lines) {
		job->no_memory = true;
		return;
	}
	job->out->nlines = job->numbers.nlines;
	for_each_element(number, job->numbers.list, job->numbers.n)
		finish_number(job, number);
}

/* --- what the guest does not have -------------------------------------------------------- */

static bool has_reason(const struct numbers *numbers, const struct number *first, uint32_t code)
{
	const struct number *end = numbers->list + numbers->n;

	for (const struct number *i = first; i < end && i->o->reading == first->o->reading; i++)
		if (!is_total(i->o) && i->o->code == code)
			return true;
	return false;
}

/* A reading of all reasons, from this number on, lacks one that the host had counted before. */
static void check_absent(struct job *job, const struct number *first, uint32_t code)
{
	const struct timeline *timeline = job->numbers.timeline;
	const struct observation absent = { .leaf = LEAF_COUNT, .code = code };
	uint64_t least = timeline_count(timeline, first->before, &absent);
	bool defined = numbers_define(&job->numbers, code) == CODE_DEFINED;
	char name[REASON_NAME_LEN];
	struct finding *f;

	if (!least || has_reason(&job->numbers, first, code))
		return;
	reason_name(name, timeline->doc->host.isa, code);
	f = findings_add(job->findings, job->out->doc->file,
			 defined ? VERDICT_DISAGREE : VERDICT_EXPLAINED, "readings[%u].reasons",
			 first->o->reading);
	finding_set(f->expected, "%" PRIu64 " or more of %.60s", least, name);
	finding_set(f->why, defined ? "there is none, but the host had counted it"
				    : "the manual does not define it: it is in the totals only");
}

/* The first reason with this code, of those of all vCPUs and flags. */
static const struct reason_stat *first_of(const struct vm_stat *vm, uint32_t code)
{
	for_each_vcpu(vcpu, vm)
		for_each_reason(r, vcpu)
			if (reason_code(r->isa, r->reason) == code)
				return r;
	return NULL;
}

static void check_all_absent(struct job *job)
{
	const struct vm_stat *vm = job->numbers.timeline->vm;

	if (job->out->doc->selection == SELECTED_CHOSEN)
		return;
	for_each_element(number, job->numbers.list, job->numbers.n) {
		if (number > job->numbers.list && number->o->reading == number[-1].o->reading)
			continue;
		for_each_vcpu(vcpu, vm) {
			for_each_reason(r, vcpu) {
				uint32_t code = reason_code(r->isa, r->reason);

				if (first_of(vm, code) == r)
					check_absent(job, number, code);
			}
		}
	}
}

/* --- who was asked --------------------------------------------------------------------------- */

static void expect(struct job *job, const char *file, const char *field, uint64_t value,
		   uint64_t expected, const char *why)
{
	struct finding *f;

	if (value == expected)
		return;
	f = findings_add(job->findings, file, VERDICT_DISAGREE, "%s", field);
	finding_set(f->value, "%" PRIu64, value);
	finding_set(f->expected, "%" PRIu64, expected);
	finding_set(f->why, "%s", why);
}

static void check_head(struct job *job)
{
	const struct host_document *doc = job->numbers.timeline->doc;
	const struct host *host = &doc->host;
	const struct guest_doc *guest = job->out->doc;
	struct finding *f;

	if (!guest->has_who)
		return;
	expect(job, guest->file, guest->isa_where, guest->isa, host->isa,
	       "the host's document is of the other ISA: 1 is VMX, 2 is SVM");
	if (!leaves_have_total(guest->isa, guest->defined)) {
		f = findings_add(job->findings, guest->file, VERDICT_DISAGREE, "%s",
				 guest->defined_where);
		finding_set(f->value, "%" PRIu32, guest->defined);
		finding_set(f->why, "no KVM defines so many reasons");
	}
	if (host->tsc_measured)
		return;
	expect(job, guest->file, guest->khz_where, guest->tsc_khz, host->tsc_khz,
	       "not the TSC of the host's document: one of the two is wrong");
	expect(job, doc->file, "host.tsc_khz", host->tsc_khz, guest->tsc_khz,
	       "not the TSC of the guest's host: one of the two is wrong");
}

/* --- all ---------------------------------------------------------------------------------------
 */

static void note_how(struct job *job)
{
	const struct host_document *host = job->numbers.timeline->doc;

	if (job->out->growth_only)
		note(job,
		     "the VM is older than the tracer: the guest counts since its creation, the "
		     "host since the tracer's start, so what grew between readings is compared");
	if (!host->series.npoints)
		note(job, "the host's file has no snapshots: readings can only be held against the "
			  "run's start and end; trace with --snapshots for more");
	if (!host->has_answers)
		note(job, "the host's file does not say what KVM answered: numbers are only held "
			  "against what was counted before and after; with the patched KVM, its "
			  "BTF and --snapshots it would");
	if (!job->out->doc->is_text && job->out->doc->selection == SELECTED_CHOSEN)
		note(job, "only the chosen reasons were read");
	note(job,
	     "cycles: checked is that the guest's are not less than the host's, and handled not "
	     "more than away; how much more away is, the probes' own cost, is not");
}

/* Where the numbers are, by what is known. 0 or -ENOMEM. */
static int find_places(struct job *job)
{
	struct numbers *numbers = &job->numbers;
	long seen;

	if (!numbers->timeline->doc->has_answers) {
		/* By counts, if they are of the host's run alone. */
		places_in_run(numbers);
		job->out->growth_only = checks_say_older(numbers);
		if (!job->out->growth_only)
			places_by_counts(numbers);
		return 0;
	}
	seen = answers_find(numbers);
	if (seen < 0)
		return -ENOMEM;
	note(job, "%ld of %zu numbers are answers that the host saw KVM give, in this order", seen,
	     numbers->n);
	places_by_answers(numbers);
	job->out->growth_only = checks_say_older(numbers);
	return 0;
}

static int compare_all(struct job *job, struct error *err)
{
	const struct host_document *host = job->numbers.timeline->doc;
	const char *file = job->out->doc->file;
	const struct number *started;
	size_t held;

	if (find_places(job) || started_again(&job->numbers, &started))
		return fail(err, STATUS_FAILED, "out of memory");
	if (started)
		return fail(err, STATUS_CANNOT,
			    "%s, %s: all counters have started again: the VM was migrated, or "
			    "restored from a snapshot: compare what was read before and after "
			    "apart, each with the file of its own host",
			    file, started->o->where);
	held = checks_run(&job->numbers, job->out->growth_only);
	if (job->out->growth_only && !held)
		return fail(err, STATUS_CANNOT,
			    "%s: the VM is older than the host's run: give two readings or more, "
			    "taken while it was traced",
			    file);
	check_all_absent(job);
	finish(job);
	note_how(job);
	if (!findings_wrong(job->findings) &&
	    (!job->out->checked ||
	     (host->has_answers && !host->answers.dropped && !job->out->placed)))
		return fail(err, STATUS_CANNOT,
			    "%s has no number that can be checked: was it read in this VM, and "
			    "while the host traced it?",
			    file);
	return 0;
}

int compare_guest(struct compared_guest *compared, const struct timeline *timeline,
		  const struct guest_doc *doc, struct findings *findings, struct error *err)
{
	struct job job = { .out = compared, .findings = findings };
	int ret;

	*compared = (struct compared_guest){ .doc = doc };
	if (numbers_make(&job.numbers, timeline, doc)) {
		ret = fail(err, STATUS_FAILED, "out of memory");
	} else {
		check_head(&job);
		ret = compare_all(&job, err);
	}
	/* Without all that was found nothing can be said. */
	if (job.no_memory || findings->no_memory)
		ret = fail(err, STATUS_FAILED, "out of memory");
	free(job.numbers.list);
	if (ret)
		compared_free(compared);
	return ret;
}

void compared_free(struct compared_guest *compared)
{
	free(compared->lines);
	free(compared->notes);
	memset(compared, 0, sizeof(*compared));
}
