/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Each number that was read in the guest is one that KVM gave, and the host's document
 * has what KVM gave and when: the guest's numbers are a part of that list, in its order.
 */
#ifndef EXITSTAT_COMPARE_ANSWERS_H
#define EXITSTAT_COMPARE_ANSWERS_H

#include "compare/numbers.h"

/* Find each number's answer; judge those that have none. How many have, or -ENOMEM. */
long answers_find(struct numbers *numbers);

#endif
