// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "advice/print.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/field.h"
#include "base/figures.h"
#include "base/printable.h"
#include "model/keys.h"

/* Of each rule: those of most time. */
#define KEYS_SHOWN 4u

#define LINE_LEN 1024

static const struct field_layout title = { 2, 17 }, body = { 4, 12 }, open_title = { 2, 12 };

/* Formats into what is left of a line. */
static void add_text(char line[LINE_LEN], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add_text(char line[LINE_LEN], const char *fmt, ...)
{
	size_t len = strlen(line);
	va_list args;

	va_start(args, fmt);
	vsnprintf(line + len, LINE_LEN - len, fmt, args);
	va_end(args);
}

/* --- what was seen ----------------------------------------------------------------------- */

static void print_amount(FILE *out, const struct judgment *judgment, const struct run *run)
{
	const struct measure *measure = &judgment->measure;
	const struct amount *found = &measure->rule;
	char line[LINE_LEN] = "", share[32], each[32], all[32], time[32];

	percent(share, sizeof(share), found->count, measure->vm.count);
	duration(each, sizeof(each), found->count ? found->sum_ns / found->count : 0);
	duration(all, sizeof(all), found->sum_ns);
	percent(time, sizeof(time), found->sum_ns, run->ns);
	add_text(line,
		 "%" PRIu64 " exits, %s of the VM's: %.0f a second, %s each; in all %s, %s of ",
		 found->count, share, (double)found->count * (double)NS_PER_SEC / (double)run->ns,
		 each, all, time);
	add_text(line, "the time of one vCPU.");
	print_field(out, body, "Seen", line);
}

static void print_little(FILE *out, const struct judgment *judgment, const struct vm_stat *vm,
			 const struct run *run)
{
	const struct amount *found = &judgment->measure.rule;
	char line[LINE_LEN] = "", all[32], time[32];

	duration(all, sizeof(all), found->sum_ns);
	percent(time, sizeof(time), found->sum_ns, run->ns * vm->nvcpus);
	add_text(line, "%" PRIu64 " exits other than HLT: %s in all, %s of the time of %zu vCPU%s.",
		 found->count, all, time, vm->nvcpus, vm->nvcpus == 1 ? "" : "s");
	print_field(out, body, "Seen", line);
}

/* Of a rule that goes by a part of all times. */
static void print_part(FILE *out, const struct judgment *judgment, const struct run *run)
{
	const struct amount *found = &judgment->measure.rule;
	char line[LINE_LEN] = "", all[32], time[32];

	duration(all, sizeof(all), found->sum_ns);
	percent(time, sizeof(time), found->sum_ns, run->ns);
	add_text(line, "%s in all, %s of the time of one vCPU, in %" PRIu64 " exits.", all, time,
		 found->count);
	print_field(out, body, "Seen", line);
}

/* With --split: where the time went, of reasons, as it is not known of keys. */
static void print_split(FILE *out, const struct measure *measure, const struct run *run)
{
	char line[LINE_LEN] = "";

	for (unsigned int part = 0; part <= PART_KVM; part++)
		if (has_part(run, part) && measure->part_ns[part])
			add_text(line, "%s%.1f%% %s", *line ? ", " : "their reasons' time: ",
				 measure_share(measure, part), part_name(part));
	print_field(out, body, "", line);
}

static int most_time_first(const void *a, const void *b)
{
	const struct detail *x = a, *y = b;

	if (x->sum_ns != y->sum_ns)
		return x->sum_ns < y->sum_ns ? 1 : -1;
	return details_compare(x, y);
}

static void print_key(FILE *out, const struct detail *detail, const struct run *run)
{
	const char *access = access_name(detail->kind, detail->access);
	char line[LINE_LEN] = "", key[KEY_TEXT_LEN], name[KEY_NAME_LEN], time[32];

	key_text(key, detail);
	percent(time, sizeof(time), detail->sum_ns, run->ns);
	add_text(line, "%s%s%s %s", kind_name(detail->kind), access ? " " : "", access ?: "", key);
	if (key_name(name, detail))
		add_text(line, " (%s)", name);
	add_text(line, ": %" PRIu64 " exits, %s", detail->count, time);
	print_field(out, body, "", line);
}

static void print_keys(FILE *out, const struct measure *measure, const struct run *run)
{
	size_t n = measure->keys.n, bytes = n * sizeof(*measure->keys.list);
	struct detail *sorted = n ? malloc(bytes) : NULL;

	if (!sorted)
		return;
	memcpy(sorted, measure->keys.list, bytes);
	array_sort(sorted, n, sizeof(*sorted), most_time_first);
	for (size_t i = 0; i < n && i < KEYS_SHOWN; i++)
		print_key(out, &sorted[i], run);
	if (n > KEYS_SHOWN) {
		char line[LINE_LEN] = "";

		add_text(line, "and %zu more keys", n - KEYS_SHOWN);
		print_field(out, body, "", line);
	}
	free(sorted);
}

static void print_pages(FILE *out, const struct measure *measure)
{
	char line[LINE_LEN] = "";

	add_text(line, "%zu pages, each %.1f times; of each 2 MiB that has any, %.0f by themselves",
		 measure_pages(measure), measure_again(measure), measure_crowd(measure));
	print_field(out, body, "", line);
	if (!measure->roomless.count)
		return;
	line[0] = '\0';
	add_text(line, "besides, %" PRIu64 " exits whose pages had no room",
		 measure->roomless.count);
	print_field(out, body, "", line);
}

static void print_seen(FILE *out, const struct judgment *judgment, const struct vm_stat *vm,
		       const struct run *run)
{
	const struct rule *rule = judgment->rule;
	uint32_t missing = rule->tells & ~run->kinds;

	if (rule->measured == MEASURE_LITTLE) {
		print_little(out, judgment, vm, run);
		return;
	}
	if (rule->measured == MEASURE_PART) {
		print_part(out, judgment, run);
		return;
	}
	print_amount(out, judgment, run);
	print_split(out, &judgment->measure, run);
	if (rule_of_pages(rule))
		print_pages(out, &judgment->measure);
	else
		print_keys(out, &judgment->measure, run);
	for (uint8_t kind = 0; kind < EXITSTAT_KINDS; kind++) {
		char line[LINE_LEN] = "";

		if (!(missing & 1u << kind))
			continue;
		add_text(line, "--detail=%s %s", kind_name(kind),
			 kind == EXITSTAT_RIP ? "alone tells where in the guest" : "tells which");
		print_field(out, body, "", line);
	}
}

/* --- what was checked --------------------------------------------------------------------- */

/* Of a VM for which APICv or AVIC is inhibited: why. */
static void print_inhibited(FILE *out, const struct vm_stat *vm, const struct run *run)
{
	char line[LINE_LEN] = "", text[APICV_TEXT_LEN];

	for (uint32_t reason = 0; reason < EXITSTAT_INHIBITS; reason++) {
		if (!(vm->apicv.inhibits & 1ull << reason))
			continue;
		apicv_reason_text(text, &run->host->apicv, reason);
		add_text(line, "%s%s", *line ? ", " : "inhibited by ", text);
	}
	make_printable(line);
	print_field(out, body, "", line);
}

static void print_checked(FILE *out, const struct rule *rule, const struct advice *advice)
{
	char line[LINE_LEN] = "";

	if (!rule->facts)
		return;
	if (!advice->facts->known) {
		print_field(out, body, "Checked", "not checked: not this host");
		return;
	}
	for (int fact = 0; fact < FACTS; fact++) {
		const char *text = advice->facts->text[fact];
		uint32_t isa = fact_isa(fact);

		if (!(rule->facts & 1u << fact) || (isa && isa != advice->run->host->isa))
			continue;
		add_text(line, "%s%s: %s", *line ? "; " : "", fact_name(fact),
			 *text ? text : "there is none");
	}
	print_field(out, body, "Checked", line);
}

/* --- rules -------------------------------------------------------------------------------- */

static void print_consistent(FILE *out, const struct judgment *judgment, const struct vm_stat *vm,
			     const struct advice *advice)
{
	const struct rule *rule = judgment->rule;
	char line[LINE_LEN] = "";

	add_text(line, "%s [%s]", rule->title, rule->id);
	print_field(out, title, "Consistent with:", line);
	print_seen(out, judgment, vm, advice->run);
	print_field(out, body, "Means", rule->means);
	print_checked(out, rule, advice);
	if (rule->apicv == RULE_INHIBITED)
		print_inhibited(out, vm, advice->run);
	print_field(out, body, "Changed", rule->change);
	print_field(out, body, "Cost", rule->cost);
	print_field(out, body, "See", rule->documented);
}

/* Why these are open: the same for all of them. */
static void add_want(char line[LINE_LEN], const struct judgment *judgment, const struct run *run)
{
	uint32_t missing = rule_kinds(judgment->rule) & ~run->kinds;
	const char *before = ": trace with --detail=";

	switch (judgment->fit) {
	case FIT_NO_KEYS:
		for (uint8_t kind = 0; kind < EXITSTAT_KINDS; kind++) {
			if (!(missing & 1u << kind))
				continue;
			add_text(line, "%s%s", before, kind_name(kind));
			before = ",";
		}
		if (judgment->rule->spent.share > 0 && !run->parts)
			add_text(line, " --split");
		break;
	case FIT_NO_SPLIT:
		add_text(line, run->parts ? ": this kernel does not tell where times went"
					  : ": trace with --split");
		break;
	case FIT_NO_ROOM:
		add_text(line, ": not all keys had room; a larger --max-vcpus makes more");
		break;
	case FIT_NO_FACT:
		add_text(line, ": %s of its host is not known; look there",
			 fact_name(judgment->rule->where.fact));
		break;
	case FIT_NO_LIVES:
		add_text(line, ": a file does not say whether the VM was there all the time; "
			       "--explain, when it is traced, does");
		break;
	default:
		break;
	}
}

static bool same_want(const struct judgment *a, const struct judgment *b, const struct run *run)
{
	return a->fit == b->fit &&
	       (a->fit != FIT_NO_KEYS ||
		((rule_kinds(a->rule) & ~run->kinds) == (rule_kinds(b->rule) & ~run->kinds) &&
		 (a->rule->spent.share > 0) == (b->rule->spent.share > 0)));
}

/* Those that want the same are in one line, which the first of them begins. */
static void print_open(FILE *out, const struct vm_advice *of, size_t i, const struct run *run)
{
	const struct judgment *judgment = &of->judgments[i];
	char line[LINE_LEN] = "";

	for (size_t j = 0; j < i; j++)
		if (same_want(&of->judgments[j], judgment, run))
			return;
	for (size_t j = i; j < of->n; j++)
		if (same_want(&of->judgments[j], judgment, run))
			add_text(line, "%s%s", *line ? ", " : "", of->judgments[j].rule->id);
	add_want(line, judgment, run);
	print_field(out, open_title, "Not judged:", line);
}

static void print_vm(FILE *out, const struct vm_advice *of, const struct advice *advice)
{
	size_t consistent = 0;

	print_line(out, "%s (pid %u%s)", of->vm->name, of->vm->pid, of->vm->ended ? ", ended" : "");
	for_each_element(judgment, of->judgments, of->n) {
		if (judgment->fit != FIT_CONSISTENT)
			continue;
		print_consistent(out, judgment, of->vm, advice);
		consistent++;
	}
	if (!consistent)
		fprintf(out, "  Consistent with nothing that we know of.\n");
	for (size_t i = 0; i < of->n; i++)
		if (of->judgments[i].fit != FIT_CONSISTENT)
			print_open(out, of, i, advice->run);
}

void advice_print(FILE *out, const struct advice *advice)
{
	fprintf(out, "what %.1f s of exits are consistent with, which need not be so:\n",
		(double)advice->run->ns / (double)NS_PER_SEC);
	if (!advice->nvms)
		fprintf(out, "no VM exits: nothing to explain\n");
	for_each_element(of, advice->vms, advice->nvms)
		print_vm(out, of, advice);
}
