/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said beside the tables. */
#ifndef EXITSTAT_VIEW_NOTES_H
#define EXITSTAT_VIEW_NOTES_H

#include <stdio.h>

#include "model/run.h"

/* What was not counted, which every output says. */
void notes_losses(FILE *out, const struct losses *losses);

/* What the times are. */
void notes_clock(FILE *out, const struct run *run);

/* That exits of nested guests are not told apart, where there may be any. */
void notes_levels(FILE *out, const struct run *run);

/* What it cost; run->self was measured. */
void notes_self(FILE *out, const struct run *run);

#endif
