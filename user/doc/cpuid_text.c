// SPDX-License-Identifier: GPL-2.0-only
/* From the lines of cpuid's text to a reading: which layout, which leaf is which. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "doc/cpuid_lines.h"
#include "doc/cpuid_text.h"
#include "doc/whatis.h"
#include "model/snapshot.h"

static bool is_zero(const struct cpuid_regs *regs)
{
	return !(regs->eax | regs->ebx | regs->ecx | regs->edx);
}

/* No KVM of ours answers so, in this layout. */
static bool is_misfit(const struct cpuid_line *line, uint32_t layout)
{
	enum leaf leaf;
	uint64_t value;

	return !line->cut && line->leaf != LEAF_WHO &&
	       leaf_answer(layout, line->leaf, &line->regs, &leaf, &value) == ANSWER_NONSENSE;
}

static size_t misfits(const struct cpuid_text *text, uint32_t layout)
{
	size_t n = 0;

	for_each_element(line, text->lines, text->nlines)
		n += is_misfit(line, layout);
	return n;
}

static const struct cpuid_line *find_who(const struct cpuid_text *text, uint32_t subleaf)
{
	for (size_t i = 0; i < text->nlines; i++)
		if (!text->lines[i].cut && text->lines[i].leaf == LEAF_WHO &&
		    text->lines[i].subleaf == subleaf)
			return &text->lines[i];
	return NULL;
}

static bool is_ours(const struct cpuid_regs *regs)
{
	uint32_t layout = regs->eax & 0xffff;

	return who_is_signed(regs) && regs->eax >> 16 == LEAVES_ABI &&
	       (layout == LAYOUT_2021 || layout == LAYOUT_2022);
}

static void find_line(struct findings *findings, const char *file, const struct cpuid_line *line,
		      const char *expected)
{
	struct finding *f = findings_add(findings, file, VERDICT_DISAGREE,
					 "line %zu: leaf 0x%x, ECX 0x%x", line->line, line->leaf,
					 line->subleaf);

	finding_set(f->value, "0x%x 0x%x 0x%x 0x%x", line->regs.eax, line->regs.ebx, line->regs.ecx,
		    line->regs.edx);
	finding_set(f->expected, "%s", expected);
	finding_set(f->why, "no KVM with exitstat's patch answers so");
}

/* What KVM without the patch answers there: nothing of the signature. */
static bool is_nobody(const struct cpuid_line *who)
{
	static const struct cpuid_regs ours = { 0, 0x454d564b, 0x53746978, 0x73746174 };

	return who && who->regs.ebx != ours.ebx && who->regs.ecx != ours.ecx &&
	       who->regs.edx != ours.edx;
}

#define COUNT_SHAPE  "a count in EBX:EAX, ECX and EDX 0"
#define CYCLES_SHAPE "cycles in EBX:ECX, EAX and EDX 0"
#define NO_REASON    ", or all 0 but EDX 0xffffffff"

static const char *shape_of(enum leaf leaf)
{
	static const char *const shapes[] = {
		[LEAF_COUNT_ALL] = COUNT_SHAPE,		 [LEAF_HANDLED_ALL] = CYCLES_SHAPE,
		[LEAF_AWAY_ALL] = CYCLES_SHAPE,		 [LEAF_COUNT] = COUNT_SHAPE NO_REASON,
		[LEAF_HANDLED] = CYCLES_SHAPE NO_REASON, [LEAF_AWAY] = CYCLES_SHAPE NO_REASON,
	};

	return shapes[leaf];
}

/*
 * LEAF_WHO says which layout it is, unless all the answers contradict it:
 * counts come in EAX, cycles in ECX, and the layouts differ in which leaf has which.
 * 0: that cannot be told.
 */
static uint32_t find_layout(const struct cpuid_text *text, const char *file,
			    struct findings *findings)
{
	const struct cpuid_line *who = find_who(text, 0);
	size_t of_2021 = misfits(text, LAYOUT_2021), of_2022 = misfits(text, LAYOUT_2022);
	bool ours = who && is_ours(&who->regs);
	uint32_t layout = of_2021 < of_2022 ? LAYOUT_2021 : LAYOUT_2022;

