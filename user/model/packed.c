// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "model/packed.h"

static bool make_room(struct packer *packer, size_t more)
{
	size_t room = packer->room ?: 4096;
	uint8_t *bytes;

	while (room < packer->n + more)
		room *= 2;
	if (room == packer->room)
		return true;
	bytes = packer->no_memory ? NULL : realloc(packer->bytes, room);
	if (!bytes) {
		packer->no_memory = true;
		return false;
	}
	packer->bytes = bytes;
	packer->room = room;
	return true;
}

void packed_put(struct packer *packer, uint64_t value)
{
	if (!make_room(packer, 10))
		return;
	for (; value >= 0x80; value >>= 7)
		packer->bytes[packer->n++] = (uint8_t)(value | 0x80);
	packer->bytes[packer->n++] = (uint8_t)value;
}

void packed_put_bytes(struct packer *packer, const void *bytes, size_t n)
{
	packed_put(packer, n);
	if (!make_room(packer, n))
		return;
	memcpy(packer->bytes + packer->n, bytes, n);
	packer->n += n;
}

size_t packed_begin_part(struct packer *packer)
{
	size_t at = packer->n;

	if (make_room(packer, sizeof(uint32_t)))
		packer->n += sizeof(uint32_t);
	return at;
}

void packed_end_part(struct packer *packer, size_t at)
{
	uint32_t length;

	if (packer->no_memory)
		return;
	length = (uint32_t)(packer->n - at - sizeof(length));
	memcpy(packer->bytes + at, &length, sizeof(length));
}

void packed_get_text(struct unpacker *unpacker, char *text, size_t size)
{
	size_t n = packed_get(unpacker), len = n < size ? n : size - 1;

	memcpy(text, unpacker->at, len);
	text[len] = '\0';
	unpacker->at += n;
}
