/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole numbers in as few bytes as they need: seven bits a byte, the lowest first. They are in
 * memory only, and are taken as they were put.
 */
#ifndef EXITSTAT_MODEL_PACKED_H
#define EXITSTAT_MODEL_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct packer {
	uint8_t *bytes;
	size_t n, room;
	bool no_memory;
};

void packed_put(struct packer *packer, uint64_t value);
/* With how many there are in front. */
void packed_put_bytes(struct packer *packer, const void *bytes, size_t n);

/* What can be passed over: begin says where its length belongs, which end knows. */
size_t packed_begin_part(struct packer *packer);
void packed_end_part(struct packer *packer, size_t at);

struct unpacker {
	const uint8_t *at;
};

static inline uint64_t packed_get(struct unpacker *unpacker)
{
	uint64_t value = 0;
	unsigned int shift = 0;

	for (; *unpacker->at & 0x80; unpacker->at++, shift += 7)
		value |= (uint64_t)(*unpacker->at & 0x7f) << shift;
	return value | (uint64_t)*unpacker->at++ << shift;
}

/* Of the part that begins here: where it ends. */
static inline const uint8_t *packed_get_part(struct unpacker *unpacker)
{
	uint32_t length;

	memcpy(&length, unpacker->at, sizeof(length));
	unpacker->at += sizeof(length);
	return unpacker->at + length;
}

/* Bytes that were put, as text; what there is no room for is left out. */
void packed_get_text(struct unpacker *unpacker, char *text, size_t size);

#endif
