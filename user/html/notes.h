/* SPDX-License-Identifier: GPL-2.0-only */
/* How to read a page, and what its numbers are. */
#ifndef EXITSTAT_HTML_NOTES_H
#define EXITSTAT_HTML_NOTES_H

#include <stdio.h>

#include "model/run.h"

/* For who has never seen one. */
void notes_print_intro(FILE *out);

/* As the tables of a terminal end with. 0 or -ENOMEM. */
int notes_print(FILE *out, const struct run *run);

#endif
