/* SPDX-License-Identifier: GPL-2.0-only */
/* Lists, in which new elements come between those that are known. */
#ifndef EXITSTAT_DOC_DECODE_LIST_H
#define EXITSTAT_DOC_DECODE_LIST_H

#include "doc/decoder.h"

struct merge {
	char *list;
	size_t size;
	size_t total, at, from; /* [at, from) is free, what is known and not yet seen follows */
};

/* How many are new. */
size_t take_nnew(struct decoder *decoder, enum pack_section section);

/* array: the address of the pointer. Room for so many new ones. */
void merge_begin(struct decoder *decoder, struct merge *merge, void *array, size_t *n, size_t size,
		 size_t nnew);
/* The next: a new one is all 0. NULL: there is none. */
void *merge_next(struct decoder *decoder, struct merge *merge, bool is_new);
bool merge_is_done(const struct decoder *decoder, const struct merge *merge);
/* Those that were not reached are kept, so that they can be freed. */
void merge_end(const struct merge *merge, size_t *n);

#endif
