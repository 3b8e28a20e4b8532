// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "advice/judge.h"
#include "advice/print.h"
#include "base/clock.h"
#include "base/figures.h"
#include "html/consistent.h"
#include "html/text.h"

static void print_amount(FILE *out, const struct judgment *judgment, const struct vm_stat *vm,
			 const struct run *run)
{
	const struct amount *found = &judgment->measure.rule;
	char exits[32], all[32], share[32];

	grouped(exits, sizeof(exits), found->count);
	duration(all, sizeof(all), found->sum_ns);
	percent(share, sizeof(share), found->sum_ns, run->ns);
	fputs("<li>", out);
	html_element(out, "b", "%s", vm->name);
	html_text(out, " (pid %" PRIu32 "): %s exits, %s in all, %s of the time of one vCPU",
		  vm->pid, exits, all, share);
	fputs("</li>\n", out);
}

static void print_field(FILE *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	html_element(out, "dt", "%s", name);
	html_element(out, "dd", "%s", text);
}

/* Of a VM, if it fits; NULL: it does not. */
static const struct judgment *find_fit(const struct vm_advice *of, const struct rule *rule)
{
	for_each_element(judgment, of->judgments, of->n)
		if (judgment->rule == rule && judgment->fit == FIT_CONSISTENT)
			return judgment;
	return NULL;
}

/* For whichever VMs it fits: what it means is the same of all of them. */
static void print_rule(FILE *out, const struct rule *rule, const struct advice *advice)
{
	fputs("<article class=rule>\n", out);
	html_element(out, "h3", "%s", rule->title);
	fputs("<ul class=seen>\n", out);
	for_each_element(of, advice->vms, advice->nvms) {
		const struct judgment *judgment = find_fit(of, rule);

		if (judgment)
			print_amount(out, judgment, of->vm, advice->run);
	}
	fputs("</ul><details><summary>What that means, and what people change</summary><dl>\n",
	      out);
	print_field(out, "Means", rule->means);
	print_field(out, "Changed", rule->change);
	print_field(out, "Cost", rule->cost);
	print_field(out, "See", rule->documented);
	fputs("</dl></details></article>\n", out);
}

static bool fits_any(const struct rule *rule, const struct advice *advice)
{
	for_each_element(of, advice->vms, advice->nvms)
		if (find_fit(of, rule))
			return true;
	return false;
}

/* The whole of it, as the command prints it: also what was not judged, and for want of what. */
static int print_whole(FILE *out, const struct advice *advice)
{
	char *text = NULL;
	size_t size;
	FILE *whole = open_memstream(&text, &size);

	if (!whole)
		return -ENOMEM;
	advice_print(whole, advice);
	if (fclose(whole)) {
		free(text);
		return -ENOMEM;
	}
	fputs("<details class=table><summary>All that <code>--explain</code> says, and what it could not "
	      "judge</summary><div class=scroll tabindex=0 role=region aria-label=\"all that "
	      "--explain says\"><pre>\n",
	      out);
	for (char *line = text, *end; *line; line = end) {
		for (end = line; *end && *end != '\n';)
			end++;
		html_text(out, "%.*s", (int)(end - line), line);
		end += *end == '\n';
		fputc('\n', out);
	}
	fputs("</pre></div></details>\n", out);
	free(text);
	return 0;
}

int consistent_print(FILE *out, const struct page *page)
{
	struct advice advice;
	int err = advice_judge(&advice, page->run, page->facts, false);

	if (err)
		return err;
	fputs("<section id=consistent><h2>What it is consistent with</h2>\n", out);
	html_element(
		out, "p class=lead", "%s",
		advice_count(&advice, FIT_CONSISTENT)
			? "These causes fit what was counted, which need not be so: they say "
			  "where to look first."
			: "No rule fits what was counted: none of the usual causes of many, or "
			  "of long, exits stands out.");
	for (size_t i = 0; i < nrules; i++)
		if (fits_any(&rules[i], &advice))
			print_rule(out, &rules[i], &advice);
	err = print_whole(out, &advice);
	fputs("</section>\n", out);
	advice_free(&advice);
	return err;
}
