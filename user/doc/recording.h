/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The format of recordings, version 2: a run as its moments, each as what has changed since
 * the one before. All counts are since the start of the run, all times are ns. Integers of
 * fixed size are little-endian.
 *
 * The file: 8 bytes RECORDING_MAGIC, the version (u32), and blocks, each of which is written at
 * once when its moment has come, so that a file which was cut is good up to the last whole one:
 *
 *	u32 length  of what follows this head of 8
 *	u32 check   CRC-32 (zlib's), begun with the check of the block before (0 at first), of
 *	            what follows, and of the sections of which it is made
 *
 * So a block that is changed, missing, twice or elsewhere is found. What follows is
 * a u16 that says which of PACK_SECTIONS sections are not empty, 1 << section, and of each of these
 * a length (7 bits a byte, the lowest first, bit 7: there are more) and so many bytes. A section
 * of all blocks together is a zstd stream, which is flushed where a block ends. pack.h says what a
 * number is. The first block is the head of the file, each other one is a frame. The last has
 * RECORDING_END; a file without it is not whole, and neither is one with bytes behind it.
 *
 * The head, all of it in PACK_ONCE, in this order (text: its length, its bytes): the version
 * of exitstat that wrote it; the host's kernel, CPU, isa, tsc_khz, 1 if that was measured; of
 * APICv the use, how many reasons have names, and these; the run's start (seconds and
 * nanoseconds of CLOCK_REALTIME, then CLOCK_MONOTONIC), no_levels, kinds, parts, nslowest,
 * slowest_idle, as struct run has them; how many filters there are, and of each the members of
 * struct reason_filter.
 *
 * A frame, flags (a byte) in PACK_SHAPE, the rest where it says (changes are signed, of the value
 * in the frame before, or of 0, modulo 2^64):
 *
 * - enum recording_frame; with RECORDING_RESET all that was known is forgotten.
 * - in PACK_ONCE: by how much the run's ns grew, less what it grew in the frame before; by how
 *   much "end - start - ns" changed, and clock_set_ns; map_full, unpaired, missed, keys.
 * - VMs, by serial: how many are new (PACK_SHAPE), then of each known and each new one
 *   in their order enum recording_vm, and what that says. Likewise in a VM its vCPUs by id, and
 *   in a vCPU its reasons by isa, reason and level, but that a flag says whether any are new.
 *   What is new is written once, by its number (PACK_ONCE), and is known by its place from then on.
 * - with RECORDING_SELF, in PACK_ONCE: struct self.
 *
 * What a flag says follows in the order of the flags:
 *
 * - of a VM: serial, pid, name; ended + 2 * whole; of APICv known (0, 1), inhibits, and of each
 *   reason the changes of set and cleared; all in PACK_ONCE; vCPUs. Of a vCPU: id; reasons.
 * - of a reason: isa, reason, level (PACK_ONCE); EXITS and FRESH: see below; change of count, less
 *   that of the buckets (PACK_COUNT); of min_ns and max_ns (PACK_ONCE; before it is known,
 *   min_ns is 2^64 - 1); of each of part_ns (PACK_PART); details; of timed, less that of the
 *   buckets (PACK_COUNT); of sum_ns (PACK_SUM); of reflected (PACK_COUNT); slowest exits.
 * - EXITS: the growth of all buckets together, less what rates_expected() tells (PACK_COUNT, its
 *   last expected_noise() bits in PACK_BITS); FRESH: how many, then of each the index, less that of
 *   the one before it plus 1, and the count less 1 (PACK_ONCE). The buckets that were known are
 *   two shares, as share_has() says; if neither is empty, the growth of the rest. A share that is
 *   sparse (share_is_sparse()): for each exit how many places of the share it is behind the one
 *   before it (PACK_GAP), until all are told or one is in the last place, where the others then
 *   are, too. Else the growth of each, but for the last, which has what is left. Growth is
 *   written less expected_growth() (in quarters, rounded to the next number), where
 *   expected_section() says, its last expected_bits() in PACK_BITS. Then the growth of sum_ns, less
 *   what expected_sum_add() of all these buckets makes, with expected_sum_noise() (PACK_SUM).
 * - details, by kind, key, access and symbol: how many are new, how many are new or changed
 *   (PACK_KEY); the growth of all counts less that of the buckets (PACK_KEY_COUNT), and of all
 *   sum_ns less what that of EXITS is (PACK_KEY_SUM). Of each that is new or changed twice the
 *   number of known ones that lie between it and the one before it, and 1 more if accesses have
 *   another growth than count; where any are new, 1 if it is and then its key; if it is so, the
 *   growth of accesses less that of count (all PACK_KEY); the growth of count, less
 *   expected_part() of what is left for it and those behind it, by what it had and they, with
 *   expected_noise() (PACK_KEY_COUNT): the last has what is left. Then the growth of each sum_ns,
 *   less expected_part() of what is left, by expected_weight(), with expected_time_noise()
 *   (PACK_KEY_SUM), the last again without. A key: kind, access (a byte each), its change from
 *   the key of the event before it (0 at first; in slowest exits always from 0), a symbol: 0 for
 *   none, its number, or the next number, for a new one, of which key - address and name are in
 *   PACK_ONCE.
 * - slowest exits, in PACK_KEY: how many, and of each 0 if it is as it was in this place, else 1
 *   and entry_ns (from that of the last one written in the file), ns, part_ns, key, accesses,
 *   other_tid; other (PACK_ONCE).
 *
 * Version 1 has no sections behind PACK_BITS: part_ns is in PACK_SUM; of details there is no growth
 * of all, and of each that is new or changed, all in PACK_KEY: how many known ones lie between it
 * and the one before it, 1 if it is new and then its key, the changes of count, of accesses less
 * that of count, of sum_ns.
 *
 * A reader that finds a later version does not read it. Whatever changes any of this makes a
 * new version, whose reader still reads the old ones: tests/unit/recordings has a file of each.
 */
