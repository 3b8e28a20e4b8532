// SPDX-License-Identifier: GPL-2.0-only
/* Text of cpuid that was pasted. What was read of it, written as cpuid does, reads the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/cpuid_lines.h"
#include "doc/cpuid_text.h"
#include "doc/pasted.h"
#include "fuzz.h"

#define LINE_LEN 96u

static void expect_line(const struct cpuid_line *line, const struct cpuid_line *before,
			size_t newlines)
{
	EXPECT(line->line >= 1 && line->line <= newlines + 1);
	EXPECT(!before || line->line >= before->line);
	EXPECT(line->cut || is_leaf_number(line->leaf));
}

static char *write_lines(const struct cpuid_text *found)
{
	char *text = malloc(found->nlines * LINE_LEN + 1);
	size_t len = 0;

	EXPECT(text);
	for (size_t i = 0; i < found->nlines; i++) {
		const struct cpuid_line *line = &found->lines[i];
		const struct cpuid_regs *regs = &line->regs;

		if (!line->cut)
			len += (size_t)sprintf(
				text + len,
				"   0x%08x 0x%02x: eax=0x%08x ebx=0x%08x ecx=0x%08x edx=0x%08x\n",
				line->leaf, line->subleaf, regs->eax, regs->ebx, regs->ecx,
				regs->edx);
	}
	text[len] = '\0';
	return text;
}

static void expect_the_same_again(const struct cpuid_text *found)
{
	char *text = write_lines(found), *second;
	struct cpuid_text again;

	EXPECT(!cpuid_lines_read(&again, text, strlen(text)));
	second = write_lines(&again);
	EXPECT_SAME(second, text);
	free(second);
	free(text);
	free(again.lines);
}

static void read_lines(const char *text, size_t size)
{
	struct cpuid_text found;
	size_t newlines = 0;

	if (cpuid_lines_read(&found, text, size))
		return;
	for (size_t i = 0; i < size; i++)
		newlines += text[i] == '\n';
	for (size_t i = 0; i < found.nlines; i++)
		expect_line(&found.lines[i], i ? &found.lines[i - 1] : NULL, newlines);
	expect_the_same_again(&found);
	free(found.lines);
}

static void read_text(const char *text, size_t len)
{
	struct findings findings = { 0 };
	struct guest_doc doc;
	struct error err;

	if (cpuid_text_read(&doc, "input", text, len, &findings, &err)) {
		expect_error(&err);
	} else {
		/* Each line is a number, a finding, or says who answers. */
		for (size_t i = 0; i < doc.n; i++)
			expect_printable(doc.observations[i].where);
		guest_doc_free(&doc);
	}
	findings_free(&findings);
}

/* As compare reads a file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	EXPECT(text);
	memcpy(text, data, size);
	EXPECT(!pasted_decode(&text, &size));
	read_lines(text, size);
	read_text(text, size);
	free(text);
	return 0;
}
