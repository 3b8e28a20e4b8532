/* SPDX-License-Identifier: GPL-2.0-only */
/* Did the guest's counters start again while it read them? */
#ifndef EXITSTAT_COMPARE_STARTED_H
#define EXITSTAT_COMPARE_STARTED_H

#include "compare/numbers.h"

/*
 * The first number read of a VM that was migrated or restored in the midst of the file, so
 * that not all of it is of the host's VM; NULL: there is none. Not where the host saw KVM
 * give what was read before and after: then that KVM is wrong. 0 or -ENOMEM.
 */
int started_again(const struct numbers *numbers, const struct number **at);

#endif
