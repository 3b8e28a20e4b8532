// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "base/figures.h"
#include "base/version.h"
#include "html/head.h"
#include "html/text.h"
#include "model/reasons.h"

void head_title(char *title, size_t size, const struct run *run)
{
	const struct snapshot *snap = run->snap;

	if (snap->nvms == 1)
		snprintf(title, size, "VM exits of %s", snap->vms[0].name);
	else
		snprintf(title, size, "VM exits of %zu VMs", snap->nvms);
}

/* --- what it is of -------------------------------------------------------------------------- */

static void format_time(char *text, size_t size, const struct timespec *when)
{
	struct tm tm;

	if (!localtime_r(&when->tv_sec, &tm) || !strftime(text, size, "%Y-%m-%d %H:%M:%S %Z", &tm))
		snprintf(text, size, "-");
}

static void print_fact(FILE *out, const char *name, const char *text)
{
	html_element(out, "dt", "%s", name);
	html_element(out, "dd", "%s", text);
}

static void print_facts(FILE *out, const struct page *page)
{
	const struct run *run = page->run;
	const struct host *host = run->host;
	char start[64], end[64], took[32], line[512];

	fputs("<dl class=facts>\n", out);
	snprintf(line, sizeof(line), "Linux %s, %s (%s)", host->kernel, host->cpu,
		 host->isa == EXITSTAT_ISA_UNKNOWN ? "neither VMX nor SVM"
		 : host->isa == EXITSTAT_ISA_VMX   ? "Intel VMX"
						   : "AMD SVM");
	print_fact(out, "Host", line);
	format_time(start, sizeof(start), &run->start);
	format_time(end, sizeof(end), &run->end);
	duration(took, sizeof(took), run->ns);
	snprintf(line, sizeof(line), "%s to %s, %s", start, end, took);
	print_fact(out, "Time", line);
	print_fact(out, "File", page->file);
	snprintf(line, sizeof(line), "exitstat-bpf %s", exitstat_version);
	print_fact(out, "Made by", line);
	fputs("</dl>\n", out);
}

/* --- what is missing ------------------------------------------------------------------------ */

static size_t print_loss(FILE *out, uint64_t n, const char *what)
{
	char number[32];

	if (!n)
		return 0;
	grouped(number, sizeof(number), n);
	html_element(out, "li", "%s %s", number, what);
	return 1;
}

static size_t print_losses(FILE *out, const struct losses *losses)
{
	return print_loss(out, losses->map_full,
			  "exits were not counted, for want of room (--max-vcpus makes it for "
			  "so many at start): the counts are too low by these.") +
	       print_loss(out, losses->unpaired,
			  "exits were counted, but not timed: their return was not seen.") +
	       print_loss(out, losses->missed,
			  "events were not handed to exitstat: the counts are too low by these.") +
	       print_loss(out, losses->keys,
			  "keys were not seen: so many exits may stand under \"no key\" that "
			  "have one.");
}

static void print_others(FILE *out, const struct page *page)
{
	const struct run *run = page->run;

	if (page->cut)
		html_element(out, "li", "%s: %s", page->file, page->cut);
	for (const char *const *remark = page->remarks; remark && *remark; remark++)
		html_element(out, "li", "%s", *remark);
	if (run->clock_set_ns)
		html_element(out, "li",
			     "The time of day was set meanwhile, by %+.3f s; no time here is of "
			     "that clock.",
			     (double)run->clock_set_ns / (double)NS_PER_SEC);
	if (run->no_levels && levels_may_be(run->snap))
		html_element(out, "li",
			     "Exits of nested guests are not told from the VMs' own: this kernel "
			     "does not say.");
	if (run->nfilters)
		html_element(out, "li",
			     "Only some reasons are shown, as they were asked for (-r).");
}

/* At the top, as what is below is to be read with it. */
static void print_missing(FILE *out, const struct page *page)
{
	fputs("<section class=missing aria-labelledby=missing><h2 id=missing>What to keep in "
	      "mind</h2><ul>\n",
	      out);
	print_others(out, page);
	if (!print_losses(out, &page->run->snap->losses) && !page->cut)
		html_element(out, "li class=good", "Nothing is missing: no exit was lost.");
	fputs("</ul></section>\n", out);
}

/* --- how much it was ------------------------------------------------------------------------ */

static void print_tile(FILE *out, const char *what, const char *number, const char *more)
{
	fputs("<div class=tile>", out);
	html_element(out, "dt", "%s", what);
	html_element(out, "dd", "%s", number);
	html_element(out, "dd class=more", "%s", more);
	fputs("</div>\n", out);
}

static size_t count_vcpus(const struct snapshot *snap)
{
	size_t n = 0;

	for_each_vm(vm, snap)
		n += vm->nvcpus;
	return n;
}

static void print_tiles(FILE *out, const struct run *run, const struct group *all)
{
	size_t vcpus = count_vcpus(run->snap);
	char number[32], more[64], share[32];

	fputs("<dl class=tiles>\n", out);
	grouped(number, sizeof(number), all->count);
	snprintf(more, sizeof(more), "%.0f a second",
		 run->ns ? (double)all->count * (double)NS_PER_SEC / (double)run->ns : 0);
	print_tile(out, "Exits", number, more);
	grouped(number, sizeof(number), run->snap->nvms);
	snprintf(more, sizeof(more), "with %zu vCPU%s", vcpus, vcpus == 1 ? "" : "s");
	print_tile(out, run->snap->nvms == 1 ? "VM" : "VMs", number, more);
	grouped(number, sizeof(number), all->nrows);
	print_tile(out, "Exit reasons", number, all->nrows ? "that were seen" : "none was seen");
	duration(number, sizeof(number), all->busy_ns);
	percent(share, sizeof(share), all->busy_ns, run->ns * vcpus);
	snprintf(more, sizeof(more), "%s of the vCPUs' time", share);
	print_tile(out, "Time away, idle left out", number, more);
	fputs("</dl>\n", out);
}

void head_print(FILE *out, const struct page *page, const struct view *all)
{
	const struct group nothing = { 0 };
	char title[512];

	head_title(title, sizeof(title), page->run);
	fputs("<header>\n", out);
	html_element(out, "h1", "%s", title);
	print_facts(out, page);
	fputs("</header>\n", out);
	print_missing(out, page);
	print_tiles(out, page->run, all->ngroups ? all->groups : &nothing);
}
