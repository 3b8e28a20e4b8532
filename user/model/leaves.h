/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The CPUID leaves by which a patched KVM tells a guest about its exits, as
 * kernel-patch/ defines them: their numbers, and what an answer says. Nothing
 * here executes CPUID.
 */
#ifndef EXITSTAT_MODEL_LEAVES_H
#define EXITSTAT_MODEL_LEAVES_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/exitstat.h"
#include "base/error.h"

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/* The leaf that says who answers; its subleaf 0 is signed, 1 has the rest. */
#define LEAF_WHO      (EXITSTAT_LEAF_FIRST + 2)
#define LEAF_WHO_TEXT "0x4ffffffb"
#define LEAVES_ABI    1u
#define LAYOUT_2021   2021u
#define LAYOUT_2022   2022u

struct who {
	uint32_t abi;
	uint32_t layout;
	uint32_t isa;	  /* enum exitstat_isa */
	uint32_t reasons; /* how many the manual defines */
	uint32_t tsc_khz; /* of the host */
};

enum leaf {
	LEAF_COUNT_ALL,
	LEAF_HANDLED_ALL,
	LEAF_AWAY_ALL,
	/* The rest are asked about the reason in ECX. */
	LEAF_COUNT,
	LEAF_HANDLED,
	LEAF_AWAY,
};

enum answer {
	ANSWER_VALUE,
	ANSWER_UNDEFINED, /* the manual does not define this reason */
	ANSWER_NONSENSE,  /* not what the ABI allows */
};

/* Does this answer to subleaf 0 of LEAF_WHO carry the signature, all of it? */
bool who_is_signed(const struct cpuid_regs *subleaf0);

/* From the answers to both subleaves; 0, or -1 with err where they are not for us. */
int who_decode(struct who *who, const struct cpuid_regs *subleaf0,
	       const struct cpuid_regs *subleaf1, struct error *err);

/* The leaf's number in this layout. */
uint32_t leaf_number(uint32_t layout, enum leaf leaf);

/* Is this the number of one of the leaves, the one that says who answers included? */
bool is_leaf_number(uint32_t number);

/* What the leaf is the sum of: "count", "handled" or "away". */
const char *leaf_sum(enum leaf leaf);

/* The same for documents, "total_count" where it is of all reasons; and for people,
 * "all exits", or "exits of", to be followed by a reason's name.
 */
const char *leaf_key(enum leaf leaf);
const char *leaf_text(enum leaf leaf);

/* Fills in value only for ANSWER_VALUE. */
enum answer leaf_decode(enum leaf leaf, const struct cpuid_regs *regs, uint64_t *value);

/* The reason of a CPUID exit, which asking is. */
uint32_t cpuid_reason(uint32_t isa);

/*
 * The reason that one of KVM's counters is of, the inverse of exitstat_counter(). Of
 * the last, which has what no other counter has, it is one of those that have none.
 */
uint32_t counter_reason(uint32_t counter);

/* The same where the leaf is known by its number; that of none of them: ANSWER_NONSENSE. */
enum answer leaf_answer(uint32_t layout, uint32_t number, const struct cpuid_regs *regs,
			enum leaf *leaf, uint64_t *value);

/*
 * A patched KVM defines the codes of the manuals of 2022, and those that the headers of its
 * kernel got since, see enum edition. So how many it says it defines tells which. Only for
 * what was read of a host that cannot be asked any more.
 */
enum definition {
	CODE_UNDEFINED,
	CODE_DEFINED,
	CODE_UNKNOWN, /* some kernels do, and total is 0: it was not read */
};

enum definition leaves_define(uint32_t isa, uint32_t total, uint32_t code);

/* Is there such a total? */
bool leaves_have_total(uint32_t isa, uint32_t total);

#endif
