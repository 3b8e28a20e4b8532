// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>

#include "html/notes.h"
#include "html/text.h"
#include "view/apicv.h"
#include "view/notes.h"

static const struct {
	const char *term, *text;
} terms[] = {
	{ "A VM exit",
	  "is when the CPU stops to run a guest and goes on in the host's kernel, KVM: the guest did "
	  "something that KVM has to do for it, or the host wanted its CPU. Until the guest is entered "
	  "again it does not run. A few thousand a second and vCPU are usual; what matters is what they "
	  "cost." },
	{ "The time",
	  "of an exit is from there until the guest runs again. All that happened meanwhile is in it: "
	  "KVM's work, that of the VMM (QEMU, say), sleep, and waiting for a CPU." },
	{ "A reason",
	  "is what the CPU gives for the exit. HLT is one that costs nothing by itself: the guest had "
	  "nothing to do, and slept. So \"idle\" is left out where it says so." },
	{ "A distribution",
	  "says more than an average: two peaks are two kinds of exits, one of which KVM answers "
	  "itself, and the other the VMM, say; a long tail is mostly the host's doing." },
};

void notes_print_intro(FILE *out)
{
	fputs("<details class=intro><summary>New to this? How to read it</summary><dl>\n", out);
	for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
		html_element(out, "dt", "%s", terms[i].term);
		html_element(out, "dd", "%s", terms[i].text);
	}
	fputs("</dl></details>\n", out);
}

static void print_lines(FILE *out, const char *text)
{
	const char *end;

	fputs("<pre class=wrap>", out);
	for (; *text; text = end) {
		for (end = text; *end && *end != '\n';)
			end++;
		html_text(out, "%.*s", (int)(end - text), text);
		end += *end == '\n';
		fputc('\n', out);
	}
	fputs("</pre>\n", out);
}

int notes_print(FILE *out, const struct run *run)
{
	char *text = NULL;
	size_t size;
	FILE *notes = open_memstream(&text, &size);

	if (!notes)
		return -ENOMEM;
	notes_clock(notes, run);
	apicv_print(notes, run);
	notes_levels(notes, run);
	if (run->self)
		notes_self(notes, run);
	notes_losses(notes, &run->snap->losses);
	if (fclose(notes)) {
		free(text);
		return -ENOMEM;
	}
	fputs("<section id=notes><h2>How this was measured</h2>\n", out);
	print_lines(out, text);
	fputs("</section>\n", out);
	free(text);
	return 0;
}
