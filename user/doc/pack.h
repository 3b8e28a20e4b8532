/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as a block of a recording has them, before they are compressed: in sections of
 * what is alike, so that each compresses well.
 *
 * A number is a byte, its symbol, and as many bits as that says, which are in a section of
 * their own: they are noise. Symbols below 8 are the number; from there on there are four to
 * an octave: 8 + 4 * (n - 4) + t stands for a number of n bits, at least 4, whose
 * leading bits are 1 and the two of t; the n - 3 that are left follow, the lowest first. A signed
 * number is written as 2 * v, or -2 * v - 1 where it is negative.
 */
#ifndef EXITSTAT_DOC_PACK_H
#define EXITSTAT_DOC_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Their numbers are part of the format. */
enum pack_section {
	PACK_SHAPE, /* what has changed: flags, how many are new */
	PACK_ONCE,  /* names, codes, whatever comes once */
	PACK_COUNT, /* how many exits, without what was expected */
	PACK_SUM,   /* how long they took, the same */
	PACK_GAP,   /* from an exit's bucket to the next one's, where few have any */
	PACK_FEW,   /* growth of a bucket of which less than one was expected */
	PACK_SOME,  /* less than 4 */
	PACK_MORE,  /* less than 16 */
	PACK_MANY,
	PACK_KEY, /* details, slowest exits */
	PACK_BITS,
	PACK_KEY_COUNT, /* a key's exits, without what was expected */
	PACK_KEY_SUM,	/* how long they took, the same */
	PACK_PART,	/* of which parts that time was */
	PACK_SECTIONS,
};

#define PACK_MAX_TEXT 256u

/* --- to be written ------------------------------------------------------------- */

struct pack {
	struct {
		uint8_t *bytes;
		size_t n, room;
	} section[PACK_SECTIONS];
	uint8_t bits; /* of the last byte, not full yet */
	unsigned int nbits;
	bool no_memory;
};

void pack_byte(struct pack *pack, enum pack_section section, uint8_t byte);
void pack_number(struct pack *pack, enum pack_section section, uint64_t value);
void pack_signed(struct pack *pack, enum pack_section section, uint64_t value);
/* A signed number that is mostly noise in its last bits: these go to the bits. */
void pack_noise(struct pack *pack, enum pack_section section, uint64_t value, unsigned int bits);
/* What can be printed of it, as nothing else is taken back. */
void pack_text(struct pack *pack, const char *text);

/* What has been written to PACK_SHAPE, for pack_unchanged() and pack_flags(). */
size_t pack_mark(const struct pack *pack);
/* Nothing was written since but this byte, and zeros to PACK_SHAPE: without those. */
void pack_unchanged(struct pack *pack, size_t mark);
/* Another byte than was written there. */
void pack_flags(struct pack *pack, size_t mark, uint8_t byte);

void pack_finish(struct pack *pack);
void pack_empty(struct pack *pack);
void pack_free(struct pack *pack);

/* --- as read ---------------------------------------------------------------------- */

struct unpack {
	struct {
		const uint8_t *at, *end;
	} section[PACK_SECTIONS];
	uint8_t bits;
	unsigned int nbits;
	bool failed; /* there was less than wanted, or no such number: all is 0 from then on */
};

uint8_t unpack_byte(struct unpack *unpack, enum pack_section section);
uint64_t unpack_number(struct unpack *unpack, enum pack_section section);
/* At most max, else it fails. */
uint64_t unpack_most(struct unpack *unpack, enum pack_section section, uint64_t max);
uint64_t unpack_signed(struct unpack *unpack, enum pack_section section);
uint64_t unpack_noise(struct unpack *unpack, enum pack_section section, unsigned int bits);
/* Without a 0 in it, and printable; longer than size, at most PACK_MAX_TEXT, it fails. */
void unpack_text(struct unpack *unpack, char *text, size_t size);
/* All has been taken, and nothing failed. */
bool unpack_is_done(const struct unpack *unpack);

#endif
