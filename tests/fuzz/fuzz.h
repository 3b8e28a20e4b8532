/* SPDX-License-Identifier: GPL-2.0-only */
/* What the harnesses share. Each is libFuzzer's LLVMFuzzerTestOneInput(). */
#ifndef EXITSTAT_FUZZ_H
#define EXITSTAT_FUZZ_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "doc/findings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *other,
				 size_t other_size, uint8_t *out, size_t max, unsigned int seed);

/* What has to hold of every input: else it is a crash, which libFuzzer keeps. */
#define EXPECT(condition)                                                \
	do {                                                             \
		if (!(condition))                                        \
			fuzz_broken(__FILE__, __LINE__, #condition, ""); \
	} while (0)
#define EXPECT_SAME(one, other)                                                 \
	do {                                                                    \
		if (strcmp(one, other))                                         \
			fuzz_broken(__FILE__, __LINE__, "the same twice", one); \
	} while (0)

_Noreturn void fuzz_broken(const char *file, int line, const char *what, const char *value);

/* A file with these bytes, of which there can be two; the name is good until the next call. */
const char *fuzz_file(int which, const void *data, size_t size);

/* A copy with '\0' behind it, which the caller frees. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Not text that has power over a terminal, nor over the next line. */
void expect_printable(const char *text);
/* One line, and a status that is one. */
void expect_error(const struct error *err);

/* What the seal of a document tells is in findings, and it is true. */
void expect_seal(const json_t *root, const struct findings *findings);

#endif