	if (of_2021 == of_2022)
		return ours ? who->regs.eax & 0xffff : 0;
	if (who && (!ours || (who->regs.eax & 0xffff) != layout))
		find_line(findings, file, who,
			  layout == LAYOUT_2021 ? "0x107e5 0x454d564b 0x53746978 0x73746174"
						: "0x107e6 0x454d564b 0x53746978 0x73746174");
	return layout;
}

/* Subleaf 1: the host's ISA, how many reasons are defined, its TSC's kHz. */
static void read_who(struct guest_doc *doc, const struct cpuid_text *text,
		     struct findings *findings)
{
	const struct cpuid_line *line = find_who(text, 1);

	if (!line)
		return;
	if (line->regs.edx || line->regs.eax < 1 || line->regs.eax > 2) {
		find_line(findings, doc->file, line, "EAX 1 or 2, EDX 0");
		return;
	}
	doc->has_who = true;
	doc->isa = line->regs.eax == 1 ? EXITSTAT_ISA_VMX : EXITSTAT_ISA_SVM;
	doc->defined = line->regs.ebx;
	doc->tsc_khz = line->regs.ecx;
	doc->isa_where = "leaf " LEAF_WHO_TEXT ", ECX 1: EAX";
	doc->defined_where = "leaf " LEAF_WHO_TEXT ", ECX 1: EBX";
	doc->khz_where = "leaf " LEAF_WHO_TEXT ", ECX 1: ECX";
}

/* 0, or -1: no memory. */
static int take_line(struct guest_doc *doc, const struct cpuid_line *line,
		     struct findings *findings)
{
	enum leaf leaf = LEAF_COUNT;
	uint64_t value = 0;
	enum answer answer = leaf_answer(doc->layout, line->leaf, &line->regs, &leaf, &value);
	struct observation *o;

	if (answer == ANSWER_NONSENSE) {
		find_line(findings, doc->file, line, shape_of(leaf));
		return 0;
	}
	o = guest_observe(doc, leaf, line->subleaf, value);
	if (!o)
		return -1;
	o->defined = answer == ANSWER_VALUE;
	snprintf(o->where, sizeof(o->where), "line %zu: leaf 0x%x, ECX 0x%x", line->line,
		 line->leaf, line->subleaf);
	return 0;
}

/* It may be anyone's, so it is no disagreement; but then nobody can say that all agrees. */
static void note_unread(const struct guest_doc *doc, const struct cpuid_line *line, const char *why,
			struct findings *findings)
{
	struct finding *f =
		findings_add(findings, doc->file, VERDICT_EXPLAINED, "line %zu", line->line);

	finding_set(f->why, "%s: it was not read", why);
	findings->unread++;
}

static int take_lines(struct guest_doc *doc, const struct cpuid_text *text,
		      struct findings *findings, struct error *err)
{
	for_each_element(line, text->lines, text->nlines) {
		if (line->cut)
			note_unread(doc, line, "not a whole answer of cpuid -r", findings);
		else if (line->leaf != LEAF_WHO && take_line(doc, line, findings))
			return fail(err, STATUS_FAILED, "out of memory for %s", doc->file);
		else if (line->leaf == LEAF_WHO && line->subleaf > 1 && !is_zero(&line->regs))
			find_line(findings, doc->file, line, "0 0 0 0");
	}
	return 0;
}

/* No KVM of ours answers so, whatever its layout. Where that is not known, nor is LEAF_WHO. */
static bool is_nonsense(const struct cpuid_line *line)
{
	if (line->leaf == LEAF_WHO)
		return !line->cut && !line->subleaf;
	return is_misfit(line, LAYOUT_2021) && is_misfit(line, LAYOUT_2022);
}

/*
 * Of a text of which the layout is not known: the answers that are of neither are named,
 * and make it a disagreement; what the others mean cannot be said.
 */
static int take_nonsense(const struct guest_doc *doc, const struct cpuid_text *text,
			 struct findings *findings, struct error *err)
{
	size_t n = 0;

