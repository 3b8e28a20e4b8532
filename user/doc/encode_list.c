// SPDX-License-Identifier: GPL-2.0-only
#include "doc/encode_list.h"

const void *walk_next(struct encoder *e, struct walk *walk, const void **was)
{
	const char *now = walk->now, *old = walk->was;

	*was = NULL;
	if (walk->at == walk->n) {
		e->shrunk |= walk->from != walk->nwas;
		return NULL;
	}
	now += walk->at++ * walk->size;
	if (walk->from == walk->nwas)
		return now;
	old += walk->from * walk->size;
	if (walk->same(old, now)) {
		walk->from++;
		*was = old;
	}
	return now;
}

size_t walk_nnew(const struct walk *walk)
{
	return walk->n - walk->nwas;
}
