/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef EXITSTAT_MODEL_REASONS_H
#define EXITSTAT_MODEL_REASONS_H

#include <stdbool.h>
#include <stdint.h>

#define REASON_NAME_LEN 128 /* room for all flags at once */

/* "vmx", "svm", or "unknown". */
const char *isa_name(uint32_t isa);

/*
 * The name of a reason as the field writes it, flags included, e.g. "CPUID",
 * "EPT_VIOLATION", "INVALID_STATE+FAILED_ENTRY"; a number where there is none.
 */
void reason_name(char name[REASON_NAME_LEN], uint32_t isa, uint32_t reason);

/* A full reason word split as the JSON has it: code and the flags above it. */
uint32_t reason_code(uint32_t isa, uint32_t reason);
uint32_t reason_flags(uint32_t isa, uint32_t reason);

/*
 * What is the first to define a code: of VMX without its flags. 2022 are the manuals of
 * the time when Linux 6.1 came out: Intel's of December, AMD's of October. What the
 * kernel's headers got since is in steps, those of an ISA in the order in which they came.
 */
enum edition {
	EDITION_NONE, /* not defined */
	EDITION_2022,
	EDITION_KERNEL_1,
	EDITION_KERNEL_2,
	EDITION_KERNEL_3,
	EDITION_KERNEL = EDITION_KERNEL_3, /* the last step */
	EDITION_LATER,			   /* of a manual, in no header */
	EDITION_GHCB,			   /* of SEV-ES's protocol, in no table of the manual */
};

enum edition reason_edition(uint32_t isa, uint32_t code);

/* The guest has nothing to do: HLT. */
bool reason_is_idle(uint32_t isa, uint32_t reason);

/* The code that has this name, in any case. False: none has. */
bool reason_find(uint32_t isa, const char *name, uint32_t *code);

/* The first code from *code on that has a name; false: there is none. */
bool reason_next(uint32_t isa, uint64_t *code);

/* The name of one of VMX's flags, or NULL. */
const char *reason_flag_name(uint32_t flag);

#endif
