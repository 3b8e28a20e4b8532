/* SPDX-License-Identifier: GPL-2.0-only */
/* A table of what a group's exits were about. */
#ifndef EXITSTAT_VIEW_DETAILS_H
#define EXITSTAT_VIEW_DETAILS_H

#include <stdio.h>

#include "view/groups.h"

/* 0 or -ENOMEM. */
int details_print(FILE *out, const struct group *group, unsigned int sort);

#endif
