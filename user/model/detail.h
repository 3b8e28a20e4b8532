/* SPDX-License-Identifier: GPL-2.0-only */
/* What the exits of a reason were about: its keys, as enum exitstat_kind has them. */
#ifndef EXITSTAT_MODEL_DETAIL_H
#define EXITSTAT_MODEL_DETAIL_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/exitstat.h"

/* Beside enum exitstat_kind: exits with a key for which there was no room, */
#define DETAIL_REST ((uint8_t)EXITSTAT_KINDS)
/* and, made when it is shown, those without a key. */
#define DETAIL_NONE ((uint8_t)(EXITSTAT_KINDS + 1))

struct symbol;

struct detail {
	uint8_t kind, access; /* access: enum exitstat_access */
	uint64_t key;
	uint64_t count; /* exits */
	uint64_t accesses;
	uint64_t sum_ns;
	/* Of a RIP: the function that it is in, where its guest's symbols are known. */
	const struct symbol *symbol;
};

/* By kind, key, access, and of RIPs symbol; no two are of the same. */
struct details {
	size_t n;
	struct detail *list;
};

/* Their order. */
int details_compare(const struct detail *a, const struct detail *b);

/* Unsorted; NULL: no memory. */
struct detail *details_add(struct details *details, const struct detail *detail);
void details_sort(struct details *details);
void details_free(struct details *details);

/* Both are sorted. What now has more than before, which is a subset; 0 or -ENOMEM. */
int details_subtract(struct details *growth, const struct details *now,
		     const struct details *before);
/* 0 or -ENOMEM. */
int details_accumulate(struct details *sum, const struct details *src);

/* All exits, accesses and times together. */
struct detail details_total(const struct details *details);

#endif
