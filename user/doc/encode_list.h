/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A list beside what it was in the moment before, in which new elements come between those
 * that were known: VMs, their vCPUs, their reasons, and what these were about.
 */
#ifndef EXITSTAT_DOC_ENCODE_LIST_H
#define EXITSTAT_DOC_ENCODE_LIST_H

#include "doc/encoder.h"

struct walk {
	const void *now, *was; /* NULL: it has none */
	size_t n, nwas, size;  /* of an element */
	bool (*same)(const void *a, const void *b);
	size_t at, from; /* of both lists, what comes next */
};

/*
 * The next, and *was, what it was: NULL, it is new. NULL: that was all, and where one that
 * was known has not come the encoder knows that something has shrunk.
 */
const void *walk_next(struct encoder *encoder, struct walk *walk, const void **was);
/* How many are new, if none has gone. */
size_t walk_nnew(const struct walk *walk);

#endif
