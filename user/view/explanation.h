/* SPDX-License-Identifier: GPL-2.0-only */
/* What model/explain.h has, as text of 80 columns. */
#ifndef EXITSTAT_VIEW_EXPLANATION_H
#define EXITSTAT_VIEW_EXPLANATION_H

#include <stdint.h>
#include <stdio.h>

#include "model/explain.h"

/* What lies between such an exit and the next entry; NULL: there is no such exit. */
const char *explanation_time(enum away away);

/* A reason that explain_reason() knows, with VMX's flags. */
void explanation_print(FILE *out, uint32_t isa, uint32_t reason);

/* All reasons of the ISA, one a line. 0 or -ENOMEM. */
int explanation_list(FILE *out, uint32_t isa);

#endif
