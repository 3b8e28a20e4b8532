/* SPDX-License-Identifier: GPL-2.0-only */
/* What was read in a guest, from the text of Debian's cpuid. */
#ifndef EXITSTAT_DOC_CPUID_TEXT_H
#define EXITSTAT_DOC_CPUID_TEXT_H

#include "doc/findings.h"
#include "doc/guest_read.h"

/*
 * The text may have anything around it. Answers that no KVM of ours gives go to findings,
 * and so do those that cannot be read. 0, or -1 with err: there is nothing of ours in it.
 */
int cpuid_text_read(struct guest_doc *doc, const char *file, const char *text, size_t len,
		    struct findings *findings, struct error *err);

/* Is there an answer in it? 1, 0 or -ENOMEM. */
int cpuid_text_found(const char *text, size_t len);

#endif