	for_each_element(line, text->lines, text->nlines) {
		if (is_nonsense(line)) {
			find_line(findings, doc->file, line,
				  line->leaf == LEAF_WHO ? "the signature of exitstat's leaves"
							 : COUNT_SHAPE ", or " CYCLES_SHAPE);
			n++;
		} else if (line->leaf != LEAF_WHO || line->cut) {
			note_unread(doc, line,
				    line->cut ? "not a whole answer of cpuid -r"
					      : "of which layout the leaves are is not known",
				    findings);
		}
	}
	if (n)
		return 0;
	return fail(err, STATUS_CANNOT,
		    "%s: its answers fit both layouts of the leaves: add the text of "
		    "'cpuid -1 -r -l " LEAF_WHO_TEXT " -s 0' from the same guest",
		    doc->file);
}

/* Without an answer that can be read, what it is and what is wanted instead. */
static int fail_unread(const struct guest_doc *doc, const struct cpuid_text *found,
		       const char *text, size_t len, struct error *err)
{
	const char *what = whatis(text, len);

	if (what)
		return fail(err, STATUS_CANNOT,
			    "%s is %s: give what 'exitstat-guest --json' wrote, or paste "
			    "'cpuid -1 -r -l 0x%x'",
			    doc->file, what, EXITSTAT_LEAF_LAST);
	if (found->nlines)
		return fail(err, STATUS_CANNOT,
			    "%s: line %zu and all others like it are no whole answers of cpuid -r: "
			    "paste 'cpuid -1 -r -l 0x%x' as it is",
			    doc->file, found->lines[0].line, EXITSTAT_LEAF_LAST);
	return fail(err, STATUS_CANNOT,
		    "%s: neither a document of exitstat-guest --json nor text of cpuid with "
		    "a leaf from 0x%x to 0x%x: paste 'cpuid -1 -r -l 0x%x'",
		    doc->file, EXITSTAT_LEAF_FIRST, EXITSTAT_LEAF_LAST, EXITSTAT_LEAF_LAST);
}

static bool has_answer(const struct cpuid_text *text)
{
	for_each_element(line, text->lines, text->nlines)
		if (!line->cut)
			return true;
	return false;
}

static int take_text(struct guest_doc *doc, const struct cpuid_text *text,
		     struct findings *findings, struct error *err)
{
	doc->layout = find_layout(text, doc->file, findings);
	if (!doc->layout && is_nobody(find_who(text, 0)))
		return fail(err, STATUS_CANNOT,
			    "%s: nobody answers leaf " LEAF_WHO_TEXT
			    " there: read it in a VM that was started while its host's patched "
			    "KVM had kvm.exitstat=1",
			    doc->file);
	if (!doc->layout)
		return take_nonsense(doc, text, findings, err);
	read_who(doc, text, findings);
	return take_lines(doc, text, findings, err);
}

int cpuid_text_read(struct guest_doc *doc, const char *file, const char *text, size_t len,
		    struct findings *findings, struct error *err)
{
	struct cpuid_text found;
	int ret = cpuid_lines_read(&found, text, len);

	*doc = (struct guest_doc){
		.file = file, .is_text = true, .selection = SELECTED_CHOSEN, .nreadings = 1
	};
	if (ret == -E2BIG)
		return fail(err, STATUS_CANNOT, "%s: more than %u lines of cpuid's: give fewer",
			    file, CPUID_MAX_LINES);
	if (ret)
		return fail(err, STATUS_FAILED, "out of memory for %s", file);
	if (has_answer(&found))
		ret = take_text(doc, &found, findings, err);
	else
		ret = fail_unread(doc, &found, text, len, err);
	free(found.lines);
	if (ret)
		guest_doc_free(doc);
	return ret;
}

int cpuid_text_found(const char *text, size_t len)
{
	struct cpuid_text found;
	int ret = cpuid_lines_read(&found, text, len);

	if (ret == -E2BIG)
		return 1;
	ret = ret ?: has_answer(&found);
	free(found.lines);
	return ret;
}
