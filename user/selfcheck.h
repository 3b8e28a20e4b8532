/* SPDX-License-Identifier: GPL-2.0-only */
/* Is a document right by itself? What it says twice must be the same. */
#ifndef EXITSTAT_SELFCHECK_H
#define EXITSTAT_SELFCHECK_H

#include "findings.h"
#include "guestdoc.h"
#include "hostdoc.h"

void hostcheck(const struct host_doc *doc, struct findings *findings);
void guestcheck(const struct guest_doc *doc, struct findings *findings);

#endif
