/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was read in a guest, number by number: from what "exitstat-guest --json" wrote, or
 * (cpuid_text.h) from the text of Debian's cpuid.
 */
#ifndef EXITSTAT_DOC_GUEST_READ_H
#define EXITSTAT_DOC_GUEST_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/leaves.h"

#define WHERE_LEN	  56
#define GUEST_MAX_REASONS 1024u

/* One number that was read. */
struct observation {
	enum leaf leaf;
	uint32_t code; /* of a total of a text: ECX, which such a leaf ignores, as it is there */
	bool defined;  /* else the answer was that the manual has no such reason */
	uint64_t value;
	uint32_t reading;      /* of a document: which */
	char where[WHERE_LEN]; /* in the file */
};

enum selection {
	SELECTED_COUNTED,
	SELECTED_ALL,
	SELECTED_CHOSEN,
};

struct guest_doc {
	const char *file;
	bool is_text;
	bool has_who; /* the host's isa, tsc_khz and number of defined reasons are known */
	uint32_t isa, layout, tsc_khz, defined;
	/* Where they are in the file. */
	const char *isa_where, *khz_where, *defined_where;
	enum selection selection;
	size_t nreadings, n;
	struct observation *observations; /* n, in the order of reading */
};

/* 0, or -1 with err: not such a document (STATUS_CANNOT), no memory. */
int guest_read(struct guest_doc *doc, const char *file, const json_t *root, struct error *err);
void guest_doc_free(struct guest_doc *doc);

/* One more, its place to be filled in; NULL: no memory. */
struct observation *guest_observe(struct guest_doc *doc, enum leaf leaf, uint32_t code,
				  uint64_t value);

#endif