#ifndef EXITSTAT_DOC_RECORDING_H
#define EXITSTAT_DOC_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doc/pack.h"
#include "model/snapshot.h"

#define RECORDING_MAGIC \
	"\x93"          \
	"exitrec"
#define RECORDING_MAGIC_LEN 8u
#define RECORDING_VERSION   2u
/* Sections of version 1. */
#define RECORDING_SECTIONS_1 PACK_KEY_COUNT
#define RECORDING_FILE_HEAD  (RECORDING_MAGIC_LEN + 4u)
#define RECORDING_BLOCK_HEAD 8u

/* What no writer exceeds: bytes of a block, packed or not, and of the windows of zstd. */
#define RECORDING_MAX_BLOCK  (64u << 20)
#define RECORDING_WINDOW_LOG 17
/* Bytes that a reader needs for what a recording has at one moment. */
#define RECORDING_MAX_STATE   (1ull << 30)
#define RECORDING_MAX_FILTERS 1024u

enum recording_frame {
	RECORDING_RESET = 1,
	RECORDING_END = 2,
	RECORDING_SELF = 4,
};

enum recording_vm {
	RECORDING_VM_NEW = 1,	/* serial, pid, name */
	RECORDING_VM_STATE = 2, /* 1: ended, 2: whole, as a sum */
	RECORDING_VM_APICV = 4,
	RECORDING_VM_INSIDE = 8, /* vCPUs */
	RECORDING_VM_MORE = 16,	 /* some of these are new */
};

enum recording_vcpu {
	RECORDING_VCPU_NEW = 1,	   /* id */
	RECORDING_VCPU_INSIDE = 2, /* reasons */
	RECORDING_VCPU_MORE = 4,   /* some of these are new */
};

enum recording_reason {
	RECORDING_NEW = 1,   /* isa, reason, level */
	RECORDING_EXITS = 2, /* buckets have grown, and sum_ns */
	RECORDING_FRESH = 4, /* of these, some are new */
	RECORDING_COUNT = 8, /* count has grown by another number than the buckets */
	RECORDING_LIMITS = 16,
	RECORDING_PARTS = 32,
	RECORDING_DETAILS = 64,
	RECORDING_MORE = 128,	/* another byte follows: */
	RECORDING_TIMED = 1,	/* timed has grown by another number than the buckets */
	RECORDING_ONLY_SUM = 2, /* sum_ns has changed without them */
	RECORDING_REFLECTED = 4,
	RECORDING_SLOWEST = 8,
};

/* --- what both sides expect -------------------------------------------------------- */

/*
 * How many exits of each reason come in a frame, in sixteenths: a running mean, in the order
 * of all reasons there are. It is gone through once in each frame.
 */
struct rates {
	uint64_t *before, *now;
	size_t nbefore, nnow, room_before, room_now;
	size_t next;
	bool no_memory;
};

/* Of the next reason; of a new one 0. */
uint64_t rates_expected(const struct rates *rates, bool is_new);
/* It had so many. */
void rates_had(struct rates *rates, bool is_new, uint64_t exits);
/* The frame is done. 0 or -ENOMEM. */
int rates_end(struct rates *rates);
void rates_free(struct rates *rates);

/* Bits of noise in a number of which so many were expected. */
unsigned int expected_noise(uint64_t expected);

/* A part of a reason's buckets, in order, and what all of them have got in a frame. */
struct share {
	size_t n;
	uint16_t index[EXITSTAT_HIST_BUCKETS]; /* in the list of those that were known */
	uint64_t known;			       /* exits before */
	uint64_t exits;			       /* new ones */
};

/* Empty; what index has is left as it is, as this is done for each reason of each second. */
void share_begin(struct share *share);

/*
 * The buckets of which an exit or more is expected, as there are so many new ones of all; and
 * the rest, whose exits are few. known is of both together.
 */
bool share_has(uint64_t had, uint64_t exits, uint64_t known);
void share_add(struct share *share, size_t index, uint64_t had);

/* Of a part that had so many of the known ones, when all have so many new ones; in quarters. */
uint64_t expected_growth(uint64_t had, uint64_t exits, uint64_t known);
/* Where its number goes, and how many bits of it are noise. */
enum pack_section expected_section(uint64_t quarters);
unsigned int expected_bits(uint64_t quarters);
/* Few exits in many buckets: it is told where each is, not what each bucket has. */
bool share_is_sparse(const struct share *share);

/* The growth of keys: in all, or of what is left of them. */
struct keys_growth {
	uint64_t exits, ns;
	uint64_t known; /* exits before */
};

/* Of a whole as part is of all, both on the same scale. */
uint64_t expected_part(uint64_t whole, uint64_t part, uint64_t all);
/* How long so many exits took, as far as a key's time before tells, or else of all. */
uint64_t expected_weight(uint64_t exits, const struct detail *before,
			 const struct keys_growth *all);
unsigned int expected_time_noise(uint64_t ns, uint64_t exits);

/* What the exits of buckets took, as far as the buckets tell. */
struct expected_sum {
	uint64_t ns;
	unsigned __int128 variance; /* times 12, about */
};

void expected_sum_add(struct expected_sum *sum, uint32_t bucket, uint64_t exits);
unsigned int expected_sum_noise(const struct expected_sum *sum);

#endif
