/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Documents that are changed as documents: what is changed byte by byte is no JSON any
 * more, and then it is only jansson that reads it.
 */
#ifndef EXITSTAT_FUZZ_CHANGE_JSON_H
#define EXITSTAT_FUZZ_CHANGE_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* What makes a document of its kind consistent again, such as its sums and its seal. */
typedef void mend_fn(json_t *root);

/* For LLVMFuzzerCustomMutator(): half of the documents are mended. */
size_t change_json(uint8_t *data, size_t size, size_t max, unsigned int seed, mend_fn *mend);

/* For LLVMFuzzerCustomCrossOver(): parts of one document in the other. */
size_t cross_json(const uint8_t *one, size_t one_size, const uint8_t *other, size_t other_size,
		  uint8_t *out, size_t max, unsigned int seed, mend_fn *mend);

/*
 * What libFuzzer keeps is mostly what is refused in a new way, and the changes of that are
 * refused as well: those of an accepted document are what comes further.
 */
void keep_accepted(const uint8_t *data, size_t size);

/* The kinds there are. */
mend_fn mend_host, mend_guest, mend_pair;

#endif
