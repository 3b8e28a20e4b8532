/* SPDX-License-Identifier: GPL-2.0-only */
/* What each number may be, by what the host counted and by the other numbers. */
#ifndef EXITSTAT_COMPARE_CHECKS_H
#define EXITSTAT_COMPARE_CHECKS_H

#include "compare/numbers.h"

/* A count is more than the host's at its place: the guest has run before the host's run. */
bool checks_say_older(const struct numbers *numbers);

/*
 * Judge all numbers, which have their places; of an older VM by what grew between readings.
 * How many counts were held against the host's.
 */
size_t checks_run(struct numbers *numbers, bool older);

#endif
