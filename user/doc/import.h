/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that compare is given. They come from elsewhere: nothing in them is trusted. */
#ifndef EXITSTAT_DOC_IMPORT_H
#define EXITSTAT_DOC_IMPORT_H

#include <stdio.h>

#include "doc/findings.h"
#include "doc/guest_read.h"
#include "doc/host_read.h"

#define IMPORT_MAX_BYTES (128u << 20)

/*
 * Read a file ("-": stdin). What its seal tells goes to findings, also when there is no
 * more to be read than that. 0, or -1 with err (STATUS_CANNOT: not to be read, not what
 * it should be).
 */
int import_host(struct host_document *doc, const char *file, struct findings *findings,
		struct error *err);
/* The same of a file that is open. */
int import_open_host(struct host_document *doc, FILE *open, const char *file,
		     struct findings *findings, struct error *err);
int import_guest(struct guest_doc *doc, const char *file, struct findings *findings,
		 struct error *err);

#endif
