/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A seal tells whether a document is as it was written. Where one value of it was
 * changed since, it tells which, and what stood there: it is three sums over all
 * values, each weighted by the powers 0, 1, 2 of its place (a Reed-Solomon code
 * over the integers modulo a prime).
 */
#ifndef EXITSTAT_DOC_SEAL_H
#define EXITSTAT_DOC_SEAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum seal_state {
	SEAL_NONE,   /* the document has no seal */
	SEAL_WHOLE,  /* nothing was changed */
	SEAL_ONE,    /* one value was, see struct seal_fault */
	SEAL_BROKEN, /* more than one value was */
	SEAL_NO_MEMORY,
};

struct seal_fault {
	char path[256]; /* e.g. vms[0].vcpus[1].id */
	bool is_integer;
	int64_t value, written; /* only with is_integer: what is there, what was */
};

/* Add "seal" to a document. 0 or -1: no memory. */
int seal_set(json_t *doc);
enum seal_state seal_check(const json_t *doc, struct seal_fault *fault);

#endif
