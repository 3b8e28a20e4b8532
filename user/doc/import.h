/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that compare is given. They come from elsewhere: nothing in them is trusted. */
#ifndef EXITSTAT_DOC_IMPORT_H
#define EXITSTAT_DOC_IMPORT_H

#include "doc/findings.h"
#include "doc/guest_read.h"
#include "doc/host_read.h"

#define IMPORT_MAX_BYTES (64u << 20)

/*
 * Read a file ("-": stdin). A number that was changed since the file was written,
 * by its seal, goes to findings; damaged says whether there was one. 0, or -1 with
 * err (STATUS_CANNOT: not to be read, not what it should be).
 */
int import_host(struct host_doc *doc, const char *file, struct findings *findings, bool *damaged,
		struct error *err);
int import_guest(struct guest_doc *doc, const char *file, struct findings *findings, bool *damaged,
		 struct error *err);

#endif
