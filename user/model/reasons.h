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

/* The code that has this name, in any case. False: none has. */
bool reason_find(uint32_t isa, const char *name, uint32_t *code);

#endif
