/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was read in a guest, from what "exitstat-guest --json" wrote (the shape of
 * user/exitstat-guest.schema.json) or from the text of Debian's cpuid.
 */
#ifndef EXITSTAT_DOC_GUEST_READ_H
#define EXITSTAT_DOC_GUEST_READ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "doc/findings.h"
#include "model/leaves.h"

#define WHERE_LEN	  56
#define GUEST_MAX_REASONS 1024u

/* One number that was read, in the order of reading. */
struct observation {
	enum leaf leaf;
	uint32_t code; /* of LEAF_COUNT and those after it */
	bool defined;  /* else the answer was that the manual has no such reason */
	uint64_t value;
	char where[WHERE_LEN]; /* in the file */
};

struct guest_sums {
	uint64_t count, handled, away;
};

struct guest_reason {
	uint32_t code;
	const char *name;
	bool defined;
	struct guest_sums sums;
};

/* The exits that exitstat-guest itself caused, as its schema explains. */
struct guest_own {
	uint64_t reading, so_far, in_total;
	bool has_cpuid;
	uint64_t in_cpuid;
};

struct guest_reading {
	bool timed; /* by the guest's clocks; not in cpuid's text */
	uint64_t real_ns, start_ns, took_ns;
	struct guest_own own;
	struct guest_sums total;
	size_t nreasons;
	struct guest_reason *reasons; /* of a JSON document */
	size_t nobservations;
	struct observation *observations;
};

enum selection {
	SELECTED_COUNTED,
	SELECTED_ALL,
	SELECTED_CHOSEN,
};

struct guest_doc {
	const char *file;
	json_t *root; /* what the names point into; NULL: a text */
	bool has_isa; /* the host's isa, tsc_khz and number of defined reasons are known */
	uint32_t isa, layout;
	uint64_t tsc_khz, defined;
	const char *isa_where, *khz_where, *defined_where;
	enum selection selection;
	size_t nreadings;
	struct guest_reading *readings;
	size_t cut_line; /* of a text: the first line of which a part is missing, or 0 */
};

/* Takes over root. 0, or -1 with err: not such a document (STATUS_CANNOT), no memory. */
int guestdoc_read(struct guest_doc *doc, const char *file, json_t *root, struct error *err);

/*
 * From cpuid's text, which may have anything around it. Answers that no KVM of ours
 * gives go to findings. 0, or -1 with err: there is nothing to compare in it.
 */
int guestdoc_read_text(struct guest_doc *doc, const char *file, const char *text, size_t len,
		       struct findings *findings, struct error *err);
void guestdoc_free(struct guest_doc *doc);

#endif
