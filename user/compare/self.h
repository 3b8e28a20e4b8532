/* SPDX-License-Identifier: GPL-2.0-only */
/* Is a document right by itself? What it says twice must be the same. */
#ifndef EXITSTAT_COMPARE_SELF_H
#define EXITSTAT_COMPARE_SELF_H

#include "doc/findings.h"
#include "doc/guest_read.h"
#include "doc/host_read.h"

void hostcheck(const struct host_doc *doc, struct findings *findings);
void guestcheck(const struct guest_doc *doc, struct findings *findings);

#endif
