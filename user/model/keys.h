/* SPDX-License-Identifier: GPL-2.0-only */
/* What the keys of exits are called: model/detail.h has the keys. */
#ifndef EXITSTAT_MODEL_KEYS_H
#define EXITSTAT_MODEL_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/detail.h"

#define KEY_TEXT_LEN 48
#define KEY_NAME_LEN 160

/* "io", "msr" and so on; "rest" and "none" of those that are no enum exitstat_kind. */
const char *kind_name(uint8_t kind);

/* Of enum exitstat_kind only. False: no kind has this name. */
bool kind_find(const char *text, uint8_t *kind);

/* "in", "wrmsr", "exec"; NULL where the kind knows no such access. */
const char *access_name(uint8_t kind, uint8_t access);

/* The key as the field writes it, e.g. "0x3f8", "0x7/0x1", "236 (0xec)"; "" of no kind's. */
void key_text(char text[KEY_TEXT_LEN], const struct detail *detail);

/* What has this key, e.g. "COM1 THR/DLL", "IA32_TSC_DEADLINE", "native_halt+0xe". False: nothing we
 * know. */
bool key_name(char name[KEY_NAME_LEN], const struct detail *detail);

#endif
