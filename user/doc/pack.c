// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "doc/pack.h"

/* Below this a number is its own symbol. */
#define SMALL 8u
/* Of a larger one, what the symbol has: the leading 1 and so many bits. */
#define LEADING 2u

static unsigned int bits_of(uint64_t value)
{
	return 64 - (unsigned int)__builtin_clzll(value);
}

static uint64_t low_bits(uint64_t value, unsigned int n)
{
	return n < 64 ? value & ((1ull << n) - 1) : value;
}

static uint64_t zigzag(uint64_t value)
{
	return value << 1 ^ -(value >> 63);
}

static uint64_t unzigzag(uint64_t value)
{
	return value >> 1 ^ -(value & 1);
}

/* As >> of a signed number, whatever the compiler makes of that. */
static uint64_t shift_down(uint64_t value, unsigned int bits)
{
	return value >> 63 ? ~(~value >> bits) : value >> bits;
}

/* --- to be written ------------------------------------------------------------- */

static bool make_room(struct pack *pack, enum pack_section section)
{
	size_t room = pack->section[section].room * 2 ?: 256;
	uint8_t *grown;

	if (pack->section[section].n < pack->section[section].room)
		return true;
	grown = realloc(pack->section[section].bytes, room);
	if (!grown) {
		pack->no_memory = true;
		return false;
	}
	pack->section[section].bytes = grown;
	pack->section[section].room = room;
	return true;
}

void pack_byte(struct pack *pack, enum pack_section section, uint8_t byte)
{
	if (make_room(pack, section))
		pack->section[section].bytes[pack->section[section].n++] = byte;
}

static void put_bits(struct pack *pack, uint64_t value, unsigned int n)
{
	while (n) {
		unsigned int some = n < 8 - pack->nbits ? n : 8 - pack->nbits;

		pack->bits |= (uint8_t)(low_bits(value, some) << pack->nbits);
		pack->nbits += some;
		value >>= some;
		n -= some;
		if (pack->nbits == 8)
			pack_finish(pack);
	}
}

void pack_finish(struct pack *pack)
{
	if (pack->nbits)
		pack_byte(pack, PACK_BITS, pack->bits);
	pack->bits = 0;
	pack->nbits = 0;
}

void pack_number(struct pack *pack, enum pack_section section, uint64_t value)
{
	unsigned int n;

	if (value < SMALL) {
		pack_byte(pack, section, (uint8_t)value);
		return;
	}
	n = bits_of(value) - 1 - LEADING;
	pack_byte(pack, section, (uint8_t)(SMALL + 4 * (n - 1) + (value >> n & 3)));
	put_bits(pack, value, n);
}

void pack_signed(struct pack *pack, enum pack_section section, uint64_t value)
{
	pack_number(pack, section, zigzag(value));
}

void pack_noise(struct pack *pack, enum pack_section section, uint64_t value, unsigned int bits)
{
	pack_signed(pack, section, shift_down(value, bits));
	put_bits(pack, value, bits);
}

void pack_text(struct pack *pack, const char *text)
{
	char printable[PACK_MAX_TEXT];

	copy_cut(printable, sizeof(printable), text);
	make_printable(printable);
	pack_number(pack, PACK_ONCE, strlen(printable));
	for (const char *at = printable; *at; at++)
		pack_byte(pack, PACK_ONCE, (uint8_t)*at);
}

size_t pack_mark(const struct pack *pack)
{
	return pack->section[PACK_SHAPE].n;
}

void pack_unchanged(struct pack *pack, size_t mark)
{
	if (!pack->no_memory)
		pack->section[PACK_SHAPE].n = mark + 1;
}

void pack_flags(struct pack *pack, size_t mark, uint8_t byte)
{
	if (!pack->no_memory)
		pack->section[PACK_SHAPE].bytes[mark] = byte;
}

void pack_empty(struct pack *pack)
{
	for (size_t i = 0; i < PACK_SECTIONS; i++)
		pack->section[i].n = 0;
	pack->bits = 0;
	pack->nbits = 0;
	pack->no_memory = false;
}

void pack_free(struct pack *pack)
{
	for (size_t i = 0; i < PACK_SECTIONS; i++)
		free(pack->section[i].bytes);
	*pack = (struct pack){ 0 };
}

/* --- as read ---------------------------------------------------------------------- */

uint8_t unpack_byte(struct unpack *unpack, enum pack_section section)
{
	if (unpack->failed || unpack->section[section].at == unpack->section[section].end) {
		unpack->failed = true;
		return 0;
	}
	return *unpack->section[section].at++;
}

static uint64_t get_bits(struct unpack *unpack, unsigned int n)
{
	uint64_t value = 0;
	unsigned int got = 0;

	while (got < n) {
		unsigned int some;

		if (!unpack->nbits) {
			unpack->bits = unpack_byte(unpack, PACK_BITS);
			unpack->nbits = 8;
		}
		some = n - got < unpack->nbits ? n - got : unpack->nbits;
		value |= low_bits(unpack->bits, some) << got;
		unpack->bits = (uint8_t)(unpack->bits >> some);
		unpack->nbits -= some;
		got += some;
	}
	return value;
}

uint64_t unpack_number(struct unpack *unpack, enum pack_section section)
{
	unsigned int symbol = unpack_byte(unpack, section), n;

	if (symbol < SMALL)
		return symbol;
	n = (symbol - SMALL) / 4 + 1;
	if (n + 1 + LEADING > 64) {
		unpack->failed = true;
		return 0;
	}
	return (4ull | (symbol - SMALL) % 4) << n | get_bits(unpack, n);
}

uint64_t unpack_most(struct unpack *unpack, enum pack_section section, uint64_t max)
{
	uint64_t value = unpack_number(unpack, section);

	if (value <= max)
		return value;
	unpack->failed = true;
	return 0;
}

uint64_t unpack_signed(struct unpack *unpack, enum pack_section section)
{
	return unzigzag(unpack_number(unpack, section));
}

uint64_t unpack_noise(struct unpack *unpack, enum pack_section section, unsigned int bits)
{
	uint64_t high = unpack_signed(unpack, section);

	return high << bits | get_bits(unpack, bits);
}

void unpack_text(struct unpack *unpack, char *text, size_t size)
{
	uint64_t len = unpack_most(unpack, PACK_ONCE, size - 1);
	char printable[PACK_MAX_TEXT];

	for (uint64_t i = 0; i < len; i++) {
		text[i] = (char)unpack_byte(unpack, PACK_ONCE);
		if (!text[i])
			unpack->failed = true;
	}
	text[len] = '\0';
	copy_cut(printable, sizeof(printable), text);
	make_printable(printable);
	if (strcmp(printable, text))
		unpack->failed = true;
}

bool unpack_is_done(const struct unpack *unpack)
{
	for (size_t i = 0; i < PACK_SECTIONS; i++)
		if (unpack->section[i].at != unpack->section[i].end)
			return false;
	return !unpack->failed && !unpack->bits;
}
