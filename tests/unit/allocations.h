/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that runs out when a test wants it to: each allocation of what is tested and of
 * the JSON library is counted (the linker's --wrap, see the Makefile), and fails when it
 * is its turn.
 */
#ifndef EXITSTAT_UNIT_ALLOCATIONS_H
#define EXITSTAT_UNIT_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* From here on the nth allocation fails, counted from 1, and all later ones too, or not. */
void allocations_fail(size_t nth, bool all_later);
/* No more; how many there were. */
size_t allocations_end(void);

#endif
