// SPDX-License-Identifier: GPL-2.0-only
/* From the lines of cpuid's text to a reading: which layout, which leaf is which. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/exitstat.h"
#include "doc/cpuid_lines.h"
#include "doc/cpuid_text.h"

static bool is_zero(const struct cpuid_regs *regs)
{
	return !(regs->eax | regs->ebx | regs->ecx | regs->edx);
}

/* How many answers cannot be of this layout. */
static size_t misfits(const struct cpuid_text *text, uint32_t layout)
{
	size_t n = 0;
	enum leaf leaf;
	uint64_t value;

	for (size_t i = 0; i < text->nlines; i++) {
		const struct cpuid_line *line = &text->lines[i];

		if (!line->cut && line->leaf != LEAF_WHO)
			n += leaf_answer(layout, line->leaf, &line->regs, &leaf, &value) ==
			     ANSWER_NONSENSE;
	}
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

/*
 * LEAF_WHO says which layout it is, unless all the answers contradict it:
 * counts come in EAX, cycles in ECX, and the layouts differ in which leaf has which.
 */
static int find_layout(const struct guest_doc *doc, const struct cpuid_text *text,
		       struct findings *findings, uint32_t *layout, struct error *err)
{
	const struct cpuid_line *who = find_who(text, 0);
	size_t of_2021 = misfits(text, LAYOUT_2021), of_2022 = misfits(text, LAYOUT_2022);
	bool ours = who && is_ours(&who->regs);

	*layout = of_2021 < of_2022 ? LAYOUT_2021 : LAYOUT_2022;
	if (of_2021 == of_2022 && !ours)
		return fail(
			err, STATUS_CANNOT,
			who && is_zero(&who->regs)
				? "%s: nobody answers leaf " LEAF_WHO_TEXT
				  " there: read it in a VM that was "
				  "started while its host's patched KVM had kvm.exitstat=1"
				: "%s: its answers fit both layouts of the leaves, or neither: add "
				  "the text of 'cpuid -1 -r -l " LEAF_WHO_TEXT
				  " -s 0' from the same guest",
			doc->file);
	if (of_2021 == of_2022)
		*layout = who->regs.eax & 0xffff;
	else if (who && (!ours || (who->regs.eax & 0xffff) != *layout))
		find_line(findings, doc->file, who,
			  *layout == LAYOUT_2021 ? "0x107e5 0x454d564b 0x53746978 0x73746174"
						 : "0x107e6 0x454d564b 0x53746978 0x73746174");
	return 0;
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
		find_line(findings, doc->file, line,
			  "a count in EBX:EAX or cycles in EBX:ECX, the rest 0");
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
static void note_unread(const struct guest_doc *doc, const struct cpuid_line *line,
			struct findings *findings)
{
	struct finding *f =
		findings_add(findings, doc->file, VERDICT_EXPLAINED, "line %zu", line->line);

	finding_set(f->why, "not a whole answer of cpuid -r: it was not read");
	findings->unread++;
}

static int take_lines(struct guest_doc *doc, const struct cpuid_text *text,
		      struct findings *findings, struct error *err)
{
	if (!text->nlines)
		return fail(
			err, STATUS_CANNOT,
			"%s: neither a document of exitstat-guest --json nor text of cpuid with "
			"a leaf from 0x%x to 0x%x: paste 'cpuid -1 -r -l 0x%x'",
			doc->file, EXITSTAT_LEAF_FIRST, EXITSTAT_LEAF_LAST, EXITSTAT_LEAF_LAST);
	if (find_layout(doc, text, findings, &doc->layout, err))
		return -1;
	read_who(doc, text, findings);
	for (size_t i = 0; i < text->nlines; i++) {
		const struct cpuid_line *line = &text->lines[i];

		if (line->cut)
			note_unread(doc, line, findings);
		else if (line->leaf != LEAF_WHO && take_line(doc, line, findings))
			return fail(err, STATUS_FAILED, "out of memory for %s", doc->file);
		else if (line->leaf == LEAF_WHO && line->subleaf > 1 && !is_zero(&line->regs))
			find_line(findings, doc->file, line, "0 0 0 0");
	}
	return 0;
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
	ret = take_lines(doc, &found, findings, err);
	free(found.lines);
	if (ret)
		guest_doc_free(doc);
	return ret;
}
