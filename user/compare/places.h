/* SPDX-License-Identifier: GPL-2.0-only */
/* Between which of the host's moments was each number read? */
#ifndef EXITSTAT_COMPARE_PLACES_H
#define EXITSTAT_COMPARE_PLACES_H

#include "compare/numbers.h"

/* When KVM gave that answer; what is no answer was read between those that are. */
void places_by_answers(struct numbers *numbers);

/* Some time in the host's run: all that is known without answers of a VM that is older. */
void places_in_run(struct numbers *numbers);

/* Of one that is not, by the counts themselves: they only grow. */
void places_by_counts(struct numbers *numbers);

#endif
