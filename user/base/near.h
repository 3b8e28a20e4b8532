/* SPDX-License-Identifier: GPL-2.0-only */
/* Of a word that is not known: which one was meant. */
#ifndef EXITSTAT_BASE_NEAR_H
#define EXITSTAT_BASE_NEAR_H

#include <stddef.h>

#define NEAR 2 /* as with more letters wrong another word is meant */

/* How many letters must be added, taken away or changed to make one of the other (Levenshtein). */
size_t distance(const char *a, const char *b);

#endif
