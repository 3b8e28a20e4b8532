// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "doc/decode_list.h"

/* Elements of any list: of VMs, of a VM's vCPUs and so on. */
#define MAX_LIST 65536u

size_t take_nnew(struct decoder *d, enum pack_section section)
{
	return unpack_most(&d->unpack, section, MAX_LIST);
}

void merge_begin(struct decoder *d, struct merge *merge, void *array, size_t *n, size_t size,
		 size_t nnew)
{
	char *list;

	memcpy(&list, array, sizeof(list));
	*merge = (struct merge){ .list = list, .size = size, .total = *n };
	if (!nnew || decoder_failed(d))
		return;
	d->bytes += nnew * size;
	if (d->bytes > RECORDING_MAX_STATE) {
		d->unpack.failed = true;
		return;
	}
	list = reallocarray(list, *n + nnew, size);
	if (!list) {
		d->no_memory = true;
		return;
	}
	memmove(list + nnew * size, list, *n * size);
	*merge = (struct merge){ list, size, *n + nnew, 0, nnew };
	memcpy(array, &list, sizeof(list));
}

void *merge_next(struct decoder *d, struct merge *merge, bool is_new)
{
	char *place;

	if (decoder_failed(d) || merge->at == merge->total ||
	    (is_new ? merge->at == merge->from : merge->from == merge->total)) {
		d->unpack.failed = true;
		return NULL;
	}
	place = merge->list + merge->at * merge->size;
	if (is_new)
		memset(place, 0, merge->size);
	else if (merge->at != merge->from)
		memcpy(place, merge->list + merge->from * merge->size, merge->size);
	merge->from += !is_new;
	merge->at++;
	return place;
}

bool merge_is_done(const struct decoder *d, const struct merge *merge)
{
	return merge->at == merge->total || decoder_failed(d);
}

void merge_end(const struct merge *merge, size_t *n)
{
	size_t left = merge->total - merge->from;

	if (left && merge->at != merge->from)
		memmove(merge->list + merge->at * merge->size,
			merge->list + merge->from * merge->size, left * merge->size);
	*n = merge->at + left;
}
